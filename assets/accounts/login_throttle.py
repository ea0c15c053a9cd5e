"""Signing in is slowed down where it fails again and again: for a user name from anywhere, and from an address for any
user name. The counts are in the database, so that all processes share them without a cache in common.

The libraries for this lock for a fixed time, or for ever; here the wait grows with each failure. Who keeps an account
busy with wrong passwords makes its owner wait too, but signs them out nowhere, and an administrator's link to choose a
password does not wait.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from assets.models import SignInAttempts

# So many failures cost nothing; many people may share an address.
FREE_FOR_A_NAME = 5
FREE_FROM_AN_ADDRESS = 20


def claim(username: str, address: str, now: datetime) -> timedelta | None:
    """Claim the right to try a password; how long to wait where there is none yet.

    The attempt counts as a failure until `succeeded()` takes that back, so that many at once are not more than one.
    """
    SignInAttempts.objects.forgotten(now).delete()
    limits = _limits(username, address)
    with transaction.atomic():
        # In one order, so that two who claim the same keys wait for each other, never in a circle.
        rows = {key: SignInAttempts.objects.locked(key, now) for key in sorted(limits)}
        next_at = max(row.next_at for row in rows.values())
        if next_at > now:
            return next_at - now
        for key, row in rows.items():
            row.fail(now, free=limits[key])
    return None


def succeeded(username: str, address: str) -> None:
    """Forget the failures of a user name; of an address only this attempt, or any account would be a way around."""
    of_name, from_address = _limits(username, address)
    SignInAttempts.objects.filter(key=of_name).delete()
    SignInAttempts.objects.filter(key=from_address, failures__gt=0).update(failures=F("failures") - 1)


def _limits(username: str, address: str) -> dict[str, int]:
    """The keys of both, name first. Hashed: people type passwords where the user name belongs."""
    return {
        _key("name", username.casefold()): FREE_FOR_A_NAME,
        _key("address", address): FREE_FROM_AN_ADDRESS,
    }


def _key(kind: str, value: str) -> str:
    return salted_hmac("assets.sign_in", f"{kind}:{value}", algorithm="sha256").hexdigest()
