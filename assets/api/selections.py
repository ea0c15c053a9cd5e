"""Many assets at once: bulk actions and exports."""

from dataclasses import asdict
from typing import Annotated, Literal
from uuid import UUID

from django.db import IntegrityError
from django.http import QueryDict
from django.http.response import StreamingHttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from pydantic import StrictBool

from assets import permissions
from assets.api import problems
from assets.api.assets import Sort
from assets.api.auth import READ, WRITE, ApiRequest
from assets.api.schemas import Body
from assets.bulk import run
from assets.bulk.export import FORMATS, asset_row
from assets.bulk.forms import BulkForm
from assets.bulk.selection import MAX_SELECTED, Selection
from assets.bulk.views import LABEL_DELETED
from assets.search.results import Listing
from assets.web.responses import MissingError, stream_download

router = Router(tags=["Many at once"])
Action = Literal[
    "tag", "untag", "collect", "uncollect", "visibility", "favourite", "unfavourite", "trash", "restore", "retry",
    "heal", "check", "purge",
]  # fmt: skip


class Bulk(Body):
    """`ids`, or everything that `q` finds. Without `confirm`, nothing is changed: the answer says what would be.

    `tags` for `tag` and `untag`, `collection` for `collect` and `uncollect`.
    """

    action: Action
    ids: Annotated[list[UUID], Field(max_length=MAX_SELECTED)] = []
    q: str | None = None
    tags: list[str] = []
    collection: str = ""
    visibility: Literal["", "team", "private"] = ""
    confirm: StrictBool = False

    def as_fields(self) -> QueryDict:
        """As the form of the pages takes them."""
        fields = QueryDict(mutable=True)
        fields.setlist("id", [str(pk) for pk in self.ids])
        fields.update({"action": self.action, "collection": self.collection, "visibility": self.visibility})
        fields["tags"] = ", ".join(self.tags)
        if self.q is not None and not self.ids:
            fields.update({"all": "1", "q": self.q})
        if self.confirm:
            fields["confirmed"] = "1"
        return fields


class BulkOut(Schema):
    """How many assets are changed, need no change, and may not be changed by you. `message` says it in words."""

    action: Action
    changed: int
    unchanged: int
    not_allowed: int
    confirmed: bool
    message: str | None


@router.post("/bulk", response=BulkOut, auth=WRITE, summary="Change many assets, or see what would change")
def change_many(request: ApiRequest, bulk: Bulk) -> dict[str, object]:
    form = BulkForm(bulk.as_fields())
    if not form.is_valid():
        raise problems.from_form(form.errors.as_data())
    pks, action = form.selection(request.user).pks(), form.bulk_action
    if not action.is_personal:
        permissions.require_member(request.user)
    context = form.action_context(request.user, timezone.now(), pks)
    if not bulk.confirm:
        return {"action": action.name, **asdict(run.preview(action, pks, context)), "confirmed": False, "message": None}
    try:
        result, _ = run.apply_undoably(action, pks, context)
    except IntegrityError:
        raise MissingError(LABEL_DELETED) from None
    return {
        "action": action.name,
        **asdict(result),
        "confirmed": True,
        "message": run.describe(action, result, context),
    }


@router.get("/export", auth=READ, summary="Everything known about assets, as a file")
def export_assets(
    request: ApiRequest,
    q: Annotated[str, Query("")],
    sort: Annotated[Sort, Query("newest")],
    format: Annotated[Literal["csv", "json"], Query("csv")],
) -> StreamingHttpResponse:
    """All that a search finds, however many they are."""
    listing = Listing.from_parameters({"q": q, "sort": sort}, request.user)
    media_type, write = FORMATS[format]
    rows = (asset_row(request, asset) for batch in Selection.from_listing(listing).batches() for asset in batch)
    return stream_download(write(rows), media_type, f"assets.{format}")
