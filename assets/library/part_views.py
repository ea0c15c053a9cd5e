"""Parts of a list that are loaded when they are needed: `?part=` on the page of the list, so within what it shows."""

from collections.abc import Callable

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control

from assets.library.timeline_views import ids, timeline, total
from assets.permissions import AuthHttpRequest
from assets.search.addresses import ListAddress
from assets.search.filter_table import FILTERS, Filter
from assets.search.loosening import find_offers
from assets.search.menu_choices import build_choices
from assets.search.ranges import RANGES
from assets.search.results import Listing
from assets.search.suggestions import suggest
from assets.search.tokens import replace_term, tokenize


def render_part(request: AuthHttpRequest, listing: Listing) -> HttpResponse | None:
    """The part of a list that is asked for; None where the whole page is."""
    render_it = PARTS.get(request.GET.get("part", ""))
    if render_it is None:
        return None
    response = render_it(request, listing)
    if "Cache-Control" not in response:
        patch_cache_control(response, no_store=True)
    return response


def _filter(request: AuthHttpRequest, listing: Listing) -> HttpResponse:
    """The choices of a filter: in its menu or, without JavaScript, on a page."""
    spec, find = _find_filter(request), request.GET.get("find", "").strip()
    address = address_of(listing)
    context = {
        "spec": spec,
        "choices": build_choices(listing, spec, address, find),
        "find": find,
        "range": RANGES.get(spec.name),
        "limits": _read_limits(listing, spec),
        "listing": listing,
        "choices_url": address.url(listing.text, part="filter", filter=spec.name),
        "list_url": address.url(listing.text),
        "path": listing.path,
    }
    is_fragment = "HX-Request" in request.headers
    return render(request, "library/_filter.html" if is_fragment else "library/filter.html", context)


def _range(request: AuthHttpRequest, listing: Listing) -> HttpResponse:
    """On to the list within the limits that were entered."""
    spec = _find_filter(request)
    if spec.name not in RANGES:
        raise Http404("This filter has no limits.")
    term = RANGES[spec.name].write(request.GET.get("low", ""), request.GET.get("high", ""))
    return redirect(address_of(listing).url(replace_term(listing.text, term, is_replaced=spec.is_of)))


def _suggestions(request: AuthHttpRequest, listing: Listing) -> HttpResponse:
    context = {"suggestions": suggest(listing, request.GET.get("typed", ""))}
    return render(request, "library/_suggestions.html", context)


def _loosening(request: AuthHttpRequest, listing: Listing) -> HttpResponse:
    """What would give results: in the empty list or, without JavaScript, on a page."""
    context = {"offers": find_offers(listing), "listing": listing}
    is_fragment = "HX-Request" in request.headers
    return render(request, "library/_loosening.html" if is_fragment else "library/loosening.html", context)


PARTS: dict[str, Callable[[AuthHttpRequest, Listing], HttpResponse]] = {
    "timeline": timeline,
    "total": total,
    "ids": ids,
    "filter": _filter,
    "range": _range,
    "suggestions": _suggestions,
    "loosening": _loosening,
}


def address_of(listing: Listing) -> ListAddress:
    return ListAddress(listing.path, listing.order.name, listing.saved, listing.usual_order.name)


def _find_filter(request: AuthHttpRequest) -> Filter:
    spec = FILTERS.get(request.GET.get("filter", ""))
    if spec is None:
        raise Http404("There is no such filter.")
    return spec


def _read_limits(listing: Listing, spec: Filter) -> tuple[str, str]:
    tokens = filter(spec.is_of, tokenize(listing.text))
    return RANGES[spec.name].read(tokens) if spec.name in RANGES else ("", "")
