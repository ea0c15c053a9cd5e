"""A person's favourites, uses of assets, layout and dismissed notices."""

import uuid

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from assets import permissions
from assets.library.columns import write_columns
from assets.models import Asset, Favourite, Layout, UndoStep, Use, User
from assets.permissions import AuthHttpRequest
from assets.undo.recording import recorded
from assets.web.responses import redirect_back, wants_json


def get_layout(request: AuthHttpRequest) -> str:
    """The layout that the URL asks for, or that the person chose last."""
    wanted = (request.GET.get("layout", ""), request.user.layout)
    # The release before knew a `grid`.
    return next((layout for layout in wanted if layout in Layout.values), Layout.MEDIUM)


@require_POST
def choose_layout(request: AuthHttpRequest) -> HttpResponse:
    layout = request.POST.get("layout", "")
    if layout in Layout.values:
        request.user.layout = layout
        request.user.save(update_fields=["layout"])
    if wants_json(request):
        return JsonResponse({"layout": request.user.layout}, status=200 if layout in Layout.values else 400)
    return redirect_back(request, "library")


@require_POST
def choose_columns(request: AuthHttpRequest) -> HttpResponse:
    """Keep the columns of the list, each `column` with its width where the person has set one."""
    request.user.list_columns = write_columns(request.POST.getlist("column"))
    request.user.save(update_fields=["list_columns"])
    if wants_json(request):
        return JsonResponse({"columns": request.user.list_columns})
    return redirect_back(request, "library")


@require_POST
def favourite(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Add an asset to the person's favourites (`on` is 1), or remove it."""
    asset = permissions.get_asset_or_404(request, pk)
    is_favourite = request.POST.get("on") == "1"
    set_favourite(request.user, asset, is_favourite=is_favourite)
    if wants_json(request):
        return JsonResponse({"is_favourite": is_favourite})
    return redirect_back(request, asset.get_absolute_url())


def set_favourite(user: User, asset: Asset, *, is_favourite: bool) -> UndoStep | None:
    summary = f"{'Added' if is_favourite else 'Removed'} “{asset.title}” {'to' if is_favourite else 'from'} favourites"
    with recorded(user, [asset.pk], ("favourite",), summary) as steps:
        if is_favourite:
            Favourite.objects.get_or_create(user=user, asset=asset)
        else:
            Favourite.objects.filter(user=user, asset=asset).delete()
    return next(iter(steps), None)


@require_POST
def use(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Record that the person used an asset; the copy buttons send this."""
    Use.objects.record(request.user, [permissions.get_asset_or_404(request, pk)], timezone.now())
    return HttpResponse(status=204)


@require_POST
def dismiss_email_notice(request: AuthHttpRequest) -> HttpResponse:
    """Do not show the notice about e-mail addresses in URLs again."""
    request.user.has_seen_email_notice = True
    request.user.save(update_fields=["has_seen_email_notice"])
    return HttpResponse(status=204)
