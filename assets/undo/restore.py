"""Takes a change back: each asset becomes what it was, unless it has been changed again."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from assets import permissions
from assets.audit.since import changed_by_others, labels_made_in
from assets.models import Asset, UndoBatch, UndoStep, User
from assets.models.undo import AssetChange, Value
from assets.text.formats import plural
from assets.undo import snapshot, write
from assets.undo.snapshot import LABELS


@dataclass(frozen=True)
class Restored:
    """How many assets are as they were, how many have been changed since, and how many the person may not change."""

    restored: int = 0
    changed_since: int = 0
    not_allowed: int = 0

    def __add__(self, other: "Restored") -> "Restored":
        return Restored(
            self.restored + other.restored,
            self.changed_since + other.changed_since,
            self.not_allowed + other.not_allowed,
        )


def undo(step: UndoStep) -> Restored:
    """Undo a step, one batch and one transaction at a time. Each is undone once, whoever asks at the same time."""
    result = Restored()
    while (batch_result := _undo_batch(step)) is not None:
        result += batch_result
    _delete_made_labels(step)
    step.delete()
    return result


def describe(step: UndoStep, result: Restored) -> str:
    total = result.restored + result.changed_since + result.not_allowed
    if result.restored == total:
        return f"Undone: {step.summary}"
    parts = [f"{result.restored} of {total} restored"]
    if result.changed_since:
        parts.append(f"{result.changed_since} {plural(result.changed_since, 'has', 'have')} been changed since")
    if result.not_allowed:
        parts.append(f"you can no longer change {result.not_allowed}")
    return "; ".join(parts)


@transaction.atomic
def _undo_batch(step: UndoStep) -> Restored | None:
    batch = step.batches.select_for_update().order_by("pk").first()
    if batch is None:
        return None
    changes = {UUID(pk): fields for pk, fields in batch.changes.items()}
    Asset.objects.filter(pk__in=changes).lock()
    allowed = _select_allowed(changes, step.user)
    current = _select_unchanged(allowed, batch)
    write.write_back(current, step.user, timezone.now())
    batch.delete()
    return Restored(len(current), len(allowed) - len(current), len(changes) - len(allowed))


def _select_allowed(changes: dict[UUID, AssetChange], user: User) -> dict[UUID, AssetChange]:
    """Those of assets that the person may still change in this way."""
    assets = permissions.reachable_assets(user).filter(pk__in=changes).only("owner_id", "visibility")
    return {asset.pk: changes[asset.pk] for asset in assets if _is_allowed(user, asset, changes[asset.pk])}


def _is_allowed(user: User, asset: Asset, change: AssetChange) -> bool:
    if "visibility" in change:
        return permissions.may_change_visibility(user, asset)
    return set(change) == {"favourite"} or permissions.may_change(user, asset)


def _select_unchanged(changes: dict[UUID, AssetChange], batch: UndoBatch) -> dict[UUID, AssetChange]:
    """Those of assets that are still what the step has made them."""
    user = batch.step.user
    fields = {field for change in changes.values() for field in change}
    now = snapshot.take(changes, fields, user)
    others = changed_by_others(changes, user, batch.made_at) if fields != {"favourite"} else set()
    known = _find_labels(changes, user)
    return {
        pk: change
        for pk, change in changes.items()
        if pk not in others
        and all(_is_unchanged(field, *values, now[pk][field], known) for field, values in change.items())
    }


def _is_unchanged(field: str, before: Value, after: Value, now: Value, known: set[str]) -> bool:
    """A tag that the person has put on or taken off meanwhile is no obstacle, one that is gone is."""
    if field in LABELS:
        return known.issuperset(before or ())
    return now in (before, after)


def _find_labels(changes: Mapping[UUID, AssetChange], user: User) -> set[str]:
    """The tags and collections that exist, of those that were taken off; no collection that is now somebody else's."""
    found: set[str] = set()
    for field, model in LABELS.items():
        pks = {pk for change in changes.values() if field in change for pk in change[field][0] or ()}
        found |= {str(pk) for pk in model.objects.visible_to(user).filter(pk__in=pks).values_list("pk", flat=True)}
    return found


def _delete_made_labels(step: UndoStep) -> None:
    """The tags and collections that the step has made, if nothing has come into them since."""
    for model in LABELS.values():
        made = model.objects.filter(pk__in=labels_made_in(step.request, model, step.user))
        # The deepest first, since the database deletes nested collections with the one above.
        for label in made.order_by("-key"):
            if not label.assets.exists() and not label.has_nested():
                label.delete()
