"""Saved searches, of oneself and of the team."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from ninja import Router, Schema
from pydantic import StrictBool

from assets import permissions
from assets.api import problems
from assets.api.assets import Sort
from assets.api.auth import READ, WRITE, ApiRequest
from assets.api.schemas import Body, Name, Uri
from assets.models import SavedSearch
from assets.search import saved as rules
from assets.search.saved import SavedSearchForm
from assets.search.saved_views import TEAM_ONLY, search_json

router = Router(tags=["Saved searches"])


class SearchOut(Schema):
    id: UUID
    name: str
    q: str
    sort: Sort
    is_team: bool
    is_pinned: bool
    url: Uri


class SearchList(Schema):
    items: list[SearchOut]


class NewSearch(Body):
    """`is_team`: for everybody, which only managers may say."""

    name: Name
    q: str = ""
    sort: Sort = "newest"
    is_team: StrictBool = False


class SearchChange(Body):
    """Only what changes."""

    name: Name | None = None
    q: str | None = None
    sort: Sort | None = None
    is_team: StrictBool | None = None
    is_pinned: StrictBool | None = None


@router.get("", response=SearchList, auth=READ, summary="Your saved searches and those of the team")
def list_searches(request: ApiRequest) -> dict[str, object]:
    return {"items": [_search_out(request, one) for one in SavedSearch.objects.visible_to(request.user)]}


@router.post("", response={201: SearchOut}, auth=WRITE, summary="Save a search")
def create_search(request: ApiRequest, new: NewSearch) -> dict[str, object]:
    if new.is_team:
        permissions.require_manager(request.user)
    form = _check(SavedSearchForm(new.model_dump() | {"team": new.is_team}, user=request.user))
    return _search_out(request, rules.save(form))


@router.patch("/{uuid:pk}", response=SearchOut, auth=WRITE, summary="Change a saved search")
@transaction.atomic
def edit_search(request: ApiRequest, pk: UUID, change: SearchChange) -> dict[str, object]:
    found = _lock(request, pk)
    sent = change.model_dump(exclude_none=True)
    data = {"name": found.name, "q": found.text, "sort": found.sort} | sent
    form = _check(SavedSearchForm(data, user=request.user, saved=found))
    if "name" in sent:
        rules.rename(found, form.cleaned_data["name"])
    if {"q", "sort"} & set(sent):
        rules.update(found, form)
    if change.is_pinned is not None:
        rules.pin(found, is_pinned=change.is_pinned)
    if change.is_team not in (None, found.is_team):
        permissions.require_manager(request.user)
        rules.give(found, None if change.is_team else request.user)
    return _search_out(request, found)


@router.delete("/{uuid:pk}", response={204: None}, auth=WRITE, summary="Delete a saved search")
@transaction.atomic
def delete_search(request: ApiRequest, pk: UUID) -> None:
    _lock(request, pk).delete()


def _lock(request: ApiRequest, pk: UUID) -> SavedSearch:
    rules.lock(permissions.get_saved_search_or_404(request, pk))
    found = permissions.get_saved_search_or_404(request, pk)
    if not permissions.may_change_saved_search(request.user, found):
        raise PermissionDenied(TEAM_ONLY)
    return found


def _check(form: SavedSearchForm) -> SavedSearchForm:
    if not form.is_valid():
        raise problems.from_form(form.errors.as_data())
    return form


def _search_out(request: ApiRequest, one: SavedSearch) -> dict[str, object]:
    return search_json(one) | {"url": request.build_absolute_uri(one.url)}
