from uuid import UUID

from django.db.models import Q

from assets.bulk.actions.base import ActionContext, BulkAction, record_update
from assets.models import Asset


class Restore(BulkAction):
    name = "restore"
    title = "Restore"
    button = "Restore {}"
    done = "Restored {}"
    changes = ("trashed_at",)
    unchanged = "not in the trash"

    def is_done(self, context: ActionContext) -> Q:
        return Q(trashed_at=None)

    def apply(self, pks: list[UUID], context: ActionContext) -> None:
        assets = Asset.objects.filter(pk__in=pks)
        before = {pk: moment.isoformat() for pk, moment in assets.values_list("pk", "trashed_at") if moment}
        assets.update(trashed_at=None)
        assets.announce_shown()
        record_update(pks, context, "trashed_at", lambda pk: (before[pk], "None"))
