"""Suggestions while somebody types the name of a tag or collection."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from assets import permissions
from assets.labels.recent import recent
from assets.models import Collection, Tag
from assets.models.labels import LabelQuerySet, LabelT
from assets.permissions import AuthHttpRequest


@require_safe
def tags(request: AuthHttpRequest) -> HttpResponse:
    return _render_suggestions(request, Tag.objects.all())


@require_safe
def collections(request: AuthHttpRequest) -> HttpResponse:
    return _render_suggestions(request, Collection.objects.visible_to(request.user))


def _render_suggestions(request: AuthHttpRequest, labels: LabelQuerySet[LabelT]) -> HttpResponse:
    """Names of labels of visible assets, as JSON or as the options of a datalist; the person's latest come first."""
    latest = recent(request.session, labels.model)
    suggestions = labels.suggest(request.GET.get("q", ""), permissions.visible_assets(request), latest)
    names = [label.full_name for label in suggestions]
    if "HX-Request" in request.headers:
        return render(request, "labels/_suggestions.html", {"names": names})
    return JsonResponse({"names": names})
