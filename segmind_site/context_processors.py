from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.template.backends.utils import csrf_input
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from assets import permissions
from assets.delivery import status

NOTICE_SECONDS = 5


def site(request: HttpRequest) -> dict[str, object]:
    """What every page shows: whether files go to Segmind or to the sandbox, and why none goes out."""
    return {"sandbox": settings.SANDBOX, "why_paused": SimpleLazyObject(lambda: _why_paused(request))}


def csrf(request: HttpRequest) -> dict[str, object]:
    """One token for all forms of a page; by itself, Jinja would give each form its own."""
    return {"csrf_input": SimpleLazyObject(lambda: csrf_input(request))}


def person(request: HttpRequest) -> dict[str, object]:
    """What every page asks of the person: their role, what it lets them do, and what they have not been told yet."""
    user = request.user
    return {
        "role": permissions.get_role(user),
        "may_upload": permissions.may_upload(user),
        "may_manage": permissions.may_manage(user),
        "is_administrator": permissions.is_administrator(user),
        "needs_email_notice": user.is_authenticated and not user.has_seen_email_notice,
    }


def _why_paused(request: HttpRequest) -> str:
    """For managers; looked up every few seconds at most."""
    if not permissions.may_manage(request.user):
        return ""
    return cache.get_or_set("queue-notice", lambda: status.get_pause_reason(timezone.now()), NOTICE_SECONDS) or ""
