from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from assets.bulk.actions.base import ActionContext, BulkAction
from assets.delivery.requeue import retry
from assets.models import StoredFile


class RetryUploads(BulkAction):
    name = "retry"
    title = "Retry failed uploads"
    button = "Retry {}"
    done = "Queued {} again"
    unchanged = "upload has not failed"

    def is_done(self, context: ActionContext) -> Q:
        return ~Q(Exists(StoredFile.objects.failed().filter(pk=OuterRef("stored_file_id"))))

    def apply(self, pks: list[UUID], context: ActionContext) -> None:
        retry(StoredFile.objects.filter(assets__in=pks))
