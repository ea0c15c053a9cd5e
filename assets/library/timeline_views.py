"""Parts of a list that are loaded after it: how many assets it, or one of its groups, has."""

from collections.abc import Callable

from django.http import HttpResponse

from assets.permissions import AuthHttpRequest
from assets.search.results import Listing
from assets.search.timeline import assets_of, find_group, is_by_date
from assets.text.formats import MAX_COUNTED, format_count, plural


def render_part(request: AuthHttpRequest, listing: Listing) -> HttpResponse | None:
    """The part of a list that is asked for; None where the whole page is."""
    render_it = PARTS.get(request.GET.get("part", ""))
    return render_it(request, listing) if render_it else None


def _total(request: AuthHttpRequest, listing: Listing) -> HttpResponse:
    """`9 assets`, of the list or of a group of it; never more than are worth counting."""
    group = find_group(request.GET.get("group", ""), listing.now)
    assets = assets_of(listing, group) if group and is_by_date(listing) else listing.assets()
    count = assets.order_by()[: MAX_COUNTED + 1].count()
    return HttpResponse(f"{format_count(count)} {plural(count, 'asset', 'assets')}")


PARTS: dict[str, Callable[[AuthHttpRequest, Listing], HttpResponse]] = {"total": _total}
