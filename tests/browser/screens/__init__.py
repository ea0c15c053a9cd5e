"""Every screen of the application, and how a person comes there: for what has to be true of each of them."""

from django.core.exceptions import BadRequest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import path

from segmind_site import urls
from tests.browser.screens import addresses, asset, library, outputs, refusals, sets, sharing, uploads
from tests.browser.screens.tour import SCREENS, Seen, Tour, furnished_library

__all__ = [
    "SCREENS",
    "Seen",
    "Tour",
    "addresses",
    "asset",
    "furnished_library",
    "library",
    "outputs",
    "refusals",
    "sets",
    "sharing",
    "uploads",
]


# --- Addresses that go wrong, for the pages that say so ---


def breaks(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("on purpose")


def refuses(request: HttpRequest) -> HttpResponse:
    raise BadRequest("on purpose")


def waits(request: HttpRequest) -> HttpResponse:
    raise OperationalError("on purpose")


urlpatterns = [*urls.urlpatterns, path("breaks", breaks), path("refuses", refuses), path("waits", waits)]
handler400 = urls.handler400
handler403 = urls.handler403
handler404 = urls.handler404
handler500 = urls.handler500
