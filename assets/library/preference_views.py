"""What people do for themselves alone: favourites, uses, and how the library looks to them."""

import uuid

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from assets import permissions
from assets.models import Favourite, Layout, Use
from assets.permissions import AuthHttpRequest
from assets.web.responses import redirect_back, wants_json


def layout_of(request: AuthHttpRequest) -> str:
    """How the person wants lists to look: as the address says, or as they chose last."""
    wanted = request.GET.get("layout", "")
    if wanted in Layout.values:
        return wanted
    return request.user.layout


@require_POST
def choose_layout(request: AuthHttpRequest) -> HttpResponse:
    """Remember a layout, and go back to the page it was chosen on."""
    layout = request.POST.get("layout", "")
    if layout in Layout.values:
        request.user.layout = layout
        request.user.save(update_fields=["layout"])
    return redirect_back(request, "library")


@require_POST
def favourite(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Make an entry one of the person's favourites (`on` is 1), or none any more."""
    entry = permissions.get_asset_or_404(request, pk)
    is_on = request.POST.get("on") == "1"
    if is_on:
        Favourite.objects.get_or_create(user_id=request.user.pk, asset=entry)
    else:
        Favourite.objects.filter(user_id=request.user.pk, asset=entry).delete()
    if wants_json(request):
        return JsonResponse({"is_favourite": is_on})
    return redirect_back(request, entry.get_absolute_url())


@require_POST
def use(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Note that the person has used an entry; a copy button says so by itself."""
    Use.objects.record(request.user, [permissions.get_asset_or_404(request, pk)], timezone.now())
    return HttpResponse(status=204)


@require_POST
def know_of_addresses(request: AuthHttpRequest) -> HttpResponse:
    """Remember that the person has been told that a URL can carry an e-mail address."""
    request.user.has_seen_email_notice = True
    request.user.save(update_fields=["has_seen_email_notice"])
    return HttpResponse(status=204)
