"""Error pages. They are rendered without the request: its user would have to be read from the database.

Programs get the same sentences as JSON.
"""

import sys
from collections.abc import Mapping

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from assets.text.formats import format_size
from assets.web.responses import MissingError, wants_json
from segmind_site.unsent import UnsentForm, read_unsent

TOO_LARGE = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
CODES = {400: "bad_request", 401: "signed_out", 403: "forbidden", 411: "length_required", 413: "too_large"}
RETRY_SECONDS = 10
OUT_OF_DATE = "Somebody signed in or out since this page was opened, so nothing was saved."


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 if a form exceeds the limits."""
    return refuse(request, 413, describe_limits()) if isinstance(exception, TOO_LARGE) else _render(400, {"reason": ""})


def describe_limits() -> str:
    return (
        f"A form can contain {settings.DATA_UPLOAD_MAX_NUMBER_FILES:,} files, "
        f"{settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:,} fields and {format_size(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)} of "
        "text. This one contained more, so nothing was saved. Send it in parts."
    )


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refuse(request, 403, str(exception)) if str(exception) else _render(403, {"reason": ""})


def refuse(request: HttpRequest, status: int, reason: str, unsent: UnsentForm | None = None) -> HttpResponse:
    """A page, or JSON, with the reason in a sentence."""
    if wants_json(request):
        return _error_json(CODES[status], reason, status)
    return _render(status, {"reason": reason, "unsent": unsent})


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A script of ours gets a new token and sends the form again; a person decides about it on the page."""
    if wants_json(request):
        response = _error_json("forbidden", OUT_OF_DATE, 403)
    else:
        context = {"reason": OUT_OF_DATE, "unsent": read_unsent(request)}
        response = _render(403, context | {"username": request.user.get_username()}, name="403_csrf")
    response["X-Token-Stale"] = "1"
    return response


def _error_json(code: str, message: str, status: int) -> HttpResponse:
    return JsonResponse({"error": {"code": code, "message": message}}, status=status)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    reason = str(exception) if isinstance(exception, MissingError) else ""
    if reason and wants_json(request):
        return _error_json("not_found", reason, 404)
    return _render(404, {"reason": reason})


def method_not_allowed(allowed: str) -> HttpResponse:
    response = _render(405)
    response["Allow"] = allowed
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 if the database does not answer, which is temporary."""
    if not isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):
        return _render(500)
    response = _render(503)
    response["Retry-After"] = str(RETRY_SECONDS)
    return response


def _render(status: int, context: Mapping[str, object] | None = None, *, name: str = "") -> HttpResponse:
    return HttpResponse(render_to_string(f"errors/{name or status}.html", context), status=status)
