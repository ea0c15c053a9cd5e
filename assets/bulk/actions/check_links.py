from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from assets import permissions
from assets.bulk.actions.base import ActionContext, BulkAction
from assets.links.schedule import check_now
from assets.models import Asset, StoredFile
from assets.models.users import User


class CheckLinks(BulkAction):
    name = "check"
    title = "Check links now"
    button = "Check links of {}"
    done = "Checking links of {}"
    unchanged = "no Segmind URL yet"
    not_allowed = "only managers may"

    def is_done(self, context: ActionContext) -> Q:
        return ~Q(Exists(StoredFile.objects.stored().filter(pk=OuterRef("stored_file_id"))))

    def is_allowed(self, user: User, asset: Asset) -> bool:
        return permissions.may_manage(user) and super().is_allowed(user, asset)

    def apply(self, pks: list[UUID], context: ActionContext) -> None:
        check_now(StoredFile.objects.filter(assets__in=pks))
