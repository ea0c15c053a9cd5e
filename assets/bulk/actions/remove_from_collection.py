from assets.bulk.actions.labels import RemoveLabels
from assets.models import Collection


class RemoveFromCollection(RemoveLabels):
    name = "uncollect"
    title = "Remove from collection"
    button = "Remove {} from collection"
    done = "Removed {} from {names}"
    unchanged = "not in this collection"
    needs = "collection"
    changes = ("collections",)
    label = Collection
