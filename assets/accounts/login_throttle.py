"""Slows down repeated failures to sign in, for each user name and for each client address.

The wait doubles with every failure, and the counts are in the database, shared by all processes. An attacker can make
the owner of an account wait too, but sign them out nowhere, and a password link always works.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from assets.models import SignInAttempts

# Failures without a wait. Many people may share an address.
FREE_FOR_A_NAME = 5
FREE_FROM_AN_ADDRESS = 20


def claim(username: str, address: str, now: datetime) -> timedelta | None:
    """Claim an attempt: None, or how long to wait for the next one.

    It counts as a failure until `record_success()`, so that parallel attempts cannot get around the limit.
    """
    SignInAttempts.objects.forgotten(now).delete()
    limits = _limits(username, address)
    with transaction.atomic():
        # Sorted, so that two claims of the same keys cannot deadlock.
        rows = {key: SignInAttempts.objects.locked(key, now) for key in sorted(limits)}
        next_at = max(row.next_at for row in rows.values())
        if next_at > now:
            return next_at - now
        for key, row in rows.items():
            row.fail(now, free=limits[key])
    return None


def record_success(username: str, address: str) -> None:
    """Forget the failures of the user name. Of the address only this attempt: signing in to one account must not free
    it to guess the passwords of others.
    """
    of_name, from_address = _limits(username, address)
    SignInAttempts.objects.filter(key=of_name).delete()
    SignInAttempts.objects.filter(key=from_address, failures__gt=0).update(failures=F("failures") - 1)


def _limits(username: str, address: str) -> dict[str, int]:
    """Free failures by key, name first. Keys are hashed: people type passwords into the username field."""
    return {
        _key("name", username.casefold()): FREE_FOR_A_NAME,
        _key("address", address): FREE_FROM_AN_ADDRESS,
    }


def _key(kind: str, value: str) -> str:
    return salted_hmac("assets.sign_in", f"{kind}:{value}", algorithm="sha256").hexdigest()
