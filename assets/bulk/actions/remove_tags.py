from assets.bulk.actions.labels import RemoveLabels
from assets.models import Tag


class RemoveTags(RemoveLabels):
    name = "untag"
    title = "Remove tags"
    done = "Tags removed from {}"
    unchanged = "have none of these tags"
    needs = "tags"
    label = Tag
