"""What happened to assets since a moment, for programs that keep a copy of the library."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from assets.audit.log import LogEntry
from assets.audit.private_times import PrivateTimes
from assets.models import Asset, Collection, Tag, User, Visibility
from assets.models.settled import settled_until

NAMES = {"name", "path"}


class Kind(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    TRASHED = "trashed"
    RESTORED = "restored"
    DELETED = "deleted"
    # Made private, or the team's.
    HIDDEN = "hidden"
    SHOWN = "shown"


@dataclass(frozen=True)
class AssetChange:
    """`id` grows with every change."""

    id: int
    at: datetime
    kind: Kind
    asset_id: uuid.UUID


class Renaming(NamedTuple):
    """Of a tag or collection, whose assets answer another name from then on."""

    id: int
    at: datetime
    label_id: uuid.UUID


class Changes(NamedTuple):
    """`last` is the id of the last log entry, to go on after. Not every renaming is one that the person may know of."""

    of_assets: list[AssetChange]
    renamings: list[Renaming]
    last: int


def read(user: User, *, after: int, limit: int) -> Changes:
    """What the person may know of the next `limit` log entries.

    Of what has been deleted, or made private by somebody else, only the id is told: who never saw it learns nothing.
    """
    read = list(_settled(after)[:limit])
    asset_type = ContentType.objects.get_for_model(Asset)
    entries = [entry for entry in read if entry.content_type_id == asset_type.pk]
    changes = {_key(entry): change for entry in entries if (change := _describe(entry))}
    assets = Asset.objects.in_bulk({change.asset_id for change in changes.values()})
    times = PrivateTimes.of(map(str, assets), user, since=after) if assets else None
    told = [change for change in changes.values() if _may_know(change, assets.get(change.asset_id), times, user)]
    return Changes(told, list(_renamings(read)), read[-1].pk if read else after)


def get_last_id() -> int:
    """Where to begin, for who is about to read the whole library."""
    return _settled(after=0).order_by("-pk").values_list("pk", flat=True).first() or 0


def _settled(after: int) -> QuerySet[LogEntry]:
    types = ContentType.objects.get_for_models(Asset, Tag, Collection).values()
    entries: QuerySet[LogEntry] = LogEntry.objects.filter(content_type__in=types, pk__gt=after)
    # On SQLite, what is written first is committed first.
    if connection.vendor == "postgresql":
        entries = entries.filter(timestamp__lt=settled_until(timezone.now()))
    return entries.order_by("pk")


def _renamings(entries: Iterable[LogEntry]) -> Iterator[Renaming]:
    for entry in entries:
        if entry.action == LogEntry.Action.UPDATE and not NAMES.isdisjoint(entry.changes or {}):
            yield Renaming(entry.pk, entry.timestamp, uuid.UUID(entry.object_pk))


def _key(entry: LogEntry) -> tuple[str, str, object]:
    """The same for what one request did to an asset: of that, the last entry is told."""
    change = _describe(entry)
    return entry.object_pk, change.kind if change else "", entry.cid or entry.pk


def _describe(entry: LogEntry) -> AssetChange | None:
    """None for entries of an asset that was deleted later, which tell nothing any more."""
    if (kind := _kind_of(entry)) is None:
        return None
    return AssetChange(entry.pk, entry.timestamp, kind, uuid.UUID(entry.object_pk))


def _kind_of(entry: LogEntry) -> Kind | None:
    changes = entry.changes or {}
    if entry.action == LogEntry.Action.DELETE:
        return Kind.DELETED
    if entry.action == LogEntry.Action.CREATE:
        return Kind.CREATED if changes else None
    if "visibility" in changes:
        return Kind.HIDDEN if changes["visibility"][1] == Visibility.PRIVATE else Kind.SHOWN
    if "trashed_at" in changes:
        return Kind.RESTORED if changes["trashed_at"][1] in (None, "", "None") else Kind.TRASHED
    return Kind.UPDATED if changes else None


def _may_know(change: AssetChange, asset: Asset | None, times: PrivateTimes | None, user: User) -> bool:
    if asset is None or times is None:
        return change.kind == Kind.DELETED
    if asset.is_owned_by(user):
        return True
    if change.kind in (Kind.HIDDEN, Kind.SHOWN):
        return (change.kind == Kind.HIDDEN) == (asset.visibility == Visibility.PRIVATE)
    is_team = asset.visibility == Visibility.TEAM
    return is_team and (change.kind == Kind.CREATED or times.may_know(asset, change.id, None))
