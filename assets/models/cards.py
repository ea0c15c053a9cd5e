"""What a list shows of an entry: a row of plain values, read in one query and without a model instance for each of the
three tables. A page has forty-eight of them, and the same card is asked for again and again."""

import functools
import uuid
from datetime import datetime
from typing import Any, NamedTuple, Self

from django.urls import reverse

from assets.models.assets import Asset, AssetQuerySet, User

from .links import TROUBLED, LinkStatus
from .prepared import Prepared
from .stored_files import UNFINISHED, State, placeholder_url

# A card's field: where it is found from an entry.
_SOURCES = {
    "pk": "pk",
    "title": "title",
    "kind": "kind",
    "size": "size",
    "visibility": "visibility",
    "created_at": "created_at",
    "owner": "owner__username",
    "state": "stored_file__state",
    "error": "stored_file__error",
    "url": "stored_file__url",
    "link_status": "stored_file__link_status",
    "media_type": "stored_file__media_type",
    "width": "stored_file__width",
    "height": "stored_file__height",
    "duration": "stored_file__duration",
    "preview": "stored_file__preview",
    "placeholder": "stored_file__placeholder",
    "is_animated": "stored_file__is_animated",
    "is_favourite": "is_favourite",
}
# `reverse()` costs as much as the rest of a card.
_NOBODY = uuid.UUID(int=0)


class Card(NamedTuple):
    """`is_favourite`: one of the person who looks at it."""

    pk: uuid.UUID
    title: str
    kind: str
    size: int
    visibility: str
    created_at: datetime
    owner: str
    state: str
    error: str
    url: str
    link_status: str
    media_type: str
    width: int | None
    height: int | None
    duration: float | None
    preview: str
    placeholder: str
    is_animated: bool
    is_favourite: bool

    @classmethod
    def of(cls, asset: Asset) -> Self:
        """Of an entry that is at hand, with its file and owner."""
        file = asset.stored_file
        own = {name: getattr(asset, name) for name in ("pk", "title", "kind", "size", "visibility", "created_at")}
        facts = {name: getattr(file, name) for name, source in _SOURCES.items() if source.startswith("stored_file__")}
        is_favourite = getattr(asset, "is_favourite", False)
        facts["preview"] = str(file.preview)
        return cls(**own, **facts, owner=asset.owner.get_username(), is_favourite=is_favourite)

    @classmethod
    def of_list(cls, assets: AssetQuerySet, user: User) -> Prepared[tuple[Any, ...]]:
        """The query for the cards of these entries, as that person sees them; each of its rows makes one."""
        return Prepared(assets.marked_for(user).values_list(*_SOURCES.values()))

    @property
    def page(self) -> str:
        return _pattern().replace(str(_NOBODY), str(self.pk))

    @property
    def placeholder_url(self) -> str:
        return placeholder_url(self.placeholder)

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED

    @property
    def has_trouble(self) -> bool:
        """Whether the last that is known of its link is nothing good."""
        return bool(self.url) and self.link_status in TROUBLED

    @property
    def link_in_words(self) -> str:
        return LinkStatus(self.link_status).label

    @property
    def state_in_words(self) -> str:
        return State(self.state).label


@functools.cache
def _pattern() -> str:
    return reverse("asset", args=[_NOBODY])
