"""Gives assets back what they were."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from assets.audit.log import record_changes
from assets.models import Asset, Collection, Favourite, Tag, User
from assets.models.undo import AssetChange, Value
from assets.models.webhooks import Event
from assets.undo.snapshot import LABELS, TEXTS

COLUMNS = (*TEXTS, "trashed_at")


def write_back(changes: Mapping[UUID, AssetChange], user: User, now: datetime) -> None:
    """The assets must be locked. The audit log has it as a change of its own."""
    fields = {field for change in changes.values() for field in change}
    if "favourite" in fields:
        _write_favourites(changes, user)
    if not fields - {"favourite"}:
        return
    if columns := sorted(fields.intersection(COLUMNS)):
        _write_columns(changes, columns)
    if trashed := [pk for pk, change in changes.items() if change.get("trashed_at", (None,))[0]]:
        Asset.objects.filter(pk__in=trashed).announce(Event.TRASHED)
    if shown := [pk for pk, change in changes.items() if change.keys() & {"visibility", "trashed_at"}]:
        Asset.objects.filter(pk__in=shown).announce_shown()
    Asset.objects.filter(pk__in=changes).update(updated_at=now)
    names = {str(label.pk): str(label) for field in fields & LABELS.keys() for label in _write_labels(changes, field)}
    if fields - {"visibility", "trashed_at"}:
        Asset.objects.filter(pk__in=changes).reindex()
    rows = Asset.objects.filter(pk__in=changes).only("title")
    record_changes(((row, _describe(changes[row.pk], names)) for row in rows), actor=user)


def _write_columns(changes: Mapping[UUID, AssetChange], columns: list[str]) -> None:
    assets = list(Asset.objects.filter(pk__in=changes).only(*columns))
    for asset in assets:
        for column in columns:
            if column in changes[asset.pk]:
                setattr(asset, column, _parse(column, changes[asset.pk][column][0]))
    Asset.objects.bulk_update(assets, columns)


def _parse(column: str, value: Value) -> Value | datetime:
    return datetime.fromisoformat(value) if column == "trashed_at" and isinstance(value, str) else value


def _write_labels(changes: Mapping[UUID, AssetChange], field: str) -> list[Tag | Collection]:
    """Returns the labels that were put on or taken off."""
    links, column = LABELS[field].link_table()
    on, off = _by_label(changes, field, 0), _by_label(changes, field, 1)
    for label, pks in off.items():
        links.objects.filter(asset__in=pks, **{column: label}).delete()
    rows = [links(asset_id=pk, **{column: UUID(label)}) for label, pks in on.items() for pk in pks]
    links.objects.bulk_create(rows, ignore_conflicts=True)
    return list(LABELS[field].objects.filter(pk__in={*on, *off}))


def _by_label(changes: Mapping[UUID, AssetChange], field: str, side: int) -> dict[str, list[UUID]]:
    assets: dict[str, list[UUID]] = defaultdict(list)
    for pk, change in changes.items():
        for label in (change[field][side] or ()) if field in change else ():
            assets[label].append(pk)
    return assets


def _write_favourites(changes: Mapping[UUID, AssetChange], user: User) -> None:
    before = {pk: change["favourite"][0] for pk, change in changes.items() if "favourite" in change}
    Favourite.objects.filter(user=user.pk, asset__in=[pk for pk, moment in before.items() if not moment]).delete()
    rows = [
        Favourite(user_id=user.pk, asset_id=pk, created_at=datetime.fromisoformat(moment))
        for pk, moment in before.items()
        if isinstance(moment, str)
    ]
    Favourite.objects.bulk_create(rows, ignore_conflicts=True)


def _describe(change: AssetChange, names: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """What the audit log says: the other way round."""
    fields = {field: pair for field, pair in change.items() if field != "favourite"}
    return {field: (_name(after, names), _name(before, names)) for field, (before, after) in fields.items()}


def _name(value: Value, names: Mapping[str, str]) -> str:
    return ", ".join(names.get(pk, "") for pk in value) if isinstance(value, list) else str(value)
