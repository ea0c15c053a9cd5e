"""Updating the search text of many assets in the background."""

from collections.abc import Sequence

from django_tasks import task

from assets.models import Asset

# Assets per task: a few seconds' work, so that the queue's other tasks get their turn.
MAX_AT_ONCE = 1000


@task(queue_name="upkeep")
def reindex_assets(relation: str, pks: Sequence[str | int], after: str | None = None) -> None:
    """Reindex the assets with one of these `owner`, `tags` or `collections`, after a change of their names."""
    assets = Asset.objects.filter(**{f"{relation}__in": pks})
    if last := assets.reindex_some(after=after, limit=MAX_AT_ONCE):
        reindex_assets.enqueue(relation, pks, str(last))
