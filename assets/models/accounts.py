"""Password links, failed attempts to sign in, and the devices on which people are signed in."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone

FIRST_PAUSE = timedelta(seconds=5)  # doubles with each failure
MAX_DOUBLINGS = 20  # far beyond MAX_PAUSE; avoids overflow
MAX_PAUSE = timedelta(minutes=15)
EXPIRES_AFTER = timedelta(days=1)
USER_AGENT_LENGTH = 300


class PasswordLink(models.Model):
    """A person has a one-time link to choose a password. The link itself is not stored; a newer one replaces it."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="password_link", primary_key=True
    )
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"a link for {self.person}"

    @property
    def expires_at(self) -> datetime:
        return self.made_at + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)

    @property
    def is_open(self) -> bool:
        return timezone.now() < self.expires_at


class SignInAttemptsQuerySet(models.QuerySet["SignInAttempts"]):
    def locked(self, key: str, now: datetime) -> "SignInAttempts":
        return self.select_for_update().get_or_create(key=key, defaults={"last_at": now, "next_at": now})[0]

    def expired(self, now: datetime) -> Self:
        return self.filter(last_at__lt=now - EXPIRES_AFTER)


class SignInAttempts(models.Model):
    """Recent failures to sign in with a username or from an IP address. `key` is a hash of either."""

    key = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(db_index=True)
    next_at = models.DateTimeField(help_text="No attempt is allowed before this time.")

    objects = SignInAttemptsQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.failures} failures"

    def fail(self, now: datetime, *, free: int) -> None:
        """Count a failure. After `free` failures without a pause, the next attempt has to wait."""
        earlier = self.failures if self.last_at >= now - EXPIRES_AFTER else 0
        doublings = earlier + 1 - free
        pause = min(FIRST_PAUSE * 2 ** min(doublings, MAX_DOUBLINGS), MAX_PAUSE) if doublings >= 0 else timedelta()
        self.failures, self.last_at, self.next_at = earlier + 1, now, now + pause
        self.save(update_fields=["failures", "last_at", "next_at"])


class DeviceQuerySet(models.QuerySet["Device"]):
    def without_session(self) -> Self:
        return self.exclude(Exists(Session.objects.filter(session_key=OuterRef("session_key"))))


class Device(models.Model):
    """A browser in which a person has signed in. Its session says whether they still are."""

    session_key = models.CharField(max_length=40, primary_key=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="devices")
    user_agent = models.CharField(max_length=USER_AGENT_LENGTH, blank=True)
    client_ip = models.GenericIPAddressField(null=True)
    signed_in_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    objects = DeviceQuerySet.as_manager()

    def __str__(self) -> str:
        return f"a device of {self.person}"
