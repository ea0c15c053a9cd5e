"""What a list shows of an entry: plain values, without a model instance for each of the three tables they are from."""

import functools
import uuid
from datetime import datetime
from typing import NamedTuple, Self

from django.urls import reverse

from assets.models.assets import Asset

from .links import TROUBLED, LinkStatus
from .states import UNFINISHED, State

_OF_ASSET = ("pk", "created_at", "title", "title_key", "kind", "size", "visibility")
_OF_FILE = (
    "state", "error", "url", "link_status", "media_type", "width", "height", "duration", "placeholder", "is_animated",
)  # fmt: skip
# `reverse()` costs as much as the rest of a card.
_NOBODY = uuid.UUID(int=0)


class Card(NamedTuple):
    """`is_favourite`: one of the person who looks at it."""

    pk: uuid.UUID
    created_at: datetime
    title: str
    title_key: str
    kind: str
    size: int
    visibility: str
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
        return cls(
            **{name: getattr(asset, name) for name in _OF_ASSET},
            **{name: getattr(file, name) for name in _OF_FILE},
            owner=asset.owner.get_username(),
            preview=str(file.preview),
            is_favourite=getattr(asset, "is_favourite", False),
        )

    @property
    def page(self) -> str:
        before, after = _page_pattern()
        return f"{before}{self.pk}{after}"

    @property
    def preview_url(self) -> str:
        return f"{self.page}preview/"

    @property
    def placeholder_url(self) -> str:
        """The data URL of the picture that is shown until the preview is loaded; empty if there is none."""
        return f"data:image/bmp;base64,{self.placeholder}" if self.placeholder else ""

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
def _page_pattern() -> tuple[str, str]:
    before, after = reverse("asset", args=[_NOBODY]).split(str(_NOBODY))
    return before, after
