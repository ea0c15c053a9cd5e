from typing import cast

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.template.backends.utils import csrf_input
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from assets import permissions
from assets.delivery import status
from assets.navigation.sidebar import find_place
from assets.navigation.views import FOLDED_COOKIE, get_sidebar
from assets.permissions import AuthHttpRequest

PAUSE_CACHE_SECONDS = 5


def site(request: HttpRequest) -> dict[str, object]:
    """Whether files go to the sandbox, and why sending is paused."""
    return {"sandbox": settings.SANDBOX, "why_paused": SimpleLazyObject(lambda: _get_pause_reason(request))}


def csrf(request: HttpRequest) -> dict[str, object]:
    """One token for all forms of a page; Jinja would make one for each."""
    return {"csrf_input": SimpleLazyObject(lambda: csrf_input(request))}


def person(request: HttpRequest) -> dict[str, object]:
    """The person's role, what it allows, and whether they need the notice about e-mail addresses in URLs."""
    user = request.user
    return {
        "role": permissions.get_role(user),
        "may_upload": permissions.may_upload(user),
        "may_share": permissions.may_share(user),
        "may_manage": permissions.may_manage(user),
        "is_administrator": permissions.is_administrator(user),
        "theme": user.theme if user.is_authenticated else "system",
        "density": user.density if user.is_authenticated else "comfortable",
        "needs_email_notice": user.is_authenticated and not user.has_seen_email_notice,
    }


def navigation(request: HttpRequest) -> dict[str, object]:
    """What is beside every page of a person who has signed in. Pages without it cost no query."""
    return {
        "here": find_place(request.get_full_path()),
        "is_folded": request.COOKIES.get(FOLDED_COOKIE) == "1",
        "sidebar": SimpleLazyObject(lambda: get_sidebar(cast(AuthHttpRequest, request), request.get_full_path())),
    }


def _get_pause_reason(request: HttpRequest) -> str:
    """For managers only; cached for a few seconds."""
    if not permissions.may_manage(request.user):
        return ""
    return cache.get_or_set("queue-notice", lambda: status.get_pause_reason(timezone.now()), PAUSE_CACHE_SECONDS) or ""
