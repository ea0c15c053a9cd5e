from assets.bulk.actions.labels import RemoveLabels
from assets.models import Tag


class RemoveTags(RemoveLabels):
    name = "untag"
    title = "Remove tags"
    button = "Remove tags from {}"
    done = "Removed {names} from {}"
    unchanged = "have none of these tags"
    needs = "tags"
    changes = ("tags",)
    label = Tag
