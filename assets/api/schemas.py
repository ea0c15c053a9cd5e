"""What the API answers with. Within v1, fields are only ever added."""

from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from ninja import Schema
from pydantic import BaseModel, ConfigDict, Field

from assets.models import Asset
from assets.models.assets import AssetQuerySet
from assets.models.users import User
from assets.web.responses import asset_json

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Name = Annotated[str, Field(min_length=1)]
Uri = Annotated[str, Field(json_schema_extra={"format": "uri"})]


class Body(BaseModel):
    """What a program sends. A field that is not known is refused: it would be a mistake that nobody notices."""

    model_config = ConfigDict(extra="forbid")


class Warned(Schema):
    code: str
    message: str


class AssetOut(Schema):
    """`url` is null until the file is stored at Segmind. `version` changes with every edit, and is the ETag."""

    id: UUID
    title: str
    file_name: str
    source_url: str | None
    description: str
    kind: Literal["image", "video", "audio", "other"]
    media_type: str
    size: int
    sha256: str
    width: int | None
    height: int | None
    duration: float | None
    state: Literal["queued", "sending", "stored", "failed"]
    url: str | None
    url_has_email: bool
    link_status: Literal["unchecked", "verified", "changed", "broken", "unreachable"]
    error: str | None
    warning: Warned | None
    owner: str
    tags: list[str]
    collections: list[str]
    visibility: Literal["team", "private"]
    created_at: Moment
    trashed_at: Moment | None
    page: Uri
    preview: Uri | None
    version: str


class Remark(Schema):
    """A part of a search that was not understood, and was left out."""

    text: str
    reason: str


class AssetList(Schema):
    """`next` is the `cursor` of the next page, null on the last."""

    items: list[AssetOut]
    next: str | None
    remarks: list[Remark]


def asset_out(request: HttpRequest, asset: Asset) -> dict[str, object]:
    """The JSON of the pages, with addresses that a program can use. Needs no query after `with_details()`."""
    facts = asset_json(asset)
    preview = reverse("v1:get_preview", args=[asset.pk]) if facts["preview"] else ""
    return facts | {
        "page": request.build_absolute_uri(str(facts["page"])),
        "preview": request.build_absolute_uri(preview) if preview else None,
    }


def reload(assets: AssetQuerySet, user: User, pk: UUID) -> Asset:
    """The asset with all that is answered of it."""
    return assets.with_details(user).get(pk=pk)
