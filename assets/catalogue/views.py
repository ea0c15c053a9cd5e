"""The models of Segmind: all of them, and each with what it takes."""

from urllib.parse import urlencode

from django.db.models import Q
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from assets import permissions
from assets.catalogue.as_json import model_json
from assets.catalogue.pages import describe_input, describe_limits
from assets.catalogue.store import PARTS
from assets.models import Kind, ModelSync, SegmindModel
from assets.models.catalogue import SegmindModelQuerySet
from assets.permissions import AuthHttpRequest
from assets.web.responses import MissingError, wants_json

PAGE_SIZE = 60
TAKES = {"": "All", Kind.IMAGE: "Images", Kind.VIDEO: "Videos", Kind.AUDIO: "Audio"}


@require_safe
def models(request: AuthHttpRequest) -> HttpResponse:
    """By title; `q` searches, `takes` limits them to those with an input for such files, `after` is the last slug."""
    text, takes = request.GET.get("q", "").strip(), request.GET.get("takes", "")
    found = find_models(text, takes if takes in TAKES else "")
    rows = list(models_after(found, request.GET.get("after", ""))[: PAGE_SIZE + 1])
    following = request.GET.copy()
    following["after"] = rows[PAGE_SIZE - 1].slug if len(rows) > PAGE_SIZE else ""
    next_url = f"?{following.urlencode()}" if following["after"] else None
    if wants_json(request):
        return JsonResponse({"models": [model_json(row) for row in rows[:PAGE_SIZE]], "next": next_url})
    context = {
        "models": rows[:PAGE_SIZE],
        "text": text,
        "is_filtered": bool(text or takes),
        "choices": [_choice(kind, label, text, takes) for kind, label in TAKES.items()],
        "next": next_url,
        "sync": ModelSync.objects.first() if permissions.is_administrator(request.user) else None,
    }
    return render(request, "catalogue/models.html", context)


def _choice(kind: str, label: str, text: str, takes: str) -> dict[str, object]:
    """A link to the models for files of a kind."""
    query = urlencode({name: value for name, value in (("q", text), ("takes", kind)) if value})
    return {"label": label, "url": f"?{query}", "is_current": kind == takes}


def find_models(text: str, takes: str) -> SegmindModelQuerySet:
    rows = SegmindModel.objects.prefetch_related(*PARTS)
    for word in text.split():
        rows = rows.filter(Q(title__icontains=word) | Q(slug__icontains=word) | Q(description__icontains=word))
    return rows.taking(takes) if takes else rows


def models_after(rows: SegmindModelQuerySet, slug: str) -> SegmindModelQuerySet:
    last = SegmindModel.objects.filter(slug=slug).first() if slug else None
    return rows.filter(Q(title__gt=last.title) | Q(title=last.title, slug__gt=last.slug)) if last else rows


@require_safe
def model(request: AuthHttpRequest, slug: str) -> HttpResponse:
    """What a model takes, each fact with its source."""
    row = get_model_or_404(slug)
    if wants_json(request):
        return JsonResponse(model_json(row))
    context = {
        "model": row,
        "inputs": [describe_input(one) for one in row.inputs.all()],
        "limits_of_all": list(describe_limits(limit for limit in row.limits.all() if limit.input_id is None)),
        "parameters": row.parameters.all(),
    }
    return render(request, "catalogue/model.html", context)


def get_model_or_404(slug: str) -> SegmindModel:
    row = SegmindModel.objects.filter(slug=slug).prefetch_related(*PARTS).first()
    if row is None:
        raise MissingError("No model with this name is known here.")
    return row
