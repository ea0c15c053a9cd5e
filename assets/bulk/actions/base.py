from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.db.models import Q

from assets import permissions
from assets.audit.log import record_changes
from assets.bulk.text_edits import TextEdits
from assets.models import Asset, Collection, Visibility
from assets.models.assets import AssetQuerySet
from assets.models.users import User


@dataclass(frozen=True)
class ActionContext:
    """Who acts and when, and what the action needs: `names` of tags or collections, a `visibility` or a new `owner`.

    `for_everyone`: in the administration, where an action changes everybody's assets. `since`: when the person saw what
    the action would change, if they did. `collection`: the one meant, where another may have its name. `texts`: what is
    done to titles and descriptions; `numbers`: the place of each asset in the selection, from 0 on.
    """

    user: User
    now: datetime
    names: tuple[str, ...] = ()
    visibility: str = ""
    owner: User | None = None
    for_everyone: bool = False
    since: datetime | None = None
    collection: Collection | None = None
    texts: TextEdits = field(default_factory=TextEdits)
    numbers: Mapping[UUID, int] = field(default_factory=dict)

    def describe_names(self) -> str:
        """The names, or the visibility, in a message."""
        if self.visibility:
            return "private" if self.visibility == Visibility.PRIVATE else "visible to the team"
        return ", ".join(f"“{name}”" for name in self.names)


class BulkAction(ABC):
    """Something people do to many assets at once; `bulk.run` previews and applies it.

    `done` and `unchanged` are parts of a message: “Moved 3 assets to trash. 1 asset unchanged: already in the trash”.
    `needs` names the form field it asks for. `changes` are the fields that undoing it gives back, as
    `undo.recording.record()` has them; without any, it cannot be undone. A personal action changes nothing that
    others see, so everybody who sees an asset may apply it. `is_once_per_content` leaves all but the first of several
    assets of one content as they are.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    button: ClassVar[str]
    done: ClassVar[str]
    unchanged: ClassVar[str]
    not_allowed: ClassVar[str] = "only their owners and managers may"
    needs: ClassVar[str] = ""
    changes: ClassVar[tuple[str, ...]] = ()
    is_personal: ClassVar[bool] = False
    is_once_per_content: ClassVar[bool] = False

    @abstractmethod
    def is_done(self, context: ActionContext) -> Q:
        """Finds the assets that need no change."""

    def find_done(self, assets: AssetQuerySet, context: ActionContext) -> set[UUID]:
        """Those of the assets that need no change."""
        return set(assets.filter(self.is_done(context)).values_list("pk", flat=True))

    @abstractmethod
    def apply(self, pks: list[UUID], context: ActionContext) -> None:
        """Change these assets. `run.apply()` has checked and locked them, in a transaction."""

    def is_allowed(self, user: User, asset: Asset) -> bool:
        return self.is_personal or permissions.may_change(user, asset)


def record_update(
    pks: list[UUID], context: ActionContext, field: str, values: Callable[[UUID], tuple[str, str]]
) -> None:
    """Mark the assets as updated, and record what the field of each held before and holds now."""
    assets = Asset.objects.filter(pk__in=pks)
    assets.update(updated_at=context.now)
    record_changes(((asset, {field: values(asset.pk)}) for asset in assets.only("title")), actor=context.user)
