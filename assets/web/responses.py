"""The shapes in which pages answer: programs, dialogs, and forms that lead back to where they were."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from assets.models import Asset
from assets.text.email_in_url import url_contains_email


def wants_json(request: HttpRequest) -> bool:
    """Whether the client asks for JSON rather than for a page; without a word on it, it gets the page."""
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def asset_json(asset: Asset) -> dict[str, object]:
    """An entry for programs; `url` is null until Segmind has the file. Takes no query after `with_details()`,
    which knows whose eyes it is for."""
    file = asset.stored_file
    return {
        "id": str(asset.pk),
        "title": asset.title,
        "file_name": asset.file_name,
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
        "owner": asset.owner.get_username(),
        "tags": [tag.name for tag in asset.tags.all()],
        "collections": [collection.path for collection in asset.collections.all()],
        "visibility": asset.visibility,
        "created_at": asset.created_at.isoformat(),
        "page": asset.get_absolute_url(),
        "preview": reverse("preview", args=[asset.pk]) if file.preview else None,
        "description": asset.description,
        "trashed_at": asset.trashed_at and asset.trashed_at.isoformat(),
    }


def errors_json(errors: Mapping[str, Iterable[ValidationError]]) -> dict[str, list[dict[str, str]]]:
    """A form's errors, by field, in the shape of every other error."""
    return {name: [error_json(error) for error in found] for name, found in errors.items()}


def error_json(error: ValidationError) -> dict[str, str]:
    return {"code": error.code or "invalid", "message": " ".join(error.messages)}


def address_back(request: HttpRequest, otherwise: str) -> str:
    """The page of ours that the form names as `next`, or a page by its name or address."""
    address = request.POST.get("next", "")
    if address and url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure()):
        return address
    return resolve_url(otherwise)


def back(request: HttpRequest, otherwise: str) -> HttpResponse:
    return redirect(address_back(request, otherwise))


def answered(request: HttpRequest, fragment: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A form or a result by itself: a fragment for a dialog, otherwise a page of its own."""
    if "HX-Request" in request.headers:
        return render(request, fragment, context | {"is_dialog": True})
    return render(request, "dialog_page.html", context | {"fragment": fragment, "is_dialog": False}, status=status)


def refused(request: HttpRequest, form: forms.BaseForm) -> HttpResponse:
    """Nothing was done, and why."""
    if wants_json(request):
        return JsonResponse({"errors": errors_json(form.errors.as_data())}, status=400)
    reasons = [message for messages in form.errors.values() for message in messages]
    context = {"reasons": reasons, "back": address_back(request, "library")}
    return answered(request, "bulk/_refused.html", context, status=400)


def stream_download(chunks: Iterable[str | bytes], media_type: str, file_name: str) -> StreamingHttpResponse:
    """A file to save, sent while it is written."""
    headers = {"Content-Disposition": f'attachment; filename="{file_name}"', "X-Content-Type-Options": "nosniff"}
    return StreamingHttpResponse(chunks, content_type=media_type, headers=headers)
