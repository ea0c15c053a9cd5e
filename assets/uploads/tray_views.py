"""What the upload tray asks the server: its own parts, which files have to come up, and what has become of them."""

import json
import uuid
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from assets import permissions
from assets.delivery.status import get_status
from assets.models import Asset
from assets.uploads import media_types
from assets.uploads.forms import AnnouncedFileForm, NewFileForm
from assets.uploads.receive import receive_known
from assets.uploads.views import Result, refresh
from assets.web.responses import asset_json, errors_json

MOST_ANNOUNCED = 100
MOST_STATES = 200
STATE_FIELDS = ("id", "title", "page", "state", "url", "link_status", "error", "preview")


@require_safe
def tray(request: HttpRequest) -> HttpResponse:
    """The tray as a fragment, with the addresses and limits that its script works by."""
    permissions.refuse_viewers(request.user)
    context = {
        "form": NewFileForm(auto_id="upload-%s"),
        "accepted": media_types.in_words(settings.UPLOAD_MEDIA_TYPES),
        "most_bytes": settings.UPLOAD_MAX_FILE_BYTES,
        "head_bytes": media_types.HEAD_BYTES,
    }
    return render(request, "assets/_upload_tray.html", context)


@require_POST
def known(request: HttpRequest) -> JsonResponse:
    """Judge announced files before they are sent: each is `refused`, `known` (an entry by now) or `unknown`.

    Takes `{"files": [{"file_name", "size", "sha256", "head", and the fields of an upload}]}`. What only others may
    see is unknown, in every respect.
    """
    permissions.refuse_viewers(request.user)
    files = _listed(request, "files", MOST_ANNOUNCED)
    if files is None or not all(isinstance(file, dict) for file in files):
        return _unreadable(f"an object with “files”, a list of at most {MOST_ANNOUNCED} objects")
    answers = [_announced(request, file) for file in files]
    results = [answer for answer in answers if isinstance(answer, Result)]
    refresh(results, request.user)
    return JsonResponse({"results": [answer.as_json() if isinstance(answer, Result) else answer for answer in answers]})


@require_POST
def states(request: HttpRequest) -> JsonResponse:
    """How far these entries are, and the queue. Takes `{"ids": [...]}`; those that are not visible are left out."""
    ids = _listed(request, "ids", MOST_STATES)
    if ids is None or not all(_is_uuid(pk) for pk in ids):
        return _unreadable(f"an object with “ids”, a list of at most {MOST_STATES} ids")
    entries = permissions.visible_assets(request).filter(pk__in=ids).with_details(request.user)
    return JsonResponse(
        {
            "assets": [_state_json(entry) for entry in entries],
            "activity": get_status(timezone.now()).as_json(),
        }
    )


def _announced(request: HttpRequest, file: dict[str, Any]) -> Result | dict[str, Any]:
    form = AnnouncedFileForm(file)
    if not form.is_valid():
        return _answer(file, "refused", errors=errors_json(form.errors.as_data()))
    name, sha256 = form.cleaned_data["file_name"], form.cleaned_data["sha256"]
    try:
        form.check()
    except ValidationError as error:
        return Result(name, error=error)
    received = sha256 and receive_known(sha256, owner=request.user, file_name=name, **form.about())
    return Result(name, received.asset, received) if received else _answer(file, "unknown")


def _answer(file: dict[str, Any], status: str, **more: Any) -> dict[str, Any]:
    return {"file_name": file.get("file_name"), "status": status, "asset": None, "note": "", "error": None, **more}


def _state_json(entry: Asset) -> dict[str, Any]:
    whole = asset_json(entry)
    return {name: whole[name] for name in STATE_FIELDS}


def _listed(request: HttpRequest, name: str, most: int) -> list[Any] | None:
    """The list of that name in a JSON body; None where there is none, or too long a one."""
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    found = body.get(name) if isinstance(body, dict) else None
    return found if isinstance(found, list) and len(found) <= most else None


def _unreadable(wanted: str) -> JsonResponse:
    return JsonResponse({"error": {"code": "unreadable", "message": f"The body has to be {wanted}."}}, status=400)


def _is_uuid(text: Any) -> bool:
    try:
        return bool(uuid.UUID(text))
    except (ValueError, TypeError, AttributeError):
        return False
