"""What happened to assets since a moment, for programs that keep a copy of the library."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from assets.audit.log import LogEntry
from assets.audit.private_times import PrivateTimes
from assets.models import Asset, User, Visibility

# Transactions that began later may be written earlier: on PostgreSQL, the latest moments are not told yet.
SETTLES_AFTER = timedelta(seconds=2)


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


def read(user: User, *, after: int, limit: int) -> tuple[list[AssetChange], int]:
    """What the person may know of the next `limit` log entries, and the id of the last one, to go on after.

    Of what has been deleted, or made private by somebody else, only the id is told: who never saw it learns nothing.
    """
    entries = list(_settled(after)[:limit])
    changes = {_key(entry): change for entry in entries if (change := _describe(entry))}
    assets = Asset.objects.in_bulk({change.asset_id for change in changes.values()})
    times = PrivateTimes.of(map(str, assets), user, since=after) if assets else None
    told = [change for change in changes.values() if _may_know(change, assets.get(change.asset_id), times, user)]
    return told, entries[-1].pk if entries else after


def get_last_id() -> int:
    """Where to begin, for who has just read the whole library."""
    return LogEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _settled(after: int) -> QuerySet[LogEntry]:
    entries: QuerySet[LogEntry] = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Asset), pk__gt=after
    )
    if connection.vendor == "postgresql":
        entries = entries.filter(timestamp__lt=timezone.now() - SETTLES_AFTER)
    return entries.order_by("pk")


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
