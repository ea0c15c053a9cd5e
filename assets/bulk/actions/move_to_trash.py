from uuid import UUID

from django.db.models import Q

from assets.bulk.actions.base import ActionContext, BulkAction, record_update
from assets.models import Asset
from assets.models.webhooks import Event


class MoveToTrash(BulkAction):
    name = "trash"
    title = "Move to trash"
    button = "Move {} to trash"
    done = "Moved {} to trash"
    changes = ("trashed_at",)
    unchanged = "already in the trash"

    def is_done(self, context: ActionContext) -> Q:
        return Q(trashed_at__isnull=False)

    def apply(self, pks: list[UUID], context: ActionContext) -> None:
        assets = Asset.objects.filter(pk__in=pks)
        assets.update(trashed_at=context.now)
        assets.announce(Event.TRASHED)
        record_update(pks, context, "trashed_at", lambda pk: ("None", context.now.isoformat()))
