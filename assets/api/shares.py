"""Links that show assets to people without an account."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from django.http import QueryDict
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from pydantic import StrictBool

from assets import permissions
from assets.api import problems
from assets.api.auth import READ, WRITE, ApiRequest
from assets.api.problems import ProblemError
from assets.api.schemas import Body, Moment, Uri
from assets.models import Share
from assets.models.page_queries import Cursor
from assets.search.pagination import NEWEST
from assets.shares import sources
from assets.shares.access import ShareState
from assets.shares.forms import NewShareForm, SettingsForm
from assets.shares.views import make_row, save_settings
from assets.text.formats import MAX_COUNTED

router = Router(tags=["Shares"])


class ShareOut(Schema):
    """`link` is null where it no longer opens, or where you may not open it."""

    id: UUID
    name: str
    link: Uri | None
    state: ShareState
    created_by: str
    created_at: Moment
    expires_at: Moment | None
    has_password: bool
    shows_urls: bool
    allows_downloads: bool
    includes_later: bool
    views: int
    last_viewed_at: Moment | None
    page: Uri


class ShareList(Schema):
    items: list[ShareOut]
    next: str | None


class ShareQuery(Schema):
    by: Annotated[Literal["", "me"], Query("", description="`me`: only your own, as a manager.")]
    limit: Annotated[int, Query(50, ge=1, le=100)]
    cursor: Annotated[str, Query("")]


class NewShare(Body):
    """A `collection` by its id, or `ids`, or everything that `q` finds.

    `expires`: after so many days, never, or with `date` after the day in `expires_on`.
    """

    name: Annotated[str, Field(min_length=1, max_length=200)]
    collection: UUID | None = None
    ids: Annotated[list[UUID], Field(max_length=10_000)] = []
    q: str | None = None
    sharer_name: str = ""
    expires: Literal["1", "7", "30", "date", "never"] = "7"
    expires_on: Annotated[str, Field(json_schema_extra={"format": "date"})] | None = None
    password: str = ""
    allows_downloads: StrictBool = True
    shows_urls: StrictBool = False
    includes_private: StrictBool = False
    includes_later: StrictBool = False

    def as_fields(self) -> QueryDict:
        """As the form of the pages takes them."""
        fields = QueryDict(mutable=True)
        fields.update({name: str(value) for name, value in self.model_dump(exclude_none=True).items() if value})
        fields.setlist("id", [str(pk) for pk in self.ids])
        if self.q is not None and not self.ids:
            fields.update({"all": "1", "q": self.q})
        return fields


class ShareChange(Body):
    """Only what changes. An empty `password` removes it."""

    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    sharer_name: str | None = None
    expires: Literal["1", "7", "30", "date", "never"] | None = None
    expires_on: Annotated[str, Field(json_schema_extra={"format": "date"})] | None = None
    password: str | None = None
    allows_downloads: StrictBool | None = None
    shows_urls: StrictBool | None = None

    def as_fields(self, share: Share) -> QueryDict:
        """As the form of the pages takes them: all fields, with a box that is not ticked left out."""
        sent = self.model_dump(exclude_none=True)
        fields = QueryDict(mutable=True)
        for name, value in (SettingsForm.initial_of(share) | sent).items():
            if value not in (None, False):
                fields[name] = str(value)
        if self.password == "":
            fields.update({"remove_password": "1"})
        return fields


@router.get("", response=ShareList, auth=READ, summary="Your links; as a manager, everybody’s")
def list_shares(request: ApiRequest, query: Query[ShareQuery]) -> dict[str, object]:
    found = permissions.visible_shares(request)
    if query.by:
        found = found.made_by(request.user)
    if query.cursor:
        cursor = _parse_cursor(query.cursor)
        found = found.before(datetime.fromisoformat(str(cursor.value)), cursor.pk)
    rows = list(found.newest_first().with_people().with_item_count(limit=MAX_COUNTED + 1)[: query.limit + 1])
    shown = rows[: query.limit]
    following = Cursor(shown[-1].created_at, shown[-1].pk) if len(rows) > query.limit else None
    return {"items": [_share_out(request, share) for share in shown], "next": str(following) if following else None}


@router.post("", response={201: ShareOut}, auth=WRITE, summary="Share assets with people without an account")
def create_share(request: ApiRequest, new: NewShare) -> dict[str, object]:
    permissions.require_sharing(request.user)
    fields = new.as_fields()
    source, form = sources.read_source(request, fields), NewShareForm(fields)
    if form.is_valid():
        source.check(form)
    if form.errors:
        raise problems.from_form(form.errors.as_data())
    made = source.share(form, request, timezone.now())
    return _share_out(request, permissions.get_share_or_404(request, made.pk))


@router.get("/{uuid:pk}", response=ShareOut, auth=READ, summary="One link")
def get_share(request: ApiRequest, pk: UUID) -> dict[str, object]:
    return _share_out(request, permissions.get_share_or_404(request, pk))


@router.patch("/{uuid:pk}", response=ShareOut, auth=WRITE, summary="Change a link")
def edit_share(request: ApiRequest, pk: UUID, change: ShareChange) -> dict[str, object]:
    """Only who made it may. What it shows stays."""
    permissions.require_sharing(request.user)
    found = permissions.get_own_share_or_404(request, pk)
    if found.is_revoked:
        raise ProblemError(409, "This link was revoked. Create a new one.")
    form = SettingsForm(change.as_fields(found), share=found)
    if not form.is_valid():
        raise problems.from_form(form.errors.as_data())
    save_settings(found, form)
    return _share_out(request, found)


@router.delete("/{uuid:pk}", response=ShareOut, auth=WRITE, summary="Revoke a link")
def revoke_share(request: ApiRequest, pk: UUID) -> dict[str, object]:
    """It no longer opens, and stays in the list."""
    found = permissions.get_share_or_404(request, pk)
    if not found.is_revoked:
        found.revoke(request.user, timezone.now())
    return _share_out(request, found)


def _parse_cursor(text: str) -> Cursor:
    if (cursor := NEWEST.parse_cursor(text)) is None:
        raise ProblemError(422, "This cursor is not one of this list. Use `next` as the page before gave it.")
    return cursor


def _share_out(request: ApiRequest, share: Share) -> dict[str, object]:
    facts = make_row(request, share, timezone.now()).as_json()
    return facts | {"page": request.build_absolute_uri(str(facts["page"]))}
