from assets.bulk.actions.labels import AddLabels
from assets.models import Collection


class AddToCollection(AddLabels):
    name = "collect"
    title = "Add to collection"
    done = "{} added to collection"
    unchanged = "already in this collection"
    needs = "collection"
    label = Collection
