"""Parts of a list that are loaded after it: how many assets it, or one of its groups, has."""

from django.http import HttpResponse

from assets.permissions import AuthHttpRequest
from assets.search.results import MAX_COUNTED, Listing, format_assets
from assets.search.timeline import assets_of, find_group, is_by_date


def total(request: AuthHttpRequest, listing: Listing) -> HttpResponse:
    """`9 assets` or `10,000+ assets`, of the list or of a group of it; never more than are worth counting."""
    group = find_group(request.GET.get("group", ""), listing.now)
    assets = assets_of(listing, group) if group and is_by_date(listing) else listing.assets()
    return HttpResponse(format_assets(assets.order_by()[: MAX_COUNTED + 1].count()))
