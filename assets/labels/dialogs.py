"""Answers to a change of a tag or collection: in a dialog, on a page without JavaScript, or as JSON."""

from collections.abc import Mapping

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect

from assets.models.labels import Label
from assets.permissions import AuthHttpRequest
from assets.web.responses import errors_json, render_dialog, return_url, wants_json


def finish(request: AuthHttpRequest, message: str, url: str, *, undo: str = "") -> HttpResponse:
    """The page to go on with, unless the form names one, and what was done; `undo`: the URL that takes it back."""
    if wants_json(request):
        return JsonResponse({"message": message, "page": url, "undo": undo or None})
    messages.success(request, message, extra_tags=undo)
    url = return_url(request, url)
    return HttpResponse(headers={"HX-Redirect": url}) if "HX-Request" in request.headers else redirect(url)


def show(
    request: AuthHttpRequest, label: Label, setting: str, context: Mapping[str, object], *, status: int = 200
) -> HttpResponse:
    verb = setting.partition("_")[0].capitalize()
    page = {"label": label, "noun": label.noun, "title": f"{verb} · {label.full_name}", "page_url": label.settings_url}
    return render_dialog(request, f"labels/_{setting}.html", {**page, **context}, status=status)


def refuse(request: AuthHttpRequest, label: Label, setting: str, form: BaseForm, *, status: int = 400) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"errors": errors_json(form.errors.as_data())}, status=status)
    return show(request, label, setting, {"form": form}, status=status)
