from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from assets.bulk.actions.base import ActionContext, BulkAction, record_update
from assets.models import Asset


class ChangeOwner(BulkAction):
    """In the administration only. A person has one asset of each content: where they have it already, it stays."""

    name = "hand_over"
    title = "Change owner"
    button = "Change owner of {}"
    done = "Changed the owner of {}"
    unchanged = "the new owner already has them, or the same file"
    is_once_per_content = True

    def is_done(self, context: ActionContext) -> Q:
        same_content = Asset.objects.filter(owner=context.owner, stored_file=OuterRef("stored_file"))
        return Q(owner=context.owner) | Q(Exists(same_content))

    def apply(self, pks: list[UUID], context: ActionContext) -> None:
        assets = Asset.objects.filter(pk__in=pks)
        before = dict(assets.values_list("pk", "owner__username"))
        assets.update(owner=context.owner)
        after = dict(assets.values_list("pk", "owner__username"))
        # Search finds assets by their owner's name.
        assets.reindex()
        record_update(pks, context, "owner", lambda pk: (before[pk], after[pk]))
