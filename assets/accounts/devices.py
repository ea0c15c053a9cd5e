"""Where a person is signed in: remembered when they sign in, and shown on their own page."""

import hashlib
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from assets.models import Device, User
from assets.models.accounts import USER_AGENT_LENGTH
from assets.permissions import AuthHttpRequest
from assets.web.client_ip import client_ip

# When a person was seen is not written more often.
SEEN_EVERY = timedelta(hours=1)
_SEEN = "seen"
# The first that a browser names: many call themselves Safari or Chrome besides.
_BROWSERS = {
    "Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung Internet", "Firefox": "Firefox", "FxiOS": "Firefox",
    "CriOS": "Chrome", "Chrome": "Chrome", "Safari": "Safari",
}  # fmt: skip
_SYSTEMS = {
    "iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "Mac OS": "Mac", "CrOS": "ChromeOS",
    "Linux": "Linux",
}  # fmt: skip


@dataclass(frozen=True)
class SignedIn:
    """`id` names it in a page, which has no key of another session. `name`: such as `Firefox on Windows`."""

    id: str
    name: str
    client_ip: str | None
    signed_in_at: datetime
    seen_at: datetime
    is_this: bool


def remember(request: HttpRequest, person: User) -> None:
    """Called once somebody has signed in, or has a new session. The first time zone that a browser sends is taken."""
    now = timezone.now()
    request.session[_SEEN] = now.timestamp()
    Device.objects.update_or_create(
        session_key=request.session.session_key,
        defaults={
            "person": person,
            "user_agent": request.headers.get("user-agent", "")[:USER_AGENT_LENGTH],
            "client_ip": client_ip(request) or None,
            "signed_in_at": now,
            "seen_at": now,
        },
    )
    _take_time_zone(person, request.POST.get("time_zone", ""))


def _take_time_zone(person: User, name: str) -> None:
    if not person.time_zone and name in zoneinfo.available_timezones():
        person.time_zone = name
        person.save(update_fields=["time_zone"])


def see(request: AuthHttpRequest, now: datetime) -> None:
    """Note now and then that the person is here."""
    seen_at = request.session.get(_SEEN)
    if seen_at is not None and now.timestamp() - seen_at > SEEN_EVERY.total_seconds():
        request.session[_SEEN] = now.timestamp()
        Device.objects.filter(session_key=request.session.session_key).update(seen_at=now)


def list_devices(request: AuthHttpRequest) -> list[SignedIn]:
    """Where the person is signed in now: this device, then the others, the latest first."""
    if _SEEN not in request.session:
        remember(request, request.user)  # signed in before devices were remembered
    rows = Device.objects.filter(person=request.user).order_by("-seen_at")
    current = set(_current_sessions(request.user, [row.session_key for row in rows]))
    devices = [_describe(row, request) for row in rows if row.session_key in current]
    return sorted(devices, key=lambda device: not device.is_this)


def sign_out(person: User, id: str) -> bool:
    """End one session of a person; False if it has ended already."""
    device = next((row for row in Device.objects.filter(person=person) if _id_of(row) == id), None)
    if device is None:
        return False
    Session.objects.filter(session_key=device.session_key).delete()
    device.delete()
    return True


def forget_ended() -> None:
    """Remove what is kept of sessions that have ended."""
    Device.objects.without_session().delete()


def _current_sessions(person: User, keys: list[str]) -> Iterator[str]:
    """Those that a new password, a new role or signing out everywhere has not ended."""
    expected = person.get_session_auth_hash()
    for session in Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now()):
        if session.get_decoded().get(HASH_SESSION_KEY) == expected:
            yield session.session_key


def _describe(row: Device, request: AuthHttpRequest) -> SignedIn:
    is_this = row.session_key == request.session.session_key
    name = name_of(row.user_agent)
    return SignedIn(_id_of(row), name, row.client_ip, row.signed_in_at, row.seen_at, is_this)


def _id_of(row: Device) -> str:
    return hashlib.sha256(row.session_key.encode()).hexdigest()[:20]


def name_of(user_agent: str) -> str:
    browser = next((name for sign, name in _BROWSERS.items() if f"{sign}/" in user_agent), "Browser")
    system = next((name for sign, name in _SYSTEMS.items() if sign in user_agent), "")
    return f"{browser} on {system}" if system else browser
