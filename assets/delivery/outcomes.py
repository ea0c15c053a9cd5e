"""What became of uploads and their links since a moment, for programs that keep a copy of the library."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from assets.models import Asset, StoredFile, User
from assets.models.links import LinkStatus
from assets.models.settled import settled_until

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
COLUMNS = ("stored_at", "failed_at", "link_changed_at")
KINDS = {"stored_at": "stored", "failed_at": "failed"}
LINK_KINDS = {
    LinkStatus.VERIFIED: "verified",
    LinkStatus.BROKEN: "broken",
    LinkStatus.CHANGED: "broken",
    LinkStatus.UNREACHABLE: "unreachable",
}


class Outcome(NamedTuple):
    at: datetime
    kind: str
    asset_id: UUID


def read(user: User, *, after: datetime, limit: int, now: datetime) -> tuple[list[Outcome], datetime]:
    """Of the next `limit` files or a few more, oldest first, and the moment to go on after.

    All of one moment are told at once: files are stored in batches.
    """
    until, last = settled_until(now), after
    for column in COLUMNS:
        moments = _read_moments(column, after, until, limit)
        until = moments[-1] if len(moments) == limit else until
        last = max([last, *moments])
    last = min(last, until)
    return sorted(_find(user, after, last)), last


def _read_moments(column: str, after: datetime, until: datetime, limit: int) -> list[datetime]:
    between = {f"{column}__gt": after, f"{column}__lte": until}
    return list(StoredFile.objects.filter(**between).order_by(column).values_list(column, flat=True)[:limit])


def _find(user: User, after: datetime, until: datetime) -> Iterator[Outcome]:
    for column in COLUMNS:
        between = {f"stored_file__{column}__gt": after, f"stored_file__{column}__lte": until}
        assets = Asset.objects.visible_to(user).filter(**between).order_by()
        for at, status, pk in assets.values_list(f"stored_file__{column}", "stored_file__link_status", "pk"):
            # A new URL is not checked yet.
            if kind := KINDS.get(column) or LINK_KINDS.get(status):
                yield Outcome(at, kind, pk)
