import uuid
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from assets import access
from assets.forms import SearchForm
from assets.models import Asset
from assets.models.library import AssetQuerySet
from assets.services import search
from assets.views.answers import asset_json, errors_json, wants_json

PAGE_SIZE = 48


@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """The team's entries and one's own, newest first."""
    return _listed(request, access.visible_assets(request).current(), "assets/library.html")


@require_safe
def trash(request: HttpRequest) -> HttpResponse:
    """One's own entries that wait to be forgotten or restored."""
    own = access.visible_assets(request).owned_by(request.user).trashed()
    return _listed(request, own, "assets/trash.html")


def _listed(request: HttpRequest, assets: AssetQuerySet, template: str) -> HttpResponse:
    form = SearchForm(request.GET)
    if not form.is_valid() and wants_json(request):
        return JsonResponse({"errors": errors_json(form.errors.as_data())}, status=400)
    wanted = form.cleaned_data
    text = wanted.get("q", "")
    assets = assets.filter(search.matching(text)) if form.is_valid() else assets.none()
    if wanted.get("show") == "mine":
        assets = assets.owned_by(request.user)
    if cursor := read_cursor(wanted.get("after", "")):
        assets = assets.older_than(*cursor)
    page = list(assets.newest_first().with_details()[: PAGE_SIZE + 1])
    following = _following(request, page)
    page = page[:PAGE_SIZE]
    if wants_json(request):
        return JsonResponse({"assets": [asset_json(asset) for asset in page], "next": following})
    context: dict[str, Any] = {
        "form": form,
        "assets": page,
        "next": following,
        "is_first": cursor is None,
        "is_filtered": bool(text or wanted.get("show") or form.errors),
        "unfinished": [asset for asset in page if asset.stored_file.is_unfinished],
    }
    return render(request, template, context)


def _following(request: HttpRequest, page: list[Asset]) -> str | None:
    """The address of the next page, where there is more than this one."""
    if len(page) <= PAGE_SIZE:
        return None
    query = request.GET.copy()
    query["after"] = cursor_of(page[PAGE_SIZE - 1])
    return f"{request.path}?{query.urlencode()}"


def cursor_of(asset: Asset) -> str:
    """An entry's place in the list, for an address."""
    return f"{asset.created_at.isoformat()}_{asset.pk.hex}"


def read_cursor(text: str) -> tuple[datetime, uuid.UUID] | None:
    """The place that an address names; None, which is the beginning, where it names none."""
    moment, _, pk = text.partition("_")
    try:
        created_at = datetime.fromisoformat(moment)
        return (created_at, uuid.UUID(pk)) if created_at.tzinfo else None
    except ValueError:
        return None
