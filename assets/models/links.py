"""The links to stored files: what is known of them, the hosts that serve them, and the URLs that were before."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import models
from django.utils import timezone

from assets.text.email_in_url import url_contains_email

HOST_LENGTH = 255
# When a link is looked at that somebody asks for: before all that is planned.
AT_ONCE = datetime(2000, 1, 1, tzinfo=UTC)


class LinkStatus(models.TextChoices):
    UNCHECKED = "unchecked"
    VERIFIED = "verified"
    CHANGED = "changed"
    BROKEN = "broken"
    UNREACHABLE = "unreachable"


# Links that do not lead to their file: it is to be uploaded again.
LOST = (LinkStatus.BROKEN, LinkStatus.CHANGED)
TROUBLED = (*LOST, LinkStatus.UNREACHABLE)


@dataclass(frozen=True)
class Look:
    """What one look at a link has told; `times`: so often in a row it has found the same."""

    status: LinkStatus
    finding: LinkStatus
    times: int
    next_at: datetime | None


def as_columns(url: str) -> dict[str, Any]:
    """A URL with what is derived from it: to be set together, always."""
    return {
        "url": url,
        "url_host": urlsplit(url).netloc.lower()[:HOST_LENGTH],
        "url_has_address": url_contains_email(url),
    }


class PastUrl(models.Model):
    """A URL that a file had. It may be in use somewhere, and it cannot be deleted at Segmind."""

    stored_file = models.ForeignKey("StoredFile", on_delete=models.CASCADE, related_name="past_urls")
    url = models.TextField()
    stored_at = models.DateTimeField()
    replaced_at = models.DateTimeField()
    why = models.CharField(max_length=12, choices=LinkStatus.choices, help_text="its status when it was replaced")

    class Meta:
        ordering = ("-replaced_at", "-id")

    def __str__(self) -> str:
        return self.url


class LinkHostQuerySet(models.QuerySet["LinkHost"]):
    def free(self, now: datetime) -> "LinkHostQuerySet":
        return self.filter(free_at__lte=now)

    def held_by(self, holder: str) -> "LinkHostQuerySet":
        return self.filter(holder=holder)

    def paused(self) -> "LinkHostQuerySet":
        """Hosts that nobody asks just now, because they were away."""
        return self.filter(holder="", failures__gt=0)

    def claim(self, name: str, holder: str, now: datetime) -> bool:
        """Whether this host is ours to ask now: nobody else does, and no pause is going on."""
        self.get_or_create(name=name, defaults={"free_at": now})
        return self.free(now).filter(name=name).update(holder=holder, free_at=now + LinkHost.LEASE) == 1

    def renew(self, holder: str, now: datetime) -> bool:
        """Hold it for longer. False: it was taken away."""
        return self.held_by(holder).update(free_at=now + LinkHost.LEASE) == 1

    def release(self, holder: str, at: datetime, *, failures: int) -> None:
        """Let others ask from `at` on."""
        self.held_by(holder).update(holder="", free_at=at, failures=failures)


class LinkHost(models.Model):
    """A host of stored files: who is asking it now, or when it may be asked again.

    One at a time asks a host, over all workers; who dies loses it with the lease.
    """

    LEASE = timedelta(minutes=5)

    name = models.CharField(max_length=HOST_LENGTH, primary_key=True)
    holder = models.CharField(max_length=64, blank=True)
    free_at = models.DateTimeField(default=timezone.now)
    failures = models.PositiveIntegerField(default=0, help_text="visits in a row in which it was away")

    objects = LinkHostQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name
