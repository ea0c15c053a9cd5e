"""Responses for browsers, dialogs and programs."""

import json
from collections.abc import Iterable, Mapping

from django import forms
from django.core.exceptions import BadRequest, ValidationError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from assets.models import Asset
from assets.models.versions import Version
from assets.text.email_in_url import url_contains_email


class MissingError(Http404):
    """404, with a sentence that is for people: it is on the page, and in the JSON of a program."""


def wants_json(request: HttpRequest) -> bool:
    """Whether the client prefers JSON to a page. Without a preference, it gets the page."""
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def read_fields(request: HttpRequest) -> dict[str, str]:
    """The fields of a form or of a JSON object, in which a field may be a list of names."""
    if request.content_type != "application/json":
        return request.POST.dict()
    try:
        body = json.loads(request.body)
        return {str(name): _as_text(value) for name, value in dict(body).items()}
    except (RecursionError, TypeError, ValueError):
        raise BadRequest("not a JSON object of texts and lists of texts") from None


def _as_text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_as_text, value))
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def asset_json(asset: Asset) -> dict[str, object]:
    """The JSON of an asset. Needs no query after `with_details()`, which leaves out what the person may not see."""
    file = asset.stored_file
    tags, collections = [tag.name for tag in asset.tags.all()], [each.path for each in asset.collections.all()]
    return {
        "id": str(asset.pk),
        "title": asset.title,
        "file_name": asset.file_name,
        "source_url": asset.source_url or None,
        "kind": asset.kind,
        "media_type": file.media_type,
        "size": asset.size,
        "sha256": file.sha256,
        "width": file.width,
        "height": file.height,
        "duration": file.duration,
        "state": file.state,
        "url": file.url or None,
        "url_has_email": url_contains_email(file.url),
        "link_status": file.link_status,
        "error": file.error or None,
        "warning": {"code": "incomplete", "message": file.warning} if file.warning else None,
        "owner": asset.owner_name,
        "tags": tags,
        "collections": collections,
        "visibility": asset.visibility,
        "created_at": asset.created_at.isoformat(),
        "page": asset.get_absolute_url(),
        "preview": reverse("preview", args=[asset.pk]) if file.preview else None,
        "description": asset.description,
        "trashed_at": asset.trashed_at and asset.trashed_at.isoformat(),
        "version": str(Version.of(asset, tags=tags, collections=collections)),
    }


def errors_json(errors: Mapping[str, Iterable[ValidationError]]) -> dict[str, list[dict[str, str]]]:
    """A form's errors, by field."""
    return {field: [error_json(error) for error in field_errors] for field, field_errors in errors.items()}


def error_json(error: ValidationError) -> dict[str, str]:
    return {"code": error.code or "invalid", "message": " ".join(error.messages)}


def return_url(request: HttpRequest, default: str) -> str:
    """The page of this site that the form names as `next`; otherwise the default, a URL or the name of one."""
    url = request.POST.get("next", "")
    if url.startswith("/") and url_has_allowed_host_and_scheme(url, {request.get_host()}, request.is_secure()):
        return url
    return resolve_url(default)


def redirect_back(request: HttpRequest, default: str) -> HttpResponse:
    return HttpResponseRedirect(return_url(request, default))


def render_dialog(
    request: HttpRequest, template: str, context: Mapping[str, object], *, status: int = 200
) -> HttpResponse:
    """A fragment for a dialog or, without JavaScript, a page of its own.

    A dialog gets status 200 always, because htmx shows nothing else.
    """
    if "HX-Request" in request.headers:
        return render(request, template, {**context, "is_dialog": True})
    context = {**context, "fragment": template, "is_dialog": False}
    return render(request, "dialog_page.html", context, status=status)


def render_refusal(request: HttpRequest, form: forms.BaseForm) -> HttpResponse:
    """Why nothing was changed."""
    if wants_json(request):
        return JsonResponse({"errors": errors_json(form.errors.as_data())}, status=400)
    reasons = [message for messages in form.errors.values() for message in messages]
    context = {"reasons": reasons, "return_url": return_url(request, "library")}
    return render_dialog(request, "bulk/_refused.html", context, status=400)


def stream_download(chunks: Iterable[str | bytes], media_type: str, file_name: str) -> StreamingHttpResponse:
    """A file to save, sent while it is written."""
    headers = {"Content-Disposition": f'attachment; filename="{file_name}"', "X-Content-Type-Options": "nosniff"}
    return StreamingHttpResponse(chunks, content_type=media_type, headers=headers)
