"""What the upload tray asks the server: its own markup, which files to send, and how they are doing."""

import json
import uuid

from django.conf import settings
from django.http import HttpResponse, JsonResponse, RawPostDataException
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from assets import permissions
from assets.delivery.status import get_status
from assets.models import Asset
from assets.permissions import AuthHttpRequest
from assets.uploads import media_types
from assets.uploads.acceptance import describe_accepted
from assets.uploads.forms import AnnouncedFileForm, NewFileForm
from assets.uploads.receive import known_hashes
from assets.uploads.results import UploadResult, add_known, reload_assets
from assets.web.database import syncing_once
from assets.web.responses import asset_json, errors_json

MAX_ANNOUNCED_FILES = 100
MAX_STATES = 200
STATE_FIELDS = ("id", "page", "state", "url", "link_status", "error", "warning", "preview")


@require_safe
def tray(request: AuthHttpRequest) -> HttpResponse:
    """The tray as a fragment, with the URLs and limits its script needs."""
    permissions.require_member(request.user)
    context = {
        "form": NewFileForm(auto_id="upload-%s", initial={"visibility": request.user.default_visibility}),
        "accepted": describe_accepted(),
        "max_bytes": settings.UPLOAD_MAX_FILE_BYTES,
        "head_bytes": media_types.HEAD_BYTES,
        "opened_at": timezone.now(),
    }
    return render(request, "uploads/_tray.html", context)


@require_POST
def known(request: AuthHttpRequest) -> JsonResponse:
    """Check announced files before they are sent: each is `refused`, `known` (and now an asset) or `unknown`.

    Takes `{"files": [{"file_name", "size", "sha256", "head", and the fields of an upload}]}`. Content that only others
    can see is answered exactly like unknown content.
    """
    permissions.require_member(request.user)
    files = _read_list(request, "files", MAX_ANNOUNCED_FILES)
    announced = [file for file in files or [] if isinstance(file, dict)]
    if files is None or len(announced) < len(files):
        return _unreadable(f"an object with “files”, a list of at most {MAX_ANNOUNCED_FILES} objects")
    hashes = known_hashes((str(file.get("sha256")) for file in announced), request.user)
    with syncing_once():
        answers = [_check_announced(request, file, hashes) for file in announced]
    reload_assets([answer for answer in answers if isinstance(answer, UploadResult)], request.user)
    results = [answer.as_json() if isinstance(answer, UploadResult) else answer for answer in answers]
    return JsonResponse({"results": results})


@require_POST
def states(request: AuthHttpRequest) -> JsonResponse:
    """The state of these assets and of the queue. Takes `{"ids": [...]}`; assets that are not visible are left out."""
    ids = _read_list(request, "ids", MAX_STATES)
    pks = [str(pk) for pk in ids or [] if _is_uuid(pk)]
    if ids is None or len(pks) < len(ids):
        return _unreadable(f"an object with “ids”, a list of at most {MAX_STATES} ids")
    assets = permissions.visible_assets(request).filter(pk__in=pks).with_details(request.user)
    return JsonResponse(
        {
            "assets": [_state_as_json(asset) for asset in assets],
            "activity": get_status(timezone.now()).as_json(),
        }
    )


def _check_announced(
    request: AuthHttpRequest, file: dict[str, object], known: set[str]
) -> UploadResult | dict[str, object]:
    if unreadable := AnnouncedFileForm.find_unreadable(file):
        return _answer(file, "refused", errors=errors_json(unreadable))
    form = AnnouncedFileForm(file)
    if not form.is_valid():
        return _answer(file, "refused", errors=errors_json(form.errors.as_data()))
    return add_known(form, request.user, known) or _answer(file, "unknown")


def _answer(file: dict[str, object], status: str, **more: object) -> dict[str, object]:
    return {"file_name": file.get("file_name"), "status": status, "asset": None, "note": "", "error": None, **more}


def _state_as_json(asset: Asset) -> dict[str, object]:
    whole = asset_json(asset)
    return {name: whole[name] for name in STATE_FIELDS} | {"is_previewing": asset.stored_file.is_previewing}


def _read_list(request: AuthHttpRequest, name: str, max_length: int) -> list[object] | None:
    """The list of that name in a JSON body; None if there is none, or if it is too long."""
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError, RawPostDataException):  # the last: a form was sent
        return None
    items = body.get(name) if isinstance(body, dict) else None
    return items if isinstance(items, list) and len(items) <= max_length else None


def _unreadable(expected: str) -> JsonResponse:
    return JsonResponse({"error": {"code": "unreadable", "message": f"Send {expected}."}}, status=400)


def _is_uuid(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(uuid.UUID(value))
    except ValueError:
        return False
