"""Slows down repeated failures to sign in, for each username and for each IP address.

The wait doubles with every failure, and the counts are in the database, shared by all processes. An attacker can make
the owner of an account wait too, but cannot sign them out, and a password link always works.
"""

import ipaddress
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from assets.models import SignInAttempts

# Failures without a wait. Many people may share an IP address.
MAX_FREE_PER_USERNAME = 5
MAX_FREE_PER_IP = 20


def claim(username: str, client_ip: str, now: datetime) -> timedelta | None:
    """Claim an attempt: None, or how long to wait for the next one.

    It counts as a failure until `record_success()`, so that parallel attempts cannot get around the limit.
    """
    SignInAttempts.objects.expired(now).delete()
    limits = _get_limits(username, client_ip)
    with transaction.atomic():
        # Sorted, so that two claims of the same keys cannot deadlock.
        rows = {key: SignInAttempts.objects.locked(key, now) for key in sorted(limits)}
        next_at = max(row.next_at for row in rows.values())
        if next_at > now:
            return next_at - now
        for key, row in rows.items():
            row.fail(now, free=limits[key])
    return None


def claim_address(kind: str, client_ip: str, now: datetime, *, free: int) -> timedelta | None:
    """The same for something else than a password, which only the IP address counts for."""
    with transaction.atomic():
        row = SignInAttempts.objects.locked(_make_key(kind, _without_host(client_ip)), now)
        if row.next_at > now:
            return row.next_at - now
        row.fail(now, free=free)
    return None


def record_success(username: str, client_ip: str) -> None:
    """Forget the failures of the username, but only this attempt of the IP address.

    Otherwise, signing in to one's own account would allow more guesses at the passwords of others.
    """
    username_key, ip_key = _get_limits(username, client_ip)
    SignInAttempts.objects.filter(key=username_key).delete()
    SignInAttempts.objects.filter(key=ip_key, failures__gt=0).update(failures=F("failures") - 1)


def _get_limits(username: str, client_ip: str) -> dict[str, int]:
    """Free failures by key, username first. Keys are hashed: people type passwords into the username field."""
    return {
        _make_key("name", username.casefold()): MAX_FREE_PER_USERNAME,
        _make_key("address", _without_host(client_ip)): MAX_FREE_PER_IP,
    }


def _without_host(client_ip: str) -> str:
    """An IPv6 address without its last 64 bits, of which one computer has as many as it likes."""
    if ":" not in client_ip:
        return client_ip
    return str(ipaddress.IPv6Network((client_ip, 64), strict=False))


def _make_key(kind: str, value: str) -> str:
    return salted_hmac("assets.sign_in", f"{kind}:{value}", algorithm="sha256").hexdigest()
