"""Previews and applies a bulk action.

Both check every asset anew and skip those that need no change or that the person may not change, so applying an action
twice is the same as applying it once.
"""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from assets import permissions
from assets.bulk.actions.base import ActionContext, BulkAction
from assets.models import Asset, UndoStep
from assets.text.formats import pluralise
from assets.undo import recording

BATCH_SIZE = 500


@dataclass(frozen=True)
class ActionResult:
    """How many assets are changed, how many need no change, and how many the person may not change."""

    changed: int = 0
    unchanged: int = 0
    not_allowed: int = 0

    def __add__(self, other: "ActionResult") -> "ActionResult":
        return ActionResult(
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.not_allowed + other.not_allowed,
        )


def preview(action: BulkAction, pks: Sequence[UUID], context: ActionContext) -> ActionResult:
    """What `apply()` would do now."""
    return sum((_select(action, batch, context)[1] for batch in _batches(pks)), ActionResult())


def examples(
    action: BulkAction, pks: Sequence[UUID], context: ActionContext, *, limit: int
) -> tuple[list[Asset], list[Asset]]:
    """A few of the assets that `apply()` would change now, and a few that it would leave as they are."""
    changed: list[UUID] = []
    unchanged: list[UUID] = []
    for batch in _batches(pks):
        selected = set(_select(action, batch, context)[0])
        changed += sorted(selected)
        unchanged += [pk for pk in batch if pk not in selected]
        if len(changed) >= limit:
            break
    rows = Asset.objects.select_related("owner").order_by("pk")
    return list(rows.filter(pk__in=changed[:limit])), list(rows.filter(pk__in=unchanged[:limit]))


def apply(
    action: BulkAction, pks: Sequence[UUID], context: ActionContext, *, step: UndoStep | None = None
) -> ActionResult:
    """Change the assets, one batch and one transaction at a time, so that the `step` can be undone."""
    result = ActionResult()
    for batch in _batches(pks):
        with transaction.atomic():
            selected, counted = _select(action, batch, context, lock=True)
            if selected:
                with recording.record(step, selected, action.changes) if step else nullcontext():
                    action.apply(selected, context)
        result += counted
    return result


def apply_undoably(
    action: BulkAction, pks: Sequence[UUID], context: ActionContext
) -> tuple[ActionResult, UndoStep | None]:
    """The same, with the step that undoes it; none if nothing was changed, or the action cannot be undone."""
    if not action.changes:
        return apply(action, pks, context), None
    step = recording.begin(context.user)
    result = apply(action, pks, context, step=step)
    return result, recording.finish(step, describe_change(action, result, context))


def describe_change(action: BulkAction, result: ActionResult, context: ActionContext) -> str:
    return action.done.format(pluralise(result.changed, "asset"), names=context.describe_names())


def describe(action: BulkAction, result: ActionResult, context: ActionContext) -> str:
    """What was done, what was not, and why."""
    sentences = [describe_change(action, result, context) if result.changed else "No assets changed"]
    if result.unchanged:
        sentences.append(f"{pluralise(result.unchanged, 'asset')} unchanged: {action.unchanged}")
    if result.not_allowed:
        sentences.append(f"{pluralise(result.not_allowed, 'asset')} unchanged: {action.not_allowed}")
    return ". ".join(sentences)


def _batches(pks: Sequence[UUID]) -> Iterator[list[UUID]]:
    # Sorted, so that two people who change the same assets at once cannot deadlock.
    ordered = sorted(set(pks))
    for start in range(0, len(ordered), BATCH_SIZE):
        yield ordered[start : start + BATCH_SIZE]


def _select(
    action: BulkAction, pks: list[UUID], context: ActionContext, *, lock: bool = False
) -> tuple[list[UUID], ActionResult]:
    """The assets to change, and how many there are of each kind."""
    reachable = Asset.objects.all() if context.for_everyone else permissions.reachable_assets(context.user)
    assets = reachable.filter(pk__in=pks).order_by("pk").only("owner_id", "visibility", "stored_file_id")
    rows = list(assets.select_for_update(of=("self",), no_key=True) if lock else assets)
    allowed = [asset for asset in rows if context.for_everyone or action.is_allowed(context.user, asset)]
    done = action.find_done(assets, context)
    selected = [asset for asset in allowed if asset.pk not in done]
    if action.is_once_per_content:
        selected = list({asset.stored_file_id: asset for asset in reversed(selected)}.values())
    changed = [asset.pk for asset in selected]
    return changed, ActionResult(len(changed), len(allowed) - len(changed), len(rows) - len(allowed))
