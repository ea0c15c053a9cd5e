"""The audit log: who changed what, when and from where. Only this module knows django-auditlog.

Saving an asset, tag, collection, person, or a search or set of the team is recorded automatically, and so is setting
the tags or collections of an asset. Stored files are not: most of their changes are made by the worker. Changes in one
statement (`update()`, `bulk_create()`) are recorded with `record_changes()`. An asset that is deleted permanently
keeps its records, without its words. Passwords and keys are never recorded.
"""

import sys
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from auditlog.context import disable_auditlog
from auditlog.diff import model_instance_diff
from auditlog.models import LogEntry as LogEntry  # for those who read the log
from auditlog.registry import auditlog
from auditlog.signals import pre_log
from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet
from django.db.models.signals import post_delete, pre_save
from django.utils import timezone

from assets.audit import owners
from assets.models import Asset, Collection, ReferenceSet, SavedSearch, Share, Tag, User, Visibility

ASSET_FIELDS = ("title", "description", "visibility", "trashed_at", "owner")
LABEL_FIELDS = ("tags", "collections")
# Without the last sign-in, which nobody changes, and the password, of which only the fact of a change is recorded.
ACCOUNT_FIELDS = ("username", "first_name", "last_name", "email", "role", "is_active")
# Without its title, which may be that of a private asset, and the views, which nobody makes.
SHARE_FIELDS = (
    "expires_at", "revoked_at", "shows_urls", "allows_downloads", "includes_private", "includes_later", "collection",
)  # fmt: skip
SET_FIELDS = ("title", "note", "model", "visibility", "deleted_at")
DELETED_ASSET = "Deleted asset"
BATCH_SIZE = 500


@dataclass(frozen=True)
class Actor:
    """Who makes a change: a person, or the command or task of that name. `cid` is common to one request or run."""

    user: User | AnonymousUser | None = None
    name: str = ""
    client_ip: str | None = None
    cid: str = field(default_factory=lambda: uuid.uuid4().hex)

    def sign(self, log_entry: LogEntry) -> None:
        if self.user is not None and self.user.is_authenticated:
            log_entry.actor_id = self.user.pk
        if name := self.name or (self.user.get_username() if self.user is not None else ""):
            # Stays when the account is deleted.
            log_entry.additional_data = {**(log_entry.additional_data or {}), "by": name}
        log_entry.remote_addr = self.client_ip
        log_entry.cid = self.cid


_actor: ContextVar[Actor | None] = ContextVar("actor", default=None)


def register() -> None:
    """Start recording; called once, when the application is ready."""
    auditlog.register(Asset, include_fields=list(ASSET_FIELDS), m2m_fields=set(LABEL_FIELDS))
    auditlog.register(Tag, include_fields=["name"])
    auditlog.register(Collection, include_fields=["path", "description"])
    auditlog.register(SavedSearch, include_fields=["name", "text", "sort", "owner"])
    auditlog.register(ReferenceSet, include_fields=list(SET_FIELDS))
    auditlog.register(Share, include_fields=list(SHARE_FIELDS))
    auditlog.register(User, include_fields=list(ACCOUNT_FIELDS))
    pre_save.connect(_record_password_change, sender=User)
    pre_save.connect(_sign_new, sender=LogEntry)
    pre_log.connect(_is_recorded, sender=Asset)
    pre_log.connect(_is_or_was_of_team, sender=SavedSearch)
    pre_log.connect(_is_or_was_set_of_team, sender=ReferenceSet)
    post_delete.connect(_redact_deleted_asset, sender=Asset)


@contextmanager
def audit_context(
    *, user: User | AnonymousUser | None = None, name: str = "", client_ip: str | None = None
) -> Iterator[None]:
    """Changes within are recorded as made by this person, or by the command or task of that name."""
    token = _actor.set(Actor(user, name, client_ip))
    try:
        yield
    finally:
        _actor.reset(token)


@contextmanager
def unrecorded() -> Iterator[None]:
    """Nothing within is recorded automatically; the caller uses `record_changes()`."""
    with disable_auditlog():
        yield


def record_changes(
    changes: Iterable[tuple[Model, Mapping[str, tuple[str, str]]]], *, actor: User | str | None = None
) -> None:
    """Record changes that were made in one statement, in the same transaction.

    For each row: the values before and after, by field, as the model has them (`visibility`: `team`; `owner`:
    usernames; `trashed_at`: a time in ISO format, or `None`). Of `tags` and `collections`: the names removed and the
    names added, separated by commas. `actor` is a person, or the name of a command or task; by default, the actor of
    `audit_context()`.
    """
    signer = _get_actor()
    if isinstance(actor, str):
        signer = replace(signer, name=actor, user=None)
    elif actor is not None:
        signer = replace(signer, user=actor)
    now, log_entries, changes = timezone.now(), [], list(changes)
    owner_ids = owners.find_ids(name for _, fields in changes for name in fields.get("owner", ()))
    for row, fields in changes:
        log_entry = _describe(row, LogEntry.Action.UPDATE, fields, now)
        if "owner" in fields:
            log_entry.additional_data = owners.add_ids(None, fields["owner"], owner_ids)
        signer.sign(log_entry)
        log_entries.append(log_entry)
    LogEntry.objects.bulk_create(log_entries, batch_size=BATCH_SIZE)


def record_created(assets: Iterable[Asset]) -> None:
    """Record assets that were made in one statement, as if each had been saved."""
    signer, now, log_entries = _get_actor(), timezone.now(), []
    for asset in assets:
        log_entry = _describe(asset, LogEntry.Action.CREATE, model_instance_diff(None, asset) or {}, now)
        signer.sign(log_entry)
        log_entries.append(log_entry)
    LogEntry.objects.bulk_create(log_entries, batch_size=BATCH_SIZE)


def _describe(row: Model, action: int, changes: Mapping[str, tuple[str, str]], now: datetime) -> LogEntry:
    return LogEntry(
        content_type=ContentType.objects.get_for_model(row),
        object_pk=str(row.pk),
        object_id=row.pk if isinstance(row.pk, int) else None,
        object_repr=str(row),
        action=action,
        changes={name: list(values) for name, values in changes.items()},
        timestamp=now,
    )


def entries_of_asset(asset: Asset) -> QuerySet[LogEntry]:
    # By id alone, since UUIDs are unique: the content type would make the database use a slower index.
    log_entries: QuerySet[LogEntry] = LogEntry.objects.filter(object_pk=str(asset.pk))
    return log_entries


def entries_of_person(person: User) -> QuerySet[LogEntry]:
    content_type = ContentType.objects.get_for_model(person)
    log_entries: QuerySet[LogEntry] = LogEntry.objects.filter(content_type=content_type, object_pk=str(person.pk))
    return log_entries


def current_request() -> str:
    """The `cid` of what is recorded now, within `audit_context()`."""
    actor = _actor.get()
    return actor.cid if actor else ""


def _get_actor() -> Actor:
    return _actor.get() or Actor(name=_get_command())


def _get_command() -> str:
    """The command of this process, such as Django's `changepassword`; empty in a server."""
    return sys.argv[1] if Path(sys.argv[0]).name == "manage.py" and len(sys.argv) > 1 else ""


# --- Receivers, connected by `register()` -------------------------------------------------------------------------


def _sign_new(instance: LogEntry, **kwargs: object) -> None:
    if not instance._state.adding:
        return
    names = (instance.changes or {}).get("owner")
    if names and instance.action == LogEntry.Action.UPDATE:
        instance.additional_data = owners.add_ids(instance.additional_data, names, owners.find_ids(names))
    _get_actor().sign(instance)


def _record_password_change(instance: User, update_fields: frozenset[str] | None = None, **kwargs: object) -> None:
    """Skipped for `update_fields`: that is how Django saves a new hash of the same password."""
    if instance._state.adding or update_fields is not None:
        return
    before = User.objects.filter(pk=instance.pk).values_list("password", flat=True).first()
    if before is not None and before != instance.password:
        record_changes([(instance, {"password": ("", "changed")})])


def _is_recorded(action: int, **kwargs: object) -> bool:
    """Deletions are not: `_redact_deleted_asset()` records them."""
    return bool(action != LogEntry.Action.DELETE)


def _is_or_was_of_team(instance: SavedSearch, **kwargs: object) -> bool:
    """What people save for themselves is their own. A change is recorded before it is written."""
    return instance.is_team or SavedSearch.objects.filter(pk=instance.pk, owner=None).exists()


def _is_or_was_set_of_team(instance: ReferenceSet, **kwargs: object) -> bool:
    return instance.is_team or ReferenceSet.objects.filter(pk=instance.pk, visibility=Visibility.TEAM).exists()


def _redact_deleted_asset(instance: Asset, **kwargs: object) -> None:
    """Record that an asset was deleted permanently, and remove its words from earlier records."""
    entries_of_asset(instance).update(object_repr=DELETED_ASSET, changes={}, changes_text="")
    LogEntry.objects.log_create(
        instance,
        force_log=True,
        action=LogEntry.Action.DELETE,
        object_repr=DELETED_ASSET,
        changes={},
        additional_data={"stored_file": str(instance.stored_file_id)},
    )
