from assets.bulk.actions.labels import AddLabels
from assets.models import Tag


class AddTags(AddLabels):
    name = "tag"
    title = "Add tags"
    done = "Tags added to {}"
    unchanged = "already have these tags"
    needs = "tags"
    label = Tag
