from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from assets.bulk.actions.base import ActionContext, BulkAction
from assets.models import Favourite


class AddFavourites(BulkAction):
    name = "favourite"
    title = "Add to favourites"
    button = "Add {} to favourites"
    done = "Added {} to favourites"
    unchanged = "already favourites"
    is_personal = True
    changes = ("favourite",)

    def is_done(self, context: ActionContext) -> Q:
        return Q(Exists(Favourite.objects.filter(user=context.user.pk, asset=OuterRef("pk"))))

    def apply(self, pks: list[UUID], context: ActionContext) -> None:
        rows = [Favourite(user_id=context.user.pk, asset_id=pk, created_at=context.now) for pk in pks]
        Favourite.objects.bulk_create(rows, ignore_conflicts=True)
