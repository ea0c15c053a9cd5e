import uuid
from collections.abc import Callable, Mapping
from itertools import groupby
from operator import attrgetter

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from assets import permissions
from assets.library.columns import COLUMNS, build_headings, read_columns
from assets.library.part_views import address_of, render_part
from assets.library.preference_views import get_layout
from assets.models import Asset, GenerationHistory
from assets.models.cards import Card
from assets.models.page_queries import Cursor
from assets.models.users import Layout
from assets.permissions import AuthHttpRequest
from assets.search.filters import Scope
from assets.search.menus import build_menus
from assets.search.results import PAGE_SIZE, Listing, Page
from assets.search.timeline import CardGroup, group_cards
from assets.web.responses import asset_json, wants_json

EXPIRING = "is:expiring"


@require_safe
def library(request: AuthHttpRequest) -> HttpResponse:
    """The assets that the person may see, or those that a search finds."""
    if request.GET.get("q", "").strip() == EXPIRING and not wants_json(request):
        return _lead_to_outputs(request)
    return _list(request, Scope.LIBRARY, "library/library.html")


def _lead_to_outputs(request: AuthHttpRequest) -> HttpResponse:
    """Outputs expire, not assets; they have a page of their own."""
    if not GenerationHistory.objects.is_on():
        return _list(request, Scope.LIBRARY, "library/library.html")
    address = reverse("outputs")
    return HttpResponse(headers={"HX-Redirect": address}) if request.headers.get("HX-Request") else redirect(address)


@require_safe
def trash(request: AuthHttpRequest) -> HttpResponse:
    """The person's own trashed assets."""
    return _list(request, Scope.TRASH, "library/trash.html")


@require_safe
def everyones_trash(request: AuthHttpRequest) -> HttpResponse:
    """The team's trashed assets, without private ones, for managers."""
    permissions.require_manager(request.user)
    return _list(request, Scope.EVERYONES_TRASH, "library/trash.html")


def _list(request: AuthHttpRequest, scope: Scope, template: str) -> HttpResponse:
    return show(request, Listing.from_parameters(request.GET.dict(), request.user, scope=scope), template)


def show(
    request: AuthHttpRequest,
    listing: Listing,
    template: str,
    make_context: Callable[[], Mapping[str, object]] = dict,
) -> HttpResponse:
    """A list as a page, as a part of one, or as JSON. `make_context`: what the page says beside the assets."""
    if part := render_part(request, listing):
        return part
    if wants_json(request):
        cursor = listing.order.parse_cursor(request.GET.get("after", ""))
        return _list_json(request, listing, listing.asset_page(cursor))
    response = _render_list(request, listing, _find_page(request, listing), template, make_context)
    patch_vary_headers(response, ["Accept", "HX-Request", "HX-Target"])
    return response


def _find_page(request: AuthHttpRequest, listing: Listing) -> Page[Card]:
    """The cards `after` or `before` a cursor; those that start `from` an asset, or are around the one they are `at`.

    The latter two are for coming back to a place, so they are more: what was in sight there has to be among them.
    """
    if end := listing.order.parse_cursor(request.GET.get("before", "")):
        return listing.card_page_before(end)
    for name, distance in (("from", 0), ("at", PAGE_SIZE)):
        if name in request.GET and (asset := _find_asset(request, request.GET[name])):
            return listing.card_page(listing.cursor_before(asset, distance), 2 * PAGE_SIZE)
    return listing.card_page(listing.order.parse_cursor(request.GET.get("after", "")))


def _find_asset(request: AuthHttpRequest, pk: str) -> Asset | None:
    try:
        return permissions.reachable_assets(request.user).filter(pk=uuid.UUID(pk)).first()
    except ValueError:
        return None


def _render_list(
    request: AuthHttpRequest,
    listing: Listing,
    page: Page[Card],
    template: str,
    make_context: Callable[[], Mapping[str, object]],
) -> HttpResponse:
    """A page or, for htmx, its results or only more cards."""
    target, layout = request.headers.get("HX-Target"), get_layout(request)
    is_added = target in ("more", "before")
    context = {
        "listing": listing,
        "page": page,
        "cards": page.rows,
        "groups": (groups := _group(request, listing, page)),
        "open_group": "" if is_added or layout == Layout.LIST else _find_open_group(groups),
        "has_timeline": listing.order.is_by_date and bool(page.next_cursor or page.previous_cursor),
        "is_added": is_added,
        "next": _page_url(request, listing, "after", page.next_cursor) if target != "before" else None,
        "previous": _page_url(request, listing, "before", page.previous_cursor) if target != "more" else None,
        "is_added_before": target == "before",
        "layout": layout,
        "columns": (columns := read_columns(request.user.list_columns)),
        "trash": "" if listing.scope == Scope.LIBRARY else listing.scope.value,
        "live": listing.path,
        "trash_days": settings.TRASH_DAYS,
        "unfinished": [card for card in page.rows if card.is_unfinished],
    }
    if is_added:
        return render(request, "library/_page.html", context)
    context |= make_context()
    context["menus"] = build_menus(listing, address_of(listing))
    context["headings"] = build_headings(listing, address_of(listing), columns)
    context["all_columns"] = COLUMNS | {column.name: column for column in columns}
    context["oob"] = target == "results"
    saved = context["saved_search"] = permissions.find_saved_search(request.user, listing.saved)
    context["may_change_saved"] = saved is not None and permissions.may_change_saved_search(request.user, saved)
    if target != "results":
        return render(request, template, context)
    response = render(request, template.replace("/", "/_"), context)
    response["HX-Push-Url" if _is_step(request, listing) else "HX-Replace-Url"] = listing.url
    return response


def _is_step(request: AuthHttpRequest, listing: Listing) -> bool:
    """Whether the way back leads to the list before: a filter was chosen. What is typed is a step of its own."""
    shown = request.headers.get("HX-Current-URL", "")
    return "HX-Boosted" in request.headers and not shown.endswith(listing.url)


def _group(request: AuthHttpRequest, listing: Listing, page: Page[Card]) -> list[tuple[bool, list[CardGroup]]]:
    """In runs of those that share rows and of those that do not."""
    is_added = request.headers.get("HX-Target") == "more"
    groups = group_cards(
        listing, page, follows=listing.order.parse_cursor(request.GET.get("after", "")) if is_added else None
    )
    return [(are_few, list(run)) for are_few, run in groupby(groups, attrgetter("is_few"))]


def _find_open_group(runs: list[tuple[bool, list[CardGroup]]]) -> str:
    """The key of the last group, if it may go on beyond its cards: its number comes along with that of the list."""
    last = runs[-1][1][-1] if runs else None
    return last.group.key if last and last.group and last.count is None else ""


def _list_json(request: AuthHttpRequest, listing: Listing, page: Page[Asset]) -> JsonResponse:
    answer: dict[str, object] = {
        "assets": [asset_json(asset) for asset in page.rows],
        "next": _page_url(request, listing, "after", page.next_cursor),
    }
    if problems := listing.query.problems:
        answer["remarks"] = [{"text": problem.text, "reason": problem.reason} for problem in problems]
    return JsonResponse(answer)


def _page_url(request: AuthHttpRequest, listing: Listing, name: str, cursor: Cursor | None) -> str | None:
    if cursor is None:
        return None
    query = request.GET.copy()
    for other in ("after", "before", "from", "at"):
        query.pop(other, None)
    query[name] = str(cursor)
    return f"{listing.path}?{query.urlencode()}"
