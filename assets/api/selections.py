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
from assets.api.problems import ProblemError
from assets.api.schemas import Body
from assets.bulk import run
from assets.bulk.actions import edit_texts
from assets.bulk.actions.base import ActionContext, BulkAction
from assets.bulk.export import FORMATS, asset_row
from assets.bulk.forms import BulkForm
from assets.bulk.selection import MAX_SELECTED, Selection
from assets.bulk.text_edits import How
from assets.bulk.text_forms import MAX_START
from assets.bulk.views import LABEL_DELETED
from assets.models.assets import DESCRIPTION_LENGTH
from assets.search.results import Listing
from assets.web.responses import MissingError, stream_download

router = Router(tags=["Many at once"])
Action = Literal[
    "tag", "untag", "collect", "uncollect", "visibility", "edit", "favourite", "unfavourite", "trash", "restore",
    "retry", "heal", "check", "purge",
]  # fmt: skip


TextValue = Annotated[str, Field(max_length=DESCRIPTION_LENGTH)]


class TextChange(Body):
    """`set` is a pattern with `{n}`, `{n:03}`, `{title}`, `{file}` and `{date}`; or what to `find` is replaced."""

    set: TextValue | None = None
    find: TextValue | None = None
    replace: TextValue = ""

    def as_fields(self, name: str) -> dict[str, str]:
        """As the form of the pages takes them."""
        if self.set is not None and self.find is not None:
            raise ProblemError(422, f"{name}: Give either set or find.")
        how = How.REPLACE if self.set is None else How.SET
        values = {"how": how, "text": self.set or "", "find": self.find or "", "with": self.replace}
        return {f"{name}_{part}": value for part, value in values.items()}


# What the API calls the fields of `TextEditsForm`.
TEXT_FIELDS = {"text": "set", "find": "find", "with": "replace"}


class Bulk(Body):
    """`ids`, or everything that `q` finds. Without `confirm`, nothing is changed: the answer says what would be.

    `tags` for `tag` and `untag`, `collection` for `collect` and `uncollect`; for `edit`: `title`, `description` or
    both, numbered from `start` on in the order of `sort`.
    """

    action: Action
    ids: Annotated[list[UUID], Field(max_length=MAX_SELECTED)] = []
    q: str | None = None
    tags: list[str] = []
    collection: str = ""
    visibility: Literal["", "team", "private"] = ""
    title: TextChange | None = None
    description: TextChange | None = None
    start: Annotated[int, Field(strict=True, ge=0, le=MAX_START)] = 1
    match_case: StrictBool = False
    sort: Sort = "newest"
    confirm: StrictBool = False

    def as_fields(self) -> QueryDict:
        """As the form of the pages takes them."""
        fields = QueryDict(mutable=True)
        fields.setlist("id", [str(pk) for pk in self.ids])
        fields.update({"action": self.action, "collection": self.collection, "visibility": self.visibility})
        fields.update({"tags": ", ".join(self.tags), "sort": self.sort})
        if self.q is not None and not self.ids:
            fields.update({"all": "1", "q": self.q})
        if self.confirm:
            fields["confirmed"] = "1"
        fields.update(self._text_fields())
        return fields

    def _text_fields(self) -> dict[str, str]:
        if self.action != "edit":
            return {}
        fields = {"title_how": How.KEEP.value, "start": str(self.start), "match_case": "1" if self.match_case else ""}
        for name, change in {"title": self.title, "description": self.description}.items():
            fields |= change.as_fields(name) if change else {}
        return fields


class EditedTexts(Schema):
    """The texts of an asset as they would be."""

    id: UUID
    title: str
    description: str


class LeftOut(Schema):
    reason: str
    count: int


class BulkOut(Schema):
    """How many assets are changed, need no change, and may not be changed by you. `message` says it in words, and
    `undo` is the id for `POST /undo/{id}`.

    Of an `edit` that is not confirmed, `examples` are the first assets with their new texts, and `left_out` says why
    others would stay as they are.
    """

    action: Action
    changed: int
    unchanged: int
    not_allowed: int
    confirmed: bool
    message: str | None
    undo: UUID | None = None
    examples: list[EditedTexts] = []
    left_out: list[LeftOut] = []


@router.post("/bulk", response=BulkOut, auth=WRITE, summary="Change many assets, or see what would change")
def change_many(request: ApiRequest, bulk: Bulk) -> dict[str, object]:
    if bulk.q is None and not bulk.ids:
        raise ProblemError(422, "Say which assets: their ids, or q. An empty q finds all.", code="nothing_chosen")
    form = BulkForm(bulk.as_fields())
    _require_texts(form, bulk)
    if not form.is_valid():
        raise problems.from_form(form.errors.as_data())
    pks, action = form.selection(request.user).pks(), form.bulk_action
    if not action.is_personal:
        permissions.require_member(request.user)
    context = form.action_context(request.user, timezone.now(), pks)
    if not bulk.confirm:
        return _preview(action, pks, context)
    try:
        result, step = run.apply_undoably(action, pks, context)
    except IntegrityError:
        raise MissingError(LABEL_DELETED) from None
    return {
        "action": action.name,
        **asdict(result),
        "confirmed": True,
        "message": run.describe(action, result, context),
        "undo": step and step.pk,
    }


def _require_texts(form: BulkForm, bulk: Bulk) -> None:
    """Raises ProblemError, with the fields as the body has them."""
    if bulk.action == "edit" and not form.texts.is_valid():
        problem = problems.from_form(form.texts.errors.as_data())
        raise problems.of_fields([error.model_copy(update={"field": _name(error.field)}) for error in problem.errors])


def _name(field: str) -> str:
    text, _, part = field.partition("_")
    return f"{text}.{TEXT_FIELDS[part]}" if part in TEXT_FIELDS else field


def _preview(action: BulkAction, pks: list[UUID], context: ActionContext) -> dict[str, object]:
    facts = {"action": action.name, **asdict(run.preview(action, pks, context)), "confirmed": False, "message": None}
    if action.needs != "texts":
        return facts
    texts = edit_texts.preview(pks, context)
    return facts | {
        "examples": [{"id": asset.pk, **asdict(after)} for asset, after in texts.rows],
        "left_out": [{"reason": str(reason), "count": count} for reason, count in texts.problems.items()],
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
