"""What becomes of stored files, many at a time: their states, links and previews."""

import uuid
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypedDict, Unpack

from django.db import models, transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from .batches import distinct_values
from .links import AT_ONCE, LOST, LinkCheck, LinkStatus, PastUrl, as_columns, set_urls
from .states import UNFINISHED, State, Visibility
from .upload_requests import UploadRequest
from .webhooks import Event, announce

if TYPE_CHECKING:
    from .stored_files import StoredFile

# Media types that previews are made of.
PREVIEWABLE = r"^((image|video|audio)/|application/pdf$)"
# Kept only as long as there is an asset of the file.
ASSET_FIELDS = (
    "original", "preview", "preview_error", "preview_at", "placeholder", "is_animated", "width", "height", "duration",
)  # fmt: skip


class Measurements(TypedDict):
    """Pixels and seconds, as far as the content has any."""

    width: int | None
    height: int | None
    duration: float | None


class StoredFileQuerySet(models.QuerySet["StoredFile"]):
    def waiting(self) -> "StoredFileQuerySet":
        return self.filter(state=State.QUEUED)

    def due(self, now: datetime) -> "StoredFileQuerySet":
        return self.waiting().filter(next_attempt_at__lte=now)

    def get_queue_age(self, now: datetime) -> timedelta | None:
        """How long the file that waits longest has been waiting; None if none does."""
        oldest = self.waiting().aggregate(oldest=models.Min("queued_at"))["oldest"]
        return max(now - oldest, timedelta()) if oldest else None

    def oldest_first(self) -> "StoredFileQuerySet":
        return self.order_by("created_at", "id")

    def unfinished(self) -> "StoredFileQuerySet":
        return self.filter(state__in=UNFINISHED)

    def failed(self) -> "StoredFileQuerySet":
        return self.filter(state=State.FAILED)

    def given_up(self) -> "StoredFileQuerySet":
        """Files that the last attempt could not store: failed ones, and those that keep an earlier URL."""
        return self.filter(Q(state=State.FAILED) | (Q(state=State.STORED) & ~Q(error="")))

    def held_by(self, request: UploadRequest) -> "StoredFileQuerySet":
        return self.filter(request=request, state=State.SENDING)

    def claim(self, request: UploadRequest) -> int:
        """Hold queued files for an open request. Returns how many were still in the queue."""
        return self.waiting().update(state=State.SENDING, request=request, attempts=F("attempts") + 1, error="")

    @transaction.atomic
    def mark_stored(self, urls: Mapping[uuid.UUID, str], now: datetime) -> int:
        """Give unfinished files their URLs, by id, and keep the earlier ones as past URLs."""
        rows = self.unfinished().filter(pk__in=urls)
        PastUrl.objects.keep(rows.exclude(url=""), urls, now)
        new = {pk: urls[pk] for pk in rows.select_for_update().values_list("pk", flat=True)}
        set_urls(new)
        # By id alone, since this query may have been limited to files without a URL.
        files = self.model._default_manager.filter(pk__in=new)
        files.announce(Event.STORED)
        return files.update(
            state=State.STORED,
            stored_at=now,
            request=None,
            error="",
            link_status=LinkStatus.UNCHECKED,
            link_finding="",
            link_looks=0,
            link_checked_at=None,
            link_check_at=None,
        )

    def requeue(self, at: datetime, reason: str = "") -> int:
        """Return files to the queue until `at` or later. `reason` is shown while they wait."""
        return self.unfinished().update(state=State.QUEUED, request=None, next_attempt_at=at, error=reason)

    @transaction.atomic
    def fail(self, reason: str) -> int:
        """Stop sending these files. Those with an earlier URL stay stored under it."""
        stored = self.unfinished().exclude(url="").update(state=State.STORED, request=None, error=reason)
        failed = {"state": State.FAILED, "request": None, "error": reason, "failed_at": timezone.now()}
        files = self.unfinished().filter(url="")
        files.announce(Event.FAILED)
        return stored + files.update(**failed)

    def announce(self, event: Event) -> None:
        """Tell webhooks what is about to become of the team's assets of these files."""
        of_team = self.filter(assets__visibility=Visibility.TEAM, assets__trashed_at=None)
        announce(event, of_team.values_list("assets__pk", flat=True))

    def without_asset(self) -> "StoredFileQuerySet":
        return self.filter(assets=None)

    def release(self) -> int:
        """Keep only hash and URL, so that the same content is recognised. One without a URL is no longer sent."""
        self.waiting().fail("No asset uses this file any more.")
        blank = self.model()
        return self.update(**{name: getattr(blank, name) for name in ASSET_FIELDS})

    def retry(self, now: datetime) -> int:
        """Queue failed files as if they were received now."""
        return self.failed()._start_afresh(now)

    def reupload(self, now: datetime) -> int:
        """Queue lost files again. They keep their URL until they get a new one."""
        return self.reuploadable()._start_afresh(now)

    def _start_afresh(self, now: datetime) -> int:
        return self.update(
            state=State.QUEUED, attempts=0, next_attempt_at=now, queued_at=now, error="", link_check_at=None
        )

    def stored(self) -> "StoredFileQuerySet":
        return self.filter(state=State.STORED)

    def lost(self) -> "StoredFileQuerySet":
        """Stored files whose URL no longer leads to them."""
        return self.stored().filter(link_status__in=LOST)

    def reuploadable(self) -> "StoredFileQuerySet":
        return self.lost().exclude(original="")

    def at_host(self, host: str) -> "StoredFileQuerySet":
        return self.stored().filter(url_host=host)

    def due_for_link_check(self, now: datetime) -> "StoredFileQuerySet":
        return self.filter(link_check_at__lte=now).order_by("link_check_at")

    def ask_for_link_check(self) -> int:
        """Have the links of stored files checked before all others."""
        return self.stored().update(link_check_at=AT_ONCE)

    def hosts(self) -> Iterator[str]:
        """The hosts of all stored files."""
        return distinct_values(self.stored(), "url_host")

    def change_url(self, url: str) -> int:
        """Give a stored file another URL of the same response."""
        self.stored().announce(Event.STORED)
        return self.stored().update(**as_columns(url))

    @transaction.atomic
    def record_link_check(self, check: LinkCheck, now: datetime) -> int:
        if check.status in LOST:
            self.stored().exclude(link_status__in=LOST).announce(Event.BROKEN)
        reason = {"error": ""} if check.status == LinkStatus.VERIFIED else {}
        is_same = Q(link_status=check.status)
        return self.stored().update(
            link_status=check.status,
            link_changed_at=Case(When(is_same, then=F("link_changed_at")), default=timezone.now()),
            link_finding=check.result,
            link_looks=check.repeats,
            link_checked_at=now,
            link_check_at=check.next_at,
            **reason,
        )

    def previewable(self) -> "StoredFileQuerySet":
        """Files whose original is kept and of a type that previews are made of."""
        return self.exclude(original="").filter(media_type__regex=PREVIEWABLE)

    def without_preview(self) -> "StoredFileQuerySet":
        return self.filter(preview="", preview_error="")

    def record_preview(
        self, name: str, *, placeholder: bytes, is_animated: bool, **measured: Unpack[Measurements]
    ) -> int:
        """Show this preview from now on. What its maker measured counts more than what the file says of itself."""
        return self.update(
            preview=name,
            preview_error="",
            placeholder=b64encode(placeholder).decode(),
            is_animated=is_animated,
            width=Coalesce(Value(measured["width"], models.PositiveIntegerField()), "width"),
            height=Coalesce(Value(measured["height"], models.PositiveIntegerField()), "height"),
            duration=Coalesce(Value(measured["duration"], models.FloatField()), "duration"),
        )

    @transaction.atomic
    def correct_media_type(self, media_type: str) -> None:
        """Change what the content is taken for, which its assets follow."""
        self.update(media_type=media_type)
        row: StoredFile
        for row in self:
            row.assets.update(kind=row.kind)

    def record_no_preview(self, reason: str) -> int:
        """Record why there is no preview, unless there is an earlier one."""
        return self.filter(preview="").update(preview_error=reason)

    def record_damage(self) -> int:
        """Record that the content cannot be decoded, unless it is known what is wrong with it."""
        return self.filter(warning="").update(warning="This file looks damaged: it cannot be read to the end.")
