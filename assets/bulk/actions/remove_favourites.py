from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from assets.bulk.actions.base import ActionContext, BulkAction
from assets.models import Favourite


class RemoveFavourites(BulkAction):
    name = "unfavourite"
    title = "Remove from favourites"
    button = "Remove {} from favourites"
    done = "Removed {} from favourites"
    unchanged = "not favourites"
    is_personal = True
    changes = ("favourite",)

    def is_done(self, context: ActionContext) -> Q:
        return ~Q(Exists(Favourite.objects.filter(user=context.user.pk, asset=OuterRef("pk"))))

    def apply(self, pks: list[UUID], context: ActionContext) -> None:
        Favourite.objects.filter(user=context.user.pk, asset__in=pks).delete()
