"""The links to stored files: their status, the hosts that serve them, and earlier URLs."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypedDict
from urllib.parse import urlsplit

from django.db import connection, models
from django.utils import timezone

from assets.text.email_in_url import url_contains_email

if TYPE_CHECKING:
    from .stored_files import StoredFile

HOST_LENGTH = 255
# Links that somebody asks for are due before all that are planned.
AT_ONCE = datetime(2000, 1, 1, tzinfo=UTC)


class LinkStatus(models.TextChoices):
    UNCHECKED = "unchecked"
    VERIFIED = "verified"
    CHANGED = "changed"
    BROKEN = "broken"
    UNREACHABLE = "unreachable"


# Links that no longer lead to their file, which can be re-uploaded.
LOST = (LinkStatus.BROKEN, LinkStatus.CHANGED)
TROUBLED = (*LOST, LinkStatus.UNREACHABLE)


@dataclass(frozen=True)
class LinkCheck:
    """The status of a link after a check; `repeats` is how many checks in a row had this result."""

    status: LinkStatus
    result: LinkStatus
    repeats: int
    next_at: datetime | None


class UrlColumns(TypedDict):
    url: str
    url_host: str
    url_has_address: bool


def as_columns(url: str) -> UrlColumns:
    """A URL with what is derived from it, which must always be set together."""
    return {
        "url": url,
        "url_host": urlsplit(url).netloc.lower()[:HOST_LENGTH],
        "url_has_address": url_contains_email(url),
    }


def set_urls(urls: Mapping[uuid.UUID, str]) -> None:
    """Of stored files, by id. A short statement for each: a single one with hundreds of cases is many times slower."""
    rows = [{"id": models.UUIDField().get_db_prep_value(pk, connection), **as_columns(url)} for pk, url in urls.items()]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE assets_storedfile SET url = %(url)s, url_host = %(url_host)s,"
            " url_has_address = %(url_has_address)s WHERE id = %(id)s",
            rows,
        )


class PastUrlQuerySet(models.QuerySet["PastUrl"]):
    def keep(self, files: Iterable["StoredFile"], new: Mapping[uuid.UUID, str], now: datetime) -> None:
        """Keep the URLs of stored files that are about to be replaced by the new ones, which are by id of the file."""
        self.bulk_create(
            PastUrl(
                stored_file=file, url=file.url, stored_at=file.stored_at or now, replaced_at=now, why=file.link_status
            )
            for file in files
            if file.url != new[file.pk]
        )


class PastUrl(models.Model):
    """An earlier URL of a file. It may be in use somewhere, and it cannot be deleted at Segmind."""

    stored_file = models.ForeignKey("StoredFile", on_delete=models.CASCADE, related_name="past_urls")
    url = models.TextField()
    stored_at = models.DateTimeField()
    replaced_at = models.DateTimeField()
    why = models.CharField(max_length=12, choices=LinkStatus.choices, help_text="its status when it was replaced")

    objects = PastUrlQuerySet.as_manager()

    class Meta:
        ordering = ("-replaced_at", "-id")
        indexes = [models.Index(fields=["url"], name="past_url")]

    def __str__(self) -> str:
        return self.url


class LinkHostQuerySet(models.QuerySet["LinkHost"]):
    def free(self, now: datetime) -> "LinkHostQuerySet":
        return self.filter(free_at__lte=now)

    def held_by(self, holder: str) -> "LinkHostQuerySet":
        return self.filter(holder=holder)

    def paused(self) -> "LinkHostQuerySet":
        """Hosts that are left alone because they were unavailable."""
        return self.filter(holder="", failures__gt=0)

    def claim(self, name: str, holder: str, now: datetime) -> bool:
        """Take a host for a check. False if another worker has it, or it is paused."""
        self.get_or_create(name=name, defaults={"free_at": now})
        return self.free(now).filter(name=name).update(holder=holder, free_at=now + LinkHost.LEASE) == 1

    def renew(self, holder: str, now: datetime) -> bool:
        """Extend the lease. False if it was lost."""
        return self.held_by(holder).update(free_at=now + LinkHost.LEASE) == 1

    def release(self, holder: str, at: datetime, *, failures: int) -> None:
        """Let others check the host from `at` on."""
        self.held_by(holder).update(holder="", free_at=at, failures=failures)


class LinkHost(models.Model):
    """A host of stored files: who checks it now, or when it may be checked again.

    Only one worker checks a host at a time. One that dies loses it with the lease.
    """

    LEASE = timedelta(minutes=5)

    name = models.CharField(max_length=HOST_LENGTH, primary_key=True)
    holder = models.CharField(max_length=64, blank=True)
    free_at = models.DateTimeField(default=timezone.now)
    failures = models.PositiveIntegerField(default=0, help_text="checks in a row in which it was unavailable")

    objects = LinkHostQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name
