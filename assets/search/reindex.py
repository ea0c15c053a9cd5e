"""Making assets findable by what they are called now, many of them in the background."""

from typing import Any

from django_tasks import task

from assets.models import Asset

# Entries of one task: a few seconds' work, so that others of the queue get their turn.
MAX_AT_ONCE = 1000


@task(queue_name="upkeep")
def reindex_assets(by: str, values: list[Any], after: str | None = None) -> None:
    """Make entries findable by what they are called now: those with one of these `by` (owner, tags, collections)."""
    entries = Asset.objects.filter(**{f"{by}__in": values})
    if last := entries.reindex_some(after=after, most=MAX_AT_ONCE):
        reindex_assets.enqueue(by, values, str(last))
