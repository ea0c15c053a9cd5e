"""Parts of the navigation, for the script that opens collections and draws it again after changes."""

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from assets.navigation import sidebar
from assets.permissions import AuthHttpRequest

OPENED_COOKIE = "opened"
FOLDED_COOKIE = "folded"


@never_cache
@require_safe
def navigation(request: AuthHttpRequest) -> HttpResponse:
    """The navigation of the page `at` an address or, with `in`, the collections within another one."""
    address = request.GET.get("at", "")
    if "in" not in request.GET:
        return render(request, "_navigation.html", {"sidebar": get_sidebar(request, address)})
    try:
        parent = uuid.UUID(request.GET["in"])
    except ValueError:
        raise Http404("There is no such collection.") from None
    return render(request, "_branches.html", {"branches": sidebar.build_branches(request.user, parent, address)})


def get_sidebar(request: AuthHttpRequest, address: str) -> sidebar.Sidebar:
    return sidebar.build_sidebar(request.user, address, request.COOKIES.get(OPENED_COOKIE, "").split("."))
