"""Pages of errors. None knows the request: who is signed in would have to be asked of the database."""

import sys

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
RETRY_SECONDS = 10


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 where the form brought more than a form may."""
    if not isinstance(exception, TOO_MUCH):
        return _page(400)
    limits = {
        "most_files": f"{settings.DATA_UPLOAD_MAX_NUMBER_FILES:,}",
        "most_fields": f"{settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:,}",
        "most_bytes": settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
    }
    return _page(413, limits)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(403, {"reason": str(exception)})


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(403, name="403_csrf")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 where the database does not answer: that passes."""
    if not isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):
        return _page(500)
    response = _page(503)
    response["Retry-After"] = str(RETRY_SECONDS)
    return response


def _page(status: int, context: dict[str, object] | None = None, *, name: str = "") -> HttpResponse:
    return HttpResponse(render_to_string(f"errors/{name or status}.html", context), status=status)
