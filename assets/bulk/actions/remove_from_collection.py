from assets.bulk.actions.labels import RemoveLabels
from assets.models import Collection


class RemoveFromCollection(RemoveLabels):
    name = "uncollect"
    title = "Remove from collection"
    done = "{} removed from collection"
    unchanged = "not in this collection"
    needs = "collection"
    label = Collection
