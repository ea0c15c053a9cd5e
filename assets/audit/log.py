"""What happened: who changed what, when, from where, before and after. Only this module knows django-auditlog.

Saving an asset, tag, collection or person, and setting an asset's tags or collections, is recorded by itself. Stored
files are not: most of what happens to them is the machine's doing. A change in one statement (`update()`,
`bulk_create()`) is not recorded either: call `record_changes()`. An asset that is deleted permanently keeps its record,
without its words. No password and no key is ever in it.
"""

import itertools
import sys
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from auditlog.context import disable_auditlog
from auditlog.models import LogEntry as LogEntry  # for those who read the log
from auditlog.registry import auditlog
from auditlog.signals import pre_log
from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet
from django.db.models.signals import post_delete, pre_save
from django.utils import timezone

from assets.models import Asset, Collection, Tag, User, Visibility

FIELDS = ("title", "description", "visibility", "trashed_at", "owner")
LABELS = ("tags", "collections")
# Not the password, of which is noted only that it changed; not the last sign-in, which is no change that anybody makes.
_OF_ACCOUNTS = ("username", "first_name", "last_name", "email", "role", "is_active")
OF_PEOPLE = (*_OF_ACCOUNTS, "password", "password_link", "entries")
REMOVED = "An entry that was removed"
MOST_READ = 100
BATCH = 500


@dataclass(frozen=True)
class Change:
    """What a field held before and after; of tags and collections, those that were taken off and put on."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Act:
    """What somebody did to an entry in one go. `by`: a user name, or the name of a command or task."""

    at: datetime
    by: str
    changes: tuple[Change, ...]
    is_upload: bool = False

    def only(self, *fields: str) -> "Act":
        return replace(self, changes=tuple(change for change in self.changes if change.field in fields))

    def change_of(self, field: str) -> Change | None:
        return next((change for change in self.changes if change.field == field), None)


@dataclass(frozen=True)
class _Doer:
    """Whose doing a change is; `cid` is common to all changes of one request or run."""

    user: User | AnonymousUser | None = None
    name: str = ""
    address: str | None = None
    cid: str = field(default_factory=lambda: uuid.uuid4().hex)

    def sign(self, entry: LogEntry) -> None:
        if self.user is not None and self.user.is_authenticated:
            entry.actor_id = self.user.pk
        if name := self.name or (self.user.get_username() if self.user is not None else ""):
            # Stays where the account is removed.
            entry.additional_data = {**(entry.additional_data or {}), "by": name}
        entry.remote_addr = self.address
        entry.cid = self.cid


_doer: ContextVar[_Doer | None] = ContextVar("doer", default=None)


def register() -> None:
    """Record changes of entries from now on; to be called once, when the application is ready."""
    auditlog.register(Asset, include_fields=list(FIELDS), m2m_fields=set(LABELS))
    auditlog.register(Tag, include_fields=["name"])
    auditlog.register(Collection, include_fields=["path"])
    auditlog.register(User, include_fields=list(_OF_ACCOUNTS))
    pre_save.connect(_note_password, sender=User)
    pre_save.connect(_sign, sender=LogEntry)
    pre_log.connect(_is_recorded_as_it_is, sender=Asset)
    post_delete.connect(_forget, sender=Asset)


@contextmanager
def audit_context(
    *, user: User | AnonymousUser | None = None, name: str = "", address: str | None = None
) -> Iterator[None]:
    """What is changed within is that person's doing, or that of the command or task of that name."""
    token = _doer.set(_Doer(user, name, address))
    try:
        yield
    finally:
        _doer.reset(token)


@contextmanager
def unrecorded() -> Iterator[None]:
    """Nothing within is recorded by itself: the caller does, with `record_changes()`."""
    with disable_auditlog():
        yield


def record_changes(
    changes: Iterable[tuple[Model, Mapping[str, tuple[str, str]]]], *, actor: User | str | None = None
) -> None:
    """Record changes that were made in one statement, in the transaction that makes them.

    For each row, by field: what it held before and after. Fields and their values are those of the model
    (`visibility`: `team`; `owner`: the user names; `trashed_at`: a moment in ISO format, or `None`); of `tags` and
    `collections` the names that were taken off, and those that were put on, each separated by commas.
    `actor` is the person, or the name of a command or task; without it, who is `audit_context()`.
    """
    doer = _current()
    if isinstance(actor, str):
        doer = replace(doer, name=actor, user=None)
    elif actor is not None:
        doer = replace(doer, user=actor)
    now, entries = timezone.now(), []
    for row, fields in changes:
        entry = LogEntry(
            content_type=ContentType.objects.get_for_model(row),
            object_pk=str(row.pk),
            object_id=row.pk if isinstance(row.pk, int) else None,
            object_repr=str(row),
            action=LogEntry.Action.UPDATE,
            changes={name: list(values) for name, values in fields.items()},
            timestamp=now,
        )
        doer.sign(entry)
        entries.append(entry)
    LogEntry.objects.bulk_create(entries, batch_size=BATCH)


def _current() -> _Doer:
    return _doer.get() or _Doer(name=_command())


def _command() -> str:
    """The command that this process runs, such as Django's own `changepassword`; empty where it is a server."""
    return sys.argv[1] if Path(sys.argv[0]).name == "manage.py" and len(sys.argv) > 1 else ""


def of(asset: Asset, *, user: User) -> list[Act]:
    """What was done to an entry, newest first, as far as this person may know it.

    What was said of an entry while it was private is for the person alone whose it was then.
    """
    return list(_known_to(user, asset, [_act(run) for run in _latest_runs(_entries_of(asset))]))


def of_person(person: User) -> list[Act]:
    """What was done to an account, newest first."""
    about = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(person), object_pk=str(person.pk))
    return [_act(run, OF_PEOPLE) for run in _latest_runs(about)]


def _latest_runs(entries: "QuerySet[LogEntry]") -> Iterator[list[LogEntry]]:
    """The entries of one request or run together, newest first; with the columns that an act is made of."""
    columns = ("timestamp", "action", "changes", "cid", "additional_data", "actor__username")
    latest = entries.select_related("actor").only(*columns).order_by("-timestamp", "-pk")[:MOST_READ]
    for _, run in itertools.groupby(latest, key=lambda entry: entry.cid or entry.pk):
        yield list(run)


def _entries_of(asset: Asset) -> Any:
    # Without the model, which no other index than that of the id should be tempted by: no other has such ids.
    return LogEntry.objects.filter(object_pk=str(asset.pk))


def _known_to(user: User, asset: Asset, acts: Iterable[Act]) -> Iterator[Act]:
    owner, is_private = asset.owner.get_username(), asset.visibility == Visibility.PRIVATE
    for act in acts:
        opening, handing = act.change_of("visibility"), act.change_of("owner")
        if owner == user.get_username() or act.is_upload:
            yield act
        elif opening or handing:
            # It was private on one side of this: words that go with it may be from there.
            yield act.only("visibility", "owner", "trashed_at")
        elif not is_private:
            yield act
        is_private = opening.before == Visibility.PRIVATE if opening else is_private
        owner = handing.before if handing else owner


def changes_of(entry: LogEntry) -> list[Change]:
    """What a record says was changed."""
    return [Change(name, *_before_and_after(value)) for name, value in (entry.changes or {}).items()]


def doer_of(entry: LogEntry) -> str:
    """The user name, or the name of a command or task; empty where nobody was named."""
    by = (entry.additional_data or {}).get("by", "")
    return entry.actor.get_username() if entry.actor else by


def _act(run: list[LogEntry], shown: Sequence[str] = (*FIELDS, *LABELS)) -> Act:
    """Log entries of one request, newest first, as one act."""
    last, by = run[0], doer_of(run[0])
    if any(entry.action == LogEntry.Action.CREATE for entry in run):
        return Act(run[-1].timestamp, by, (), is_upload=True)
    found: dict[str, tuple[str, str]] = {}
    for entry in reversed(run):
        for change in changes_of(entry):
            if change.field in LABELS:
                earlier = found.get(change.field, ("", ""))
                found[change.field] = (_joined(earlier[0], change.before), _joined(earlier[1], change.after))
            else:
                found[change.field] = (found.get(change.field, (change.before, ""))[0], change.after)
    changes = (Change(name, *found[name]) for name in shown if name in found)
    return Act(last.timestamp, by, tuple(changes))


def _before_and_after(value: Any) -> tuple[str, str]:
    """One field of a log entry: a pair, or what was added or deleted of a many-to-many field."""
    if isinstance(value, dict):
        names = ", ".join(value["objects"])
        return ("", names) if value["operation"] == "add" else (names, "")
    before, after = value
    return before, after


def _joined(*names: str) -> str:
    return ", ".join(filter(None, names))


def is_readable(entry: LogEntry) -> bool:
    """Whether `of()` understands a record that was made elsewhere."""
    try:
        pairs = [_before_and_after(value) for value in (entry.changes or {}).values()]
    except (AttributeError, KeyError, TypeError, ValueError):
        return False
    texts = [text for pair in pairs for text in pair]
    return all(isinstance(text, str) for text in texts) and isinstance(entry.additional_data or {}, dict)


# --- Receivers, connected by `register()` -------------------------------------------------------------------------


def _sign(instance: LogEntry, **kwargs: Any) -> None:
    if instance._state.adding:
        _current().sign(instance)


def _note_password(instance: Any, update_fields: frozenset[str] | None = None, **kwargs: Any) -> None:
    """Record that a password is another one, and not what it is. To hash the same one anew is no change."""
    if instance._state.adding or update_fields is not None:
        return
    before = type(instance)._default_manager.filter(pk=instance.pk).values_list("password", flat=True).first()
    if before is not None and before != instance.password:
        record_changes([(instance, {"password": ("", "changed")})])


def _is_recorded_as_it_is(action: int, **kwargs: Any) -> bool:
    """Not what is removed: `_forget()` records that."""
    return action != LogEntry.Action.DELETE


def _forget(instance: Asset, **kwargs: Any) -> None:
    """Record that an entry is removed for good, and take its words out of what is kept of it."""
    entries = _entries_of(instance)
    entries.update(object_repr=REMOVED, changes={}, changes_text="")
    LogEntry.objects.log_create(
        instance,
        force_log=True,
        action=LogEntry.Action.DELETE,
        object_repr=REMOVED,
        changes={},
        additional_data={"stored_file": str(instance.stored_file_id)},
    )
