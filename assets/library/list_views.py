from typing import Any

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from assets import permissions
from assets.library.preference_views import layout_of
from assets.permissions import AuthHttpRequest
from assets.search.filters import Scope
from assets.search.menus import build_menus
from assets.search.query_parser import Problem
from assets.search.results import Listing, Page, format_results
from assets.web.responses import asset_json, wants_json


@require_safe
def library(request: AuthHttpRequest) -> HttpResponse:
    """The team's entries and one's own: all, or those that a search finds."""
    return _listed(request, Scope.LIBRARY, "library/library.html")


@require_safe
def trash(request: AuthHttpRequest) -> HttpResponse:
    """One's own entries that wait to be forgotten or restored."""
    return _listed(request, Scope.TRASH, "library/trash.html")


@require_safe
def everyones_trash(request: AuthHttpRequest) -> HttpResponse:
    """The same of the whole team, but for what was private; for those who manage the library."""
    permissions.require_manager(request.user)
    return _listed(request, Scope.EVERYONES_TRASH, "library/trash.html")


@require_safe
def count(request: AuthHttpRequest) -> HttpResponse:
    """How many results a search has; asked for by itself, so that no page waits for it."""
    return HttpResponse(format_results(Listing.from_parameters(request.GET.dict(), request.user).count()))


def _listed(request: AuthHttpRequest, scope: Scope, template: str) -> HttpResponse:
    listing = Listing.from_parameters(request.GET.dict(), request.user, scope=scope)
    cursor = listing.order.parse_cursor(request.GET.get("after", ""))
    if wants_json(request):
        return _as_json(request, listing, listing.asset_page(cursor))
    page = listing.card_page(cursor)
    context: dict[str, Any] = {
        "listing": listing,
        "page": page,
        "cards": page.rows,
        "next": _address_of(request, listing, page),
        "layout": layout_of(request),
        "trash": "" if scope == Scope.LIBRARY else scope.value,
        "live": request.path,
        "trash_days": settings.TRASH_DAYS,
        "unfinished": [card for card in page.rows if card.is_unfinished],
    }
    target = request.headers.get("HX-Target")
    if target == "more":
        template = "library/_page.html"
    else:
        context["menus"] = build_menus(request.path, listing.text, listing.order.name)
        if target == "results":
            template = template.replace("/", "/_")
    response = render(request, template, context)
    if target == "results":
        response["HX-Replace-Url"] = f"{request.path}?{listing.query_string}" if listing.query_string else request.path
    patch_vary_headers(response, ["Accept", "HX-Request", "HX-Target"])
    return response


def _as_json(request: AuthHttpRequest, listing: Listing, page: Page) -> JsonResponse:
    answer: dict[str, Any] = {
        "assets": [asset_json(asset) for asset in page.rows],
        "next": _address_of(request, listing, page),
    }
    if listing.query.problems:
        answer["remarks"] = [_problem_json(problem) for problem in listing.query.problems]
    return JsonResponse(answer)


def _problem_json(problem: Problem) -> dict[str, str]:
    return {"text": problem.text, "reason": problem.reason}


def _address_of(request: AuthHttpRequest, listing: Listing, page: Page) -> str | None:
    """The address of the next page, where there is more than this one."""
    if page.next_cursor is None:
        return None
    query = request.GET.copy()
    query["after"] = str(page.next_cursor)
    return f"{request.path}?{query.urlencode()}"
