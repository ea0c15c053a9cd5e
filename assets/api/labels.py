"""Tags and collections."""

from typing import Annotated, Literal
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from ninja import Query, Router, Schema, Status

from assets import permissions
from assets.api import problems
from assets.api.auth import READ, WRITE, ApiRequest
from assets.api.problems import ProblemError
from assets.api.schemas import Body, Name, Uri
from assets.labels import edit
from assets.labels.change_views import lock, require_changeable
from assets.labels.collection_views import require_visibility
from assets.labels.forms import CollectionForm, EditForm, NameForm
from assets.labels.pages import LabelCard, get_page, make_cards, only_visible
from assets.models import Collection, Tag
from assets.models.collections import CollectionQuerySet
from assets.models.labels import Label, LabelQuerySet, LabelT

router = Router(tags=["Tags and collections"])
Visibility = Literal["team", "private"]


class LabelQuery(Schema):
    q: Annotated[str, Query("", max_length=500, description="Words of the name.")]
    limit: Annotated[int, Query(100, ge=1, le=200)]
    cursor: Annotated[UUID | None, Query(None, description="`next` of the page before.")]


class TagOut(Schema):
    """`asset_count` is counted up to 10,001."""

    id: UUID
    name: str
    asset_count: int
    page: Uri


class TagList(Schema):
    items: list[TagOut]
    next: UUID | None


class TagChange(Body):
    name: Name


class CollectionOut(Schema):
    """`path` names it from the top: `Trips/2024`. `asset_count`: with nested ones, counted up to 10,001."""

    id: UUID
    path: str
    name: str
    description: str
    visibility: Visibility
    asset_count: int
    page: Uri


class CollectionList(Schema):
    items: list[CollectionOut]
    next: UUID | None


class NewCollection(Body):
    path: Name
    visibility: Visibility = "team"


class CollectionChange(Body):
    """Only what changes. A new `path` renames or moves it, with all that is nested in it."""

    path: Name | None = None
    description: str | None = None
    visibility: Visibility | None = None


@router.get("/tags", response=TagList, auth=READ, summary="Tags by name")
def list_tags(request: ApiRequest, query: Query[LabelQuery]) -> dict[str, object]:
    candidates = Tag.objects.matching(query.q) if query.q else Tag.objects.all()
    return _page(request, candidates, query)


@router.patch("/tags/{uuid:pk}", response=TagOut, auth=WRITE, summary="Rename a tag")
@transaction.atomic
def rename_tag(request: ApiRequest, pk: UUID, change: TagChange) -> dict[str, object]:
    return _show(
        request, _rename(request, _lock(request, permissions.get_tag_or_404(request.user, pk=pk)), change.name)
    )


@router.delete("/tags/{uuid:pk}", response={204: None}, auth=WRITE, summary="Delete a tag")
@transaction.atomic
def delete_tag(request: ApiRequest, pk: UUID) -> None:
    """Its assets stay in the library."""
    edit.delete(_lock(request, permissions.get_tag_or_404(request.user, pk=pk)))


@router.get("/collections", response=CollectionList, auth=READ, summary="Collections by path")
def list_collections(
    request: ApiRequest,
    query: Query[LabelQuery],
    within: Annotated[UUID | None, Query(None, description="Only those directly in this one.")],
) -> dict[str, object]:
    candidates: CollectionQuerySet = Collection.objects.matching(query.q) if query.q else Collection.objects.all()
    if within:
        candidates = candidates.filter(parent=permissions.get_collection_or_404(request.user, pk=within))
    return _page(request, candidates, query)


@router.post(
    "/collections", response={201: CollectionOut, 200: CollectionOut}, auth=WRITE, summary="Create a collection"
)
def create_collection(request: ApiRequest, new: NewCollection) -> Status[dict[str, object]]:
    """With those above it; 200 if it is there already."""
    permissions.require_member(request.user)
    form = CollectionForm({"name": new.path, "visibility": new.visibility})
    if not form.is_valid():
        raise problems.from_form(form.errors.as_data())
    path = form.cleaned_data["name"]
    is_new = not Collection.objects.find_all([path], request.user)
    created = edit.create_collection(path, request.user, is_private=form.is_private)
    return Status(201 if is_new else 200, _show(request, created))


@router.get("/collections/{uuid:pk}", response=CollectionOut, auth=READ, summary="One collection")
def get_collection(request: ApiRequest, pk: UUID) -> dict[str, object]:
    """`GET /assets?q=in:/Trips/2024` lists its assets."""
    return _show(request, permissions.get_collection_or_404(request.user, pk=pk))


@router.patch("/collections/{uuid:pk}", response=CollectionOut, auth=WRITE, summary="Edit a collection")
@transaction.atomic
def edit_collection(request: ApiRequest, pk: UUID, change: CollectionChange) -> dict[str, object]:
    found = _lock(request, permissions.get_collection_or_404(request.user, pk=pk))
    if change.description is not None:
        _describe(found, change.description)
    if change.visibility and change.visibility != _visibility_of(found):
        require_visibility(request, found)
        edit.set_owner(found, request.user if change.visibility == "private" else None)
        found.refresh_from_db()
    if change.path is not None:
        return _show(request, _rename(request, found, change.path))
    return _show(request, found)


@router.delete("/collections/{uuid:pk}", response={204: None}, auth=WRITE, summary="Delete a collection")
@transaction.atomic
def delete_collection(request: ApiRequest, pk: UUID) -> None:
    """With those nested in it. The assets stay in the library."""
    edit.delete(_lock(request, permissions.get_collection_or_404(request.user, pk=pk)))


def _lock(request: ApiRequest, label: LabelT) -> LabelT:
    lock(label)
    require_changeable(request, label)
    return label


def _rename(request: ApiRequest, label: Label, name: str) -> Label:
    """Where another one has the name, 409; unless the person must not learn of it: then they become one."""
    form = NameForm({"name": name}, label=type(label))
    if not form.is_valid():
        raise problems.from_form(form.errors.as_data())
    target = type(label).objects.find_conflict(label, form.cleaned_data["name"])
    if target is None:
        edit.rename(label, form.cleaned_data["name"])
        return label
    if only_visible(request.user, [target]):
        raise ProblemError(409, f"There is already a {label.noun} “{target.full_name}”.", code="taken")
    edit.merge(label, target)
    return target


def _describe(collection: Collection, text: str) -> None:
    form = EditForm({"name": collection.name, "description": text}, label=collection)
    if not form.is_valid():
        raise problems.from_form(form.errors.as_data())
    edit.describe(collection, form.cleaned_data["description"])


# --- As JSON ---


def _page(request: ApiRequest, candidates: LabelQuerySet[LabelT], query: LabelQuery) -> dict[str, object]:
    """The cursor is the last label of the page before: its key could be too long for an address."""
    last = candidates.model.objects.filter(pk=query.cursor).first() if query.cursor else None
    if query.cursor and not last:
        raise ProblemError(422, "This cursor is not one of this list, or no longer. Start from the first page.")
    page = get_page(candidates, request.user, after=last.key if last else "", size=query.limit)
    following = page.cards[-1].label.pk if page.next_after else None
    return {"items": [_label_out(request, card) for card in page.cards], "next": following}


def _show(request: ApiRequest, label: Label) -> dict[str, object]:
    return _label_out(request, make_cards([label], request.user)[0])


def _label_out(request: HttpRequest, card: LabelCard) -> dict[str, object]:
    label = card.label
    facts = {
        "id": label.pk,
        "name": label.name,
        "asset_count": card.asset_count,
        "page": request.build_absolute_uri(label.get_absolute_url()),
    }
    if not isinstance(label, Collection):
        return facts
    return facts | {"path": label.path, "description": label.description, "visibility": _visibility_of(label)}


def _visibility_of(collection: Collection) -> str:
    return "private" if collection.is_private else "team"
