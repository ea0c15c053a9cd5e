"""What a list shows of an asset, as plain values: faster than model instances of the three tables they come from."""

import functools
import uuid
from datetime import datetime
from typing import NamedTuple, Self

from django.urls import reverse

from assets.models.assets import Asset

from .links import TROUBLED, LinkStatus
from .states import UNFINISHED, State

_ASSET_COLUMNS = ("pk", "created_at", "title", "title_key", "kind", "size", "visibility")
_FILE_COLUMNS = (
    "state", "error", "warning", "url", "link_status", "media_type", "width", "height", "duration", "placeholder",
    "is_animated", "is_previewing",
)  # fmt: skip
# `reverse()` costs as much as the rest of a card, so it runs once, with this id.
_NIL_UUID = uuid.UUID(int=0)


class Card(NamedTuple):
    """`is_favourite`: whether the person who sees the list marked it."""

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
    warning: str
    url: str
    link_status: str
    media_type: str
    width: int | None
    height: int | None
    duration: float | None
    preview: str
    placeholder: str
    is_animated: bool
    is_previewing: bool
    is_favourite: bool

    @classmethod
    def from_asset(cls, asset: Asset) -> Self:
        """The asset should be selected with its file and owner."""
        file = asset.stored_file
        return cls(
            **{name: getattr(asset, name) for name in _ASSET_COLUMNS},
            **{name: getattr(file, name) for name in _FILE_COLUMNS},
            owner=asset.owner_name,
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
        """A data URL to show until the preview is loaded; empty if there is none."""
        return f"data:image/bmp;base64,{self.placeholder}" if self.placeholder else ""

    @property
    def is_unfinished(self) -> bool:
        """Whether it changes by itself: its file is on the way to Segmind, or its preview is being made."""
        return self.state in UNFINISHED or self.is_previewing

    @property
    def has_trouble(self) -> bool:
        """Whether the last check of its link failed."""
        return bool(self.url) and self.link_status in TROUBLED

    @property
    def link_label(self) -> str:
        return LinkStatus(self.link_status).label

    @property
    def state_label(self) -> str:
        return State(self.state).label


@functools.cache
def _page_pattern() -> tuple[str, str]:
    before, after = reverse("asset", args=[_NIL_UUID]).split(str(_NIL_UUID))
    return before, after
