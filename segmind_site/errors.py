"""Pages of errors that Django by itself answers with the status of another one."""

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
        return _page(request, 400)
    limits = {
        "most_files": f"{settings.DATA_UPLOAD_MAX_NUMBER_FILES:,}",
        "most_fields": f"{settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:,}",
        "most_bytes": settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
    }
    return _page(request, 413, limits)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 where the database does not answer: that passes."""
    if not isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):
        return _page(request, 500)
    response = _page(request, 503)
    response["Retry-After"] = str(RETRY_SECONDS)
    return response


def _page(request: HttpRequest, status: int, about: dict[str, object] | None = None) -> HttpResponse:
    # Without the request: what is known of every page, such as who is signed in, would ask the database.
    return HttpResponse(render_to_string(f"{status}.html", about), status=status)
