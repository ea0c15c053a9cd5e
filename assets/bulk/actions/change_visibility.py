from uuid import UUID

from django.db.models import Q

from assets import permissions
from assets.bulk.actions.base import ActionContext, BulkAction, record_update
from assets.models import Asset
from assets.models.users import User


class ChangeVisibility(BulkAction):
    name = "visibility"
    title = "Change visibility"
    button = "Change visibility of {}"
    done = "Made {} {names}"
    unchanged = "already have this visibility, or were edited meanwhile"
    not_allowed = "only their owners may"
    needs = "visibility"
    changes = ("visibility",)

    def is_done(self, context: ActionContext) -> Q:
        done = Q(visibility=context.visibility)
        # Somebody may just have made one private that was not when the person decided.
        return done | Q(updated_at__gt=context.since) if context.since else done

    def is_allowed(self, user: User, asset: Asset) -> bool:
        return permissions.may_change_visibility(user, asset)

    def apply(self, pks: list[UUID], context: ActionContext) -> None:
        assets = Asset.objects.filter(pk__in=pks)
        before = dict(assets.values_list("pk", "visibility"))
        assets.update(visibility=context.visibility)
        assets.announce_shown()
        record_update(pks, context, "visibility", lambda pk: (before[pk], context.visibility))
