"""What happened to entries: who changed what, when, from where, before and after. Only this module knows the library
that keeps it, django-auditlog.

Saving an entry and setting its tags or collections is recorded by itself. A change in one statement (`update()`,
`bulk_create()` of labels) is not: `note()` it. An entry that is removed for good keeps its record, without its words.
"""

import itertools
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from auditlog.context import disable_auditlog
from auditlog.models import LogEntry
from auditlog.registry import auditlog
from auditlog.signals import pre_log
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db.models.signals import post_delete, pre_save
from django.utils import timezone

from assets.models import Asset, Visibility
from assets.models.library import User

FIELDS = ("title", "description", "visibility", "trashed_at", "owner")
LABELS = ("tags", "collections")
_OF_ACCOUNTS = ("username", "first_name", "last_name", "email", "password", "is_active", "is_staff", "is_superuser")
OF_PEOPLE = (*_OF_ACCOUNTS, "groups", "user_permissions", "password_link", "entries")
_LISTS = (*LABELS, "groups", "user_permissions")
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

    user: User | None = None
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
    # That a password was changed is recorded, and nothing of either.
    auditlog.register(
        get_user_model(),
        include_fields=list(_OF_ACCOUNTS),
        m2m_fields={"groups", "user_permissions"},
        mask_fields=["password"],
        mask_callable=f"{__name__}.unsaid",
    )
    pre_save.connect(_sign, sender=LogEntry)
    pre_log.connect(_is_recorded_as_it_is, sender=Asset)
    post_delete.connect(_forget, sender=Asset)


@contextmanager
def acting(*, user: User | None = None, name: str = "", address: str | None = None) -> Iterator[None]:
    """What is changed within is that person's doing, or that of the command or task of that name."""
    token = _doer.set(_Doer(user, name, address))
    try:
        yield
    finally:
        _doer.reset(token)


def note(changes: Iterable[tuple[Asset, Mapping[str, tuple[str, str]]]], *, actor: User | str | None = None) -> None:
    """Record changes that were made in one statement, in the transaction that makes them.

    For each entry, by field: what it held before and after. Fields and their values are those of the model
    (`visibility`: `team`; `owner`: the user names; `trashed_at`: a moment in ISO format, or `None`); of `tags` and
    `collections` the names that were taken off, and those that were put on, each separated by commas.
    `actor` is the person, or the name of a command or task; without it, who is `acting()`.
    """
    doer = _doer.get() or _Doer()
    if isinstance(actor, str):
        doer = replace(doer, name=actor, user=None)
    elif actor is not None:
        doer = replace(doer, user=actor)
    now = timezone.now()
    LogEntry.objects.bulk_create(
        (_entry(doer, asset, fields, now) for asset, fields in changes),
        batch_size=BATCH,
    )


def note_of_person(person: Any, fields: Mapping[str, tuple[str, str]]) -> None:
    """Record what was done for a person that no column of theirs tells; who did it is `acting()`."""
    _entry(_doer.get() or _Doer(), person, fields, timezone.now(), object_id=person.pk).save(force_insert=True)


def _entry(doer: _Doer, changed: Any, fields: Mapping[str, tuple[str, str]], now: datetime, **more: Any) -> LogEntry:
    entry = LogEntry(
        content_type=ContentType.objects.get_for_model(changed),
        object_pk=str(changed.pk),
        object_repr=str(changed),
        action=LogEntry.Action.UPDATE,
        changes={name: list(values) for name, values in fields.items()},
        timestamp=now,
        **more,
    )
    doer.sign(entry)
    return entry


def unsaid(value: str) -> str:
    """What is recorded in the place of a secret."""
    return "•••"


def label_new(asset: Asset, *, tags: Iterable[str], collections: Iterable[str]) -> None:
    """Give an entry its first tags and collections, recorded in one statement where the library takes four."""
    tags, collections = list(tags), list(collections)
    with disable_auditlog():
        asset.label(tags=tags, collections=collections)
    fields = {"tags": ("", ", ".join(tags)), "collections": ("", ", ".join(collections))}
    if given := {name: change for name, change in fields.items() if change[1]}:
        note([(asset, given)])


def of(asset: Asset, *, user: User) -> list[Act]:
    """What was done to an entry, newest first, as far as this person may know it.

    What was said of an entry while it was private is for the person alone whose it was then.
    """
    entries = _entries_of(asset).select_related("actor").order_by("-timestamp", "-pk")[:MOST_READ]
    runs = itertools.groupby(entries, key=lambda entry: entry.cid or entry.pk)
    return list(_known_to(user, asset, [_act(list(run)) for _, run in runs]))


def of_person(person: Any) -> list[Act]:
    """What was done to an account, newest first."""
    about = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(person), object_pk=str(person.pk))
    entries = about.select_related("actor").order_by("-timestamp", "-pk")[:MOST_READ]
    runs = itertools.groupby(entries, key=lambda entry: entry.cid or entry.pk)
    return [_act(list(run), OF_PEOPLE) for _, run in runs]


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


def _act(run: list[LogEntry], shown: Sequence[str] = (*FIELDS, *LABELS)) -> Act:
    """Log entries of one request, newest first, as one act."""
    last = run[0]
    by = last.actor.get_username() if last.actor else (last.additional_data or {}).get("by", "")
    if any(entry.action == LogEntry.Action.CREATE for entry in run):
        return Act(run[-1].timestamp, by, (), is_upload=True)
    found: dict[str, tuple[str, str]] = {}
    for entry in reversed(run):
        for name, value in (entry.changes or {}).items():
            before, after = _before_and_after(value)
            if name in _LISTS:
                earlier = found.get(name, ("", ""))
                found[name] = (_joined(earlier[0], before), _joined(earlier[1], after))
            else:
                found[name] = (found.get(name, (before, ""))[0], after)
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
    if instance._state.adding and (doer := _doer.get()) is not None:
        doer.sign(instance)


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
