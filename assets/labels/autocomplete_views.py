"""Names to go on with while somebody types one."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from assets import permissions
from assets.models import Collection, Tag
from assets.models.labels import LabelQuerySet
from assets.permissions import AuthHttpRequest


@require_safe
def tags(request: AuthHttpRequest) -> HttpResponse:
    return _completed(request, Tag.objects.all())


@require_safe
def collections(request: AuthHttpRequest) -> HttpResponse:
    return _completed(request, Collection.objects.visible_to(request.user))


def _completed(request: AuthHttpRequest, labels: LabelQuerySet) -> HttpResponse:
    """Those on entries that the person may see: as JSON, or as the options of a datalist for htmx."""
    names = [label.full_name for label in labels.suggest(request.GET.get("q", ""), permissions.visible_assets(request))]
    if "HX-Request" in request.headers:
        return render(request, "labels/_completed.html", {"names": names})
    return JsonResponse({"names": names})
