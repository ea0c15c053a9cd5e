"""What a share keeps of its visitors: a number of views, and cookies that are sent to this share only.

A view counts once for each browser and day, and not for programs that fetch a link to show a preview of it.
"""

import re
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse

from assets.models import Share
from assets.shares import access

# The names of the cookies.
SEEN, PASS = "seen", "pass"
SEEN_FOR = timedelta(days=1)
_PROGRAM = re.compile(r"bot|crawl|spider|preview|fetch|scan|facebookexternalhit|whatsapp|slack|curl|wget|python", re.I)


def count_view(request: HttpRequest, response: HttpResponse, share: Share, now: datetime) -> None:
    """Count a page that is shown, unless this browser has been counted today."""
    if SEEN not in request.COOKIES and is_by_person(request):
        Share.objects.count_view(share.pk, now)
        _set_cookie(request, response, SEEN, "1", SEEN_FOR)


def is_by_person(request: HttpRequest) -> bool:
    purpose = request.headers.get("sec-purpose", "") + request.headers.get("purpose", "")
    agent = request.headers.get("user-agent", "")
    return request.method == "GET" and "prefetch" not in purpose and bool(agent) and not _PROGRAM.search(agent)


def is_unlocked(request: HttpRequest, share: Share) -> bool:
    """Whether this browser's password was right, if the share has one."""
    return not share.password or access.is_pass(share, request.COOKIES.get(PASS, ""))


def unlock(request: HttpRequest, response: HttpResponse, share: Share) -> None:
    _set_cookie(request, response, PASS, access.make_pass(share), access.UNLOCKED_FOR)


def _set_cookie(request: HttpRequest, response: HttpResponse, name: str, value: str, max_age: timedelta) -> None:
    # The page itself: `shared` is the only view of a share that sets one.
    response.set_cookie(
        name, value, max_age=max_age, path=request.path, secure=request.is_secure(), httponly=True, samesite="Lax"
    )
