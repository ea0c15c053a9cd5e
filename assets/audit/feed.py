"""What people did lately to assets, as far as each member of the team may know it, by day."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from assets.audit import history
from assets.audit.log import LogEntry
from assets.audit.private_times import PrivateTimes
from assets.models import Asset, Collection, User

# Read for one page.
MAX_LOG_ENTRIES = 300
MAX_SHOWN_ASSETS = 5
PRIVATE_COLLECTION = "a private collection"
_COLUMNS = ("pk", "timestamp", "action", "object_pk", "changes", "cid", "actor__username")


class FeedKey(NamedTuple):
    """What makes several changes one item. `verb`: `uploaded`, `collected`, `tagged` or `edited`. `label`: of a
    collection the path, of a tag the name."""

    day: date
    person: str
    verb: str
    label: str = ""


@dataclass(frozen=True)
class FeedItem:
    """`at`: of the latest change. `assets`: the latest few of `count`. `has_more`: the next page may go on with it."""

    key: FeedKey
    at: datetime
    assets: list[Asset]
    count: int
    has_more: bool
    collection: Collection | None


@dataclass(frozen=True)
class FeedPage:
    """`items`: newest first. `next_cursor`: None on the last page."""

    items: list[FeedItem]
    next_cursor: int | None


class _Entry(NamedTuple):
    pk: int
    timestamp: datetime
    action: int
    asset_pk: str
    changes: dict[str, object] | None
    cid: str | None
    person: str


def read(user: User, *, person: User | None = None, before: int | None = None) -> FeedPage:
    """What everyone, or one person, did to assets that `user` sees."""
    entries = _read_log(person, before)
    assets = _find_visible(user, entries)
    groups = _group(_only_known(user, entries, assets))
    collections = _find_collections(groups)
    next_cursor = entries[-1].pk if len(entries) == MAX_LOG_ENTRIES else None
    last_day = timezone.localdate(entries[-1].timestamp) if next_cursor else None
    items = [
        FeedItem(
            key=key,
            at=group[0].timestamp,
            assets=[assets[pk] for pk in dict.fromkeys(entry.asset_pk for entry in group)][:MAX_SHOWN_ASSETS],
            count=len({entry.asset_pk for entry in group}),
            has_more=key.day == last_day,
            collection=collections.get(key.label) if key.verb == "collected" else None,
        )
        for key, group in groups.items()
    ]
    return FeedPage(items, next_cursor)


def _read_log(person: User | None, before: int | None) -> list[_Entry]:
    entries = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(Asset)).exclude(actor=None)
    if person:
        entries = entries.filter(actor=person)
    if before:
        entries = entries.filter(pk__lt=before)
    return [_Entry(*row) for row in entries.order_by("-pk").values_list(*_COLUMNS)[:MAX_LOG_ENTRIES]]


def _find_visible(user: User, entries: Iterable[_Entry]) -> dict[str, Asset]:
    pks = {uuid.UUID(entry.asset_pk) for entry in entries}
    visible = Asset.objects.visible_to(user).current().filter(pk__in=pks).select_related("stored_file")
    return {str(asset.pk): asset for asset in visible}


def _only_known(user: User, entries: list[_Entry], assets: dict[str, Asset]) -> Iterator[_Entry]:
    """As in the history of an asset: its creation, and what was changed while the person could see it."""
    times = PrivateTimes.of(assets, user, since=entries[-1].pk) if assets else None
    for entry in entries:
        asset = assets.get(entry.asset_pk)
        is_creation = entry.action == LogEntry.Action.CREATE
        if times and asset and (is_creation or times.may_know(asset, entry.pk, entry.cid)):
            yield entry


def _find_collections(keys: Iterable[FeedKey]) -> dict[str, Collection]:
    """Those of the team, by path. One that has been renamed since is not found."""
    paths = {key.label for key in keys if key.verb == "collected"}
    return {found.path: found for found in Collection.objects.filter(path__in=paths, private_to=None)}


def _group(entries: Iterable[_Entry]) -> dict[FeedKey, list[_Entry]]:
    groups: dict[FeedKey, list[_Entry]] = {}
    for entry in entries:
        day = timezone.localdate(entry.timestamp)
        for verb, label in _describe(entry):
            groups.setdefault(FeedKey(day, entry.person, verb, label), []).append(entry)
    return {key: left for key, group in groups.items() if (left := list(_without_uploads(key, group, groups)))}


def _without_uploads(key: FeedKey, group: list[_Entry], groups: dict[FeedKey, list[_Entry]]) -> Iterator[_Entry]:
    """Tags and words given to an asset on the day it was uploaded are a part of that."""
    uploads = groups.get(key._replace(verb="uploaded", label=""), [])
    told = {entry.asset_pk for entry in uploads} if key.verb in ("tagged", "edited") else set()
    return (entry for entry in group if entry.asset_pk not in told)


def _describe(entry: _Entry) -> Iterator[tuple[str, str]]:
    """Each thing that was done: its verb and label."""
    if entry.action == LogEntry.Action.CREATE:
        yield "uploaded", ""
        return
    for change in history.get_changes(entry.changes):
        if change.field in ("title", "description"):
            yield "edited", ""
        elif change.field in ("tags", "collections"):
            verb = "tagged" if change.field == "tags" else "collected"
            labels = filter(None, change.after.split(", "))
            yield from ((verb, label) for label in labels if label != PRIVATE_COLLECTION)
