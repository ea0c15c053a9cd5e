"""What some assets are at one moment, and the difference between two moments."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from assets.models import Asset, Collection, Favourite, Tag, User
from assets.models.undo import AssetChange, Value

TEXTS = ("title", "description", "visibility")
LABELS: dict[str, type[Tag] | type[Collection]] = {"tags": Tag, "collections": Collection}
EDITED = (*TEXTS, *LABELS)

Snapshot: TypeAlias = dict[UUID, dict[str, Value]]


def take(pks: Iterable[UUID], fields: Iterable[str], user: User) -> Snapshot:
    """The fields of the assets that exist. `favourite`, the time at which it became one, is that of the person."""
    fields = tuple(fields)
    columns = [field for field in fields if field in (*TEXTS, "trashed_at")]
    rows = Asset.objects.filter(pk__in=pks).values_list("pk", *columns)
    snapshot: Snapshot = {pk: dict(zip(columns, map(_as_json, values), strict=True)) for pk, *values in rows}
    for field in fields:
        if field not in columns:
            values = _read_favourites(snapshot, user) if field == "favourite" else _read_labels(snapshot, field)
            for pk, asset in snapshot.items():
                asset[field] = values(pk)
    return snapshot


def diff(before: Snapshot, after: Snapshot) -> dict[str, AssetChange]:
    """What has changed of the assets that are in both."""
    changes: dict[str, AssetChange] = {}
    for pk in before.keys() & after.keys():
        pairs = {field: _compare(value, after[pk][field]) for field, value in before[pk].items()}
        if changed := {field: pair for field, pair in pairs.items() if pair[0] != pair[1]}:
            changes[str(pk)] = changed
    return changes


def _compare(before: Value, after: Value) -> tuple[Value, Value]:
    if isinstance(before, list) and isinstance(after, list):
        return sorted(set(before) - set(after)), sorted(set(after) - set(before))
    return before, after


def _as_json(value: str | datetime | None) -> Value:
    return value.isoformat() if isinstance(value, datetime) else value


def _read_labels(pks: Iterable[UUID], field: str) -> Callable[[UUID], Value]:
    links, column = LABELS[field].link_table()
    labels: dict[UUID, list[str]] = defaultdict(list)
    for pk, label in links.objects.filter(asset__in=pks).values_list("asset_id", column):
        labels[pk].append(str(label))
    return lambda pk: labels[pk]


def _read_favourites(pks: Iterable[UUID], user: User) -> Callable[[UUID], Value]:
    rows = Favourite.objects.filter(user=user.pk, asset__in=pks).values_list("asset", "created_at")
    moments = {pk: _as_json(moment) for pk, moment in rows}
    return lambda pk: moments.get(pk)
