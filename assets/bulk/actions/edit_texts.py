from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from assets.audit.log import record_changes
from assets.bulk.actions.base import ActionContext, BulkAction
from assets.bulk.text_edits import Problem, Texts
from assets.models import Asset
from assets.models.assets import AssetQuerySet

TEXTS = ("title", "description")
MAX_EXAMPLES = 8


class EditTexts(BulkAction):
    name = "edit"
    title = "Edit titles and descriptions"
    button = "Edit {}"
    done = "Edited {}"
    unchanged = "already so, edited meanwhile, or their new title would be empty or too long"
    needs = "texts"
    changes = TEXTS

    def is_done(self, context: ActionContext) -> Q:
        # Somebody may just have given one a better title.
        return Q(updated_at__gt=context.since) if context.since else Q(pk=None)

    def find_done(self, assets: AssetQuerySet, context: ActionContext) -> set[UUID]:
        done = super().find_done(assets, context)
        pks = list(assets.values_list("pk", flat=True))
        return done | (set(pks) - _compute(pks, context).keys())

    def apply(self, pks: list[UUID], context: ActionContext) -> None:
        texts = _compute(pks, context)
        assets = list(Asset.objects.filter(pk__in=texts).only(*TEXTS))
        changes = {asset.pk: _change(asset, texts[asset.pk], context) for asset in assets}
        Asset.objects.bulk_update(assets, [*TEXTS, "updated_at"])
        Asset.objects.filter(pk__in=texts).reindex()
        record_changes(((asset, changes[asset.pk]) for asset in assets), actor=context.user)


@dataclass(frozen=True)
class TextPreview:
    """The first of the assets that change, with their texts afterwards, and how many are left out for which reason."""

    rows: list[tuple[Asset, Texts]]
    problems: Mapping[Problem, int]


def preview(pks: Sequence[UUID], context: ActionContext) -> TextPreview:
    """`pks`: in the order of the selection."""
    computed = _compute_all([pk for pk in pks if pk in context.numbers], context)
    rows = [(asset, texts) for asset, texts in computed if isinstance(texts, Texts) and texts != _texts_of(asset)]
    rows.sort(key=lambda row: context.numbers[row[0].pk])
    return TextPreview(rows[:MAX_EXAMPLES], Counter(texts for _, texts in computed if isinstance(texts, Problem)))


def _compute_all(pks: Sequence[UUID], context: ActionContext) -> list[tuple[Asset, Texts | Problem]]:
    rows = Asset.objects.filter(pk__in=pks).only(*TEXTS, "file_name", "created_at")
    return [(asset, context.texts.apply(asset, context.numbers.get(asset.pk, 0))) for asset in rows]


def _compute(pks: list[UUID], context: ActionContext) -> Mapping[UUID, Texts]:
    """The new texts of those of these assets that change."""
    computed = _compute_all(pks, context)
    return {asset.pk: texts for asset, texts in computed if isinstance(texts, Texts) and texts != _texts_of(asset)}


def _texts_of(asset: Asset) -> Texts:
    return Texts(asset.title, asset.description)


def _change(asset: Asset, texts: Texts, context: ActionContext) -> dict[str, tuple[str, str]]:
    """Set the texts of an asset; returns what the audit log has of it."""
    pairs = {name: (getattr(asset, name), getattr(texts, name)) for name in TEXTS}
    asset.title, asset.description, asset.updated_at = texts.title, texts.description, context.now
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
