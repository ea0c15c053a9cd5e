"""Pages of tags and collections, by name."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from assets.models.assets import AssetQuerySet
from assets.models.labels import LabelQuerySet
from assets.text.formats import MAX_COUNTED

PAGE_SIZE = 60
# Candidates looked at in one go; most of them are visible.
BATCH = 100


@dataclass(frozen=True)
class LabelPage:
    """Each label has its `entry_count`, as far as `MAX_COUNTED + 1`; `following` is the next page's `after`."""

    labels: list[Any]
    following: str | None


def page_of(
    candidates: LabelQuerySet,
    entries: AssetQuerySet,
    *,
    only_visible: Callable[[list[Any]], Iterable[Any]],
    after: str,
) -> LabelPage:
    """So many of the candidates as fill a page, behind a key; with how many of `entries` have each."""
    found: list[Any] = []
    at = after.replace("\0", "")
    while len(found) <= PAGE_SIZE:
        batch = list(candidates.filter(key__gt=at).order_by("key")[:BATCH])
        found += only_visible(batch)
        if len(batch) < BATCH:
            break
        at = batch[-1].key
    shown = found[:PAGE_SIZE]
    counted: Any = candidates.model.objects.counted_in(entries, most=MAX_COUNTED + 1)
    counts = {label.pk: label.entry_count for label in counted.filter(pk__in=[label.pk for label in shown])}
    for label in shown:
        label.entry_count = counts.get(label.pk, 0)
    return LabelPage(shown, shown[-1].key if len(found) > PAGE_SIZE else None)
