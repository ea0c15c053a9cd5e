"""Reference sets: assets that go together into a request."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field, JsonValue

from assets import permissions
from assets.api import problems
from assets.api.auth import READ, WRITE, ApiRequest
from assets.api.problems import ProblemError
from assets.api.schemas import Body, Moment, Name, Uri
from assets.models import ReferenceSet
from assets.models.page_queries import Cursor
from assets.models.reference_sets import MAX_MEMBERS, WORDS_LENGTH
from assets.reference_sets import changes, copying, story
from assets.reference_sets.as_json import contents_json, set_json
from assets.reference_sets.contents import read_contents
from assets.reference_sets.forms import TextsForm, check_member
from assets.reference_sets.merge import ConflictError
from assets.reference_sets.state import TEXTS, Member, SetState
from assets.search.pagination import NEWEST

router = Router(tags=["Reference sets"])
SetRoleName = Literal["own", "first_frame", "last_frame", "character", "product", "style", "motion", "voice"]
VisibilityName = Literal["team", "private"]


class MemberOut(Schema):
    """`number`: how the prompt names it. `asset_id` is null where you cannot see the asset, or it was deleted."""

    id: UUID
    asset_id: UUID | None
    title: str
    kind: Literal["image", "video", "audio", "other"]
    standing: Literal["shown", "trashed", "private", "deleted"]
    role: SetRoleName
    words: str
    number: str | None
    input: str | None
    reasons: list[str]


class SetOut(Schema):
    """`version` changes with every edit. `model` is a slug."""

    id: UUID
    title: str
    note: str
    model: str | None
    visibility: VisibilityName
    owner: str
    version: int
    is_pinned: bool
    created_at: Moment
    updated_at: Moment
    page: Uri


class SetDetail(SetOut):
    """`troubles` keep it from being copied, `warnings` do not."""

    members: list[MemberOut]
    troubles: list[str]
    warnings: list[str]
    prompt: str


class SetList(Schema):
    items: list[SetOut]
    next: str | None


class SetQuery(Schema):
    limit: Annotated[int, Query(50, ge=1, le=100)]
    cursor: Annotated[str, Query("", max_length=100, description="`next` of the page before.")]


class MemberIn(Body):
    """One that is in the set, by its `id` or that of its asset, or a new one. What is not sent stays."""

    id: UUID | None = None
    asset_id: UUID | None = None
    role: SetRoleName | None = None
    words: Annotated[str, Field(max_length=WORDS_LENGTH)] | None = None


class NewSet(Body):
    """`members` in their order. Without `visibility`, it is as your uploads are."""

    title: Name
    note: str = ""
    model: str = ""
    visibility: Literal["", VisibilityName] = ""
    members: Annotated[list[MemberIn], Field(max_length=MAX_MEMBERS)] = []


class SetChange(Body):
    """Only what changes of the `version` that you read; `members` is the whole list."""

    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    title: Name | None = None
    note: str | None = None
    model: str | None = None
    visibility: VisibilityName | None = None
    members: Annotated[list[MemberIn], Field(max_length=MAX_MEMBERS)] | None = None


class SetRequest(Schema):
    """`blanks`: the fields of `body` that begin with `REPLACE: `. URLs are those of this moment."""

    model: str
    body: dict[str, JsonValue]
    blanks: list[str]
    prompt: str
    curl: str


@router.get("", response=SetList, auth=READ, summary="Your reference sets and those of the team")
def list_sets(request: ApiRequest, query: Query[SetQuery]) -> dict[str, object]:
    """The latest changed first."""
    found = permissions.visible_sets(request.user).with_people(request.user).latest_first()
    if query.cursor:
        found = found.before(*_parse_cursor(query.cursor))
    rows = list(found[: query.limit + 1])
    last = rows[query.limit - 1] if len(rows) > query.limit else None
    return {
        "items": [_with_page(request, set_json(row)) for row in rows[: query.limit]],
        "next": str(Cursor(last.updated_at, last.pk)) if last else None,
    }


@router.post("", response={201: SetDetail}, auth=WRITE, summary="Make a reference set")
@transaction.atomic
def create_set(request: ApiRequest, new: NewSet) -> dict[str, object]:
    texts = _check_texts({name: getattr(new, name) for name in TEXTS})
    made = changes.create(request.user, texts["title"], [], model=texts["model"], visibility=texts["visibility"])
    empty = changes.read_revision(made, made.version)
    members = tuple(_read_members(request, empty, new.members))
    changes.save(made, replace(empty, note=texts["note"], members=members), made.version, request.user)
    return _set_out(request, made.pk)


@router.get("/{uuid:pk}", response=SetDetail, auth=READ, summary="One reference set")
def get_set(request: ApiRequest, pk: UUID) -> dict[str, object]:
    return _set_out(request, pk)


@router.patch("/{uuid:pk}", response=SetDetail, auth=WRITE, summary="Change a reference set")
@transaction.atomic
def edit_set(request: ApiRequest, pk: UUID, change: SetChange) -> dict[str, object]:
    """What others have changed since that version stays; 409 where both changed the same, and nothing is written."""
    found = permissions.lock_changeable_set_or_404(request.user, pk)
    try:
        base = changes.read_revision(found, change.version)
        mine = _apply(request, found, base, change)
        changes.save(found, mine, change.version, request.user)
    except ConflictError:
        told = " ".join(story.tell_since(found, change.version, request.user))
        raise ProblemError(409, f"Changed since this version, so nothing was saved. {told}".strip()) from None
    return _set_out(request, pk)


@router.delete("/{uuid:pk}", response={204: None}, auth=WRITE, summary="Delete a reference set")
@transaction.atomic
def delete_set(request: ApiRequest, pk: UUID) -> None:
    """Its assets stay."""
    found = permissions.lock_changeable_set_or_404(request.user, pk)
    changes.delete(found, request.user, timezone.now())


@router.get("/{uuid:pk}/request", response=SetRequest, auth=READ, summary="A set as a request, ready to be sent")
def get_set_request(request: ApiRequest, pk: UUID) -> dict[str, object]:
    """409 with the reasons where it cannot be sent. Nothing is run, and nothing is sent to Segmind."""
    contents = read_contents(request.user, permissions.get_set_or_404(request.user, pk))
    try:
        call = copying.make_call(contents)
    except ValidationError as error:
        raise ProblemError(409, " ".join(error.messages), code="not_ready") from None
    return {
        "model": call.slug,
        "body": call.body.fields,
        "blanks": call.body.blanks,
        "prompt": contents.prompt,
        "curl": copying.write(contents, "curl"),
    }


def _apply(request: ApiRequest, found: ReferenceSet, base: SetState, change: SetChange) -> SetState:
    sent = {name: value for name in TEXTS if (value := getattr(change, name)) is not None}
    texts = _check_texts({name: getattr(base, name) for name in TEXTS} | sent)
    if texts["visibility"] != base.visibility and found.owner_id != request.user.pk:
        raise PermissionDenied(permissions.ONLY_YOUR_SET)
    members = base.members if change.members is None else tuple(_read_members(request, base, change.members))
    return SetState(**texts, members=members)


def _check_texts(data: dict[str, str]) -> dict[str, str]:
    form = TextsForm(data, model=data["model"])
    if not form.is_valid():
        raise problems.from_form(form.errors.as_data())
    return {name: form.cleaned_data[name] for name in TEXTS}


def _read_members(request: ApiRequest, base: SetState, sent: Sequence[MemberIn]) -> Iterator[Member]:
    by_id, by_asset = base.by_id(), {member.asset: member for member in base.members if member.asset}
    new = [each.asset_id for each in sent if each.asset_id and str(each.asset_id) not in by_asset]
    assets = permissions.reachable_assets(request.user).current().in_bulk(new)
    by_asset |= {str(pk): changes.make_member(asset) for pk, asset in assets.items()}
    seen: set[str] = set()
    for each in sent:
        member = by_id.get(str(each.id)) or by_asset.get(str(each.asset_id))
        if member is None or member.id in seen:
            raise ProblemError(422, "Each member is one of the set, by its `id`, or an asset that you can see, once.")
        seen |= {member.id}
        role, words = each.role or member.role, member.words if each.words is None else " ".join(each.words.split())
        check_member(role, words)
        yield replace(member, role=role, words=words)


def _parse_cursor(text: str) -> tuple[datetime, UUID]:
    if (cursor := NEWEST.parse_cursor(text)) is None:
        raise ProblemError(422, "This cursor is not one of this list. Use `next` as the page before gave it.")
    return datetime.fromisoformat(str(cursor.value)), cursor.pk


def _set_out(request: ApiRequest, pk: UUID) -> dict[str, object]:
    found = permissions.get_set_or_404(request.user, pk)
    return _with_page(request, contents_json(read_contents(request.user, found)))


def _with_page(request: ApiRequest, facts: dict[str, object]) -> dict[str, object]:
    return facts | {"page": request.build_absolute_uri(str(facts["page"]))}
