from assets.bulk.actions.labels import AddLabels
from assets.models import Collection


class AddToCollection(AddLabels):
    name = "collect"
    title = "Add to collection"
    button = "Add {} to collection"
    done = "Added {} to {names}"
    unchanged = "already in this collection"
    needs = "collection"
    changes = ("collections",)
    label = Collection
