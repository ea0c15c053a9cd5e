from assets.bulk.actions.labels import AddLabels
from assets.models import Tag


class AddTags(AddLabels):
    name = "tag"
    title = "Add tags"
    button = "Tag {}"
    done = "Tagged {} {names}"
    unchanged = "already have these tags"
    needs = "tags"
    changes = ("tags",)
    label = Tag
