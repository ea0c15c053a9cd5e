from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from assets.bulk.actions.base import ActionContext, BulkAction
from assets.delivery.requeue import reupload
from assets.models import StoredFile


class Reupload(BulkAction):
    name = "heal"
    title = "Re-upload broken links"
    button = "Re-upload {}"
    done = "Queued {} for re-upload"
    unchanged = "link not broken, or no original kept"

    def is_done(self, context: ActionContext) -> Q:
        return ~Q(Exists(StoredFile.objects.reuploadable().filter(pk=OuterRef("stored_file_id"))))

    def apply(self, pks: list[UUID], context: ActionContext) -> None:
        reupload(StoredFile.objects.filter(assets__in=pks))
