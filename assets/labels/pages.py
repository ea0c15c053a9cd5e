"""One page of tags or collections, in the order of their names."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic

from assets.models.assets import AssetQuerySet
from assets.models.labels import LabelQuerySet, LabelT
from assets.text.formats import MAX_COUNTED

PAGE_SIZE = 60
# Candidates that are read at once; most of them are visible.
BATCH_SIZE = 100


@dataclass(frozen=True)
class LabelPage(Generic[LabelT]):
    """Labels with the number of their assets, up to `MAX_COUNTED + 1`; `next_after` is the next page's `after`."""

    rows: list[tuple[LabelT, int]]
    next_after: str | None


def get_page(
    candidates: LabelQuerySet[LabelT],
    assets: AssetQuerySet,
    *,
    only_visible: Callable[[list[LabelT]], Iterable[LabelT]],
    after: str,
) -> LabelPage[LabelT]:
    """The visible labels that follow the key `after`, with how many of the assets have each."""
    visible: list[LabelT] = []
    key = after.replace("\0", "")
    while len(visible) <= PAGE_SIZE:
        batch = list(candidates.filter(key__gt=key).order_by("key")[:BATCH_SIZE])
        visible += only_visible(batch)
        if len(batch) < BATCH_SIZE:
            break
        key = batch[-1].key
    labels = visible[:PAGE_SIZE]
    shown = candidates.model.objects.filter(pk__in=[label.pk for label in labels])
    counts = shown.count_in(assets, limit=MAX_COUNTED + 1)
    rows = [(label, counts.get(label.pk, 0)) for label in labels]
    return LabelPage(rows, labels[-1].key if len(visible) > PAGE_SIZE else None)
