from uuid import UUID

from django.db.models import Q

from assets import trash
from assets.bulk.actions.base import ActionContext, BulkAction
from assets.models import Asset


class Delete(BulkAction):
    name = "purge"
    title = "Delete permanently"
    button = "Delete {} permanently"
    done = "Deleted {} permanently"
    unchanged = "not in the trash"

    def is_done(self, context: ActionContext) -> Q:
        return Q(trashed_at=None)

    def apply(self, pks: list[UUID], context: ActionContext) -> None:
        trash.delete_permanently(Asset.objects.filter(pk__in=pks))
