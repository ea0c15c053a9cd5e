"""Parts of a list that are loaded after it: its months, and how many assets it, or one of its groups, has."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers

from assets.permissions import AuthHttpRequest
from assets.search.results import MAX_COUNTED, Listing, format_assets
from assets.search.timeline import Group, assets_of, find_group, months

MONTHS_MAX_AGE = 60
MAX_IDS = 10_000


def total(request: AuthHttpRequest, listing: Listing) -> HttpResponse:
    """`9 assets` or `10,000+ assets`, of the list or of a group of it; never more than are worth counting.

    `also`: the group whose number comes along, for its heading.
    """
    group, also = (find_group(request.GET.get(name, ""), listing.now) for name in ("group", "also"))
    context = {"total": _count(listing, group), "group": also, "group_total": also and _count(listing, also)}
    return render(request, "library/_totals.html", context)


def _count(listing: Listing, group: Group | None) -> str:
    assets = assets_of(listing, group) if group and listing.order.is_by_date else listing.assets()
    return format_assets(assets.order_by()[: MAX_COUNTED + 1].count())


def timeline(request: AuthHttpRequest, listing: Listing) -> HttpResponse:
    """The months to jump to: for the scrubber or, without JavaScript, as links on a page."""
    template = "library/_timeline.html" if "HX-Request" in request.headers else "library/timeline.html"
    context = {"months": months(listing) if listing.order.is_by_date else [], "listing": listing, "path": request.path}
    response = render(request, template, context)
    patch_cache_control(response, private=True, max_age=MONTHS_MAX_AGE)
    patch_vary_headers(response, ["HX-Request", "Cookie"])
    return response


def ids(request: AuthHttpRequest, listing: Listing) -> HttpResponse:
    """Those of a group, as many as one action may change, and whether there are `more`."""
    group = find_group(request.GET.get("group", ""), listing.now)
    assets = assets_of(listing, group) if group and listing.order.is_by_date else listing.assets().none()
    pks = list(assets.values_list("pk", flat=True)[: MAX_IDS + 1])
    return JsonResponse({"ids": pks[:MAX_IDS], "more": len(pks) > MAX_IDS})
