"""Error pages. They are rendered without the request: its user would have to be read from the database."""

import sys

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

TOO_LARGE = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
RETRY_SECONDS = 10


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 if a form exceeds the limits."""
    if not isinstance(exception, TOO_LARGE):
        return _render(400)
    limits = {
        "max_files": f"{settings.DATA_UPLOAD_MAX_NUMBER_FILES:,}",
        "max_fields": f"{settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:,}",
        "max_bytes": settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
    }
    return _render(413, limits)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _render(403, {"reason": str(exception)})


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _render(403, name="403_csrf")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _render(404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 if the database does not answer, which is temporary."""
    if not isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):
        return _render(500)
    response = _render(503)
    response["Retry-After"] = str(RETRY_SECONDS)
    return response


def _render(status: int, context: dict[str, object] | None = None, *, name: str = "") -> HttpResponse:
    return HttpResponse(render_to_string(f"errors/{name or status}.html", context), status=status)
