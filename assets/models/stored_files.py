"""Stored files: the content that Segmind has under a URL, or is to get."""

import re
import uuid
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TypedDict, Unpack

from django.db import models, transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from assets.models.upload_requests import UploadRequest

from .batches import distinct_values
from .links import AT_ONCE, HOST_LENGTH, LOST, LinkCheck, LinkStatus, PastUrl, as_columns, set_urls
from .states import UNFINISHED, Kind, State, Visibility
from .webhooks import Event, announce

# Media types that previews are made of.
PREVIEWABLE = r"^((image|video|audio)/|application/pdf$)"
NOT_VERIFIED = ~Q(link_status=LinkStatus.VERIFIED)
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
        files = StoredFile.objects.filter(pk__in=new)
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
        blank = StoredFile()
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
        for row in self:
            row.assets.update(kind=row.kind)

    def record_no_preview(self, reason: str) -> int:
        """Record why there is no preview, unless there is an earlier one."""
        return self.filter(preview="").update(preview_error=reason)

    def record_damage(self) -> int:
        """Record that the content cannot be decoded, unless it is known what is wrong with it."""
        return self.filter(warning="").update(warning="This file looks damaged: it cannot be read to the end.")


class StoredFile(models.Model):
    """One content, stored at Segmind once for the whole team, however many assets use it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sha256 = models.CharField("SHA-256", max_length=64, unique=True, editable=False)
    media_type = models.CharField(max_length=100, help_text="detected from the content")
    size = models.PositiveBigIntegerField(help_text="bytes")
    width = models.PositiveIntegerField(null=True, blank=True, help_text="pixels")
    height = models.PositiveIntegerField(null=True, blank=True, help_text="pixels")
    duration = models.FloatField(null=True, blank=True, help_text="seconds")
    original = models.FileField(blank=True, max_length=200)
    preview = models.FileField(blank=True, max_length=200, help_text="WebP, or SVG for a drawing")
    preview_error = models.TextField(blank=True, help_text="why there is no preview")
    warning = models.TextField(blank=True, default="", db_default="", help_text="why the content looks damaged")
    preview_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="since when it waits for a preview; empty if it does not"
    )
    placeholder = models.CharField(
        max_length=120, blank=True, editable=False, help_text="a BMP of 4 by 3 pixels in base64; empty if not opaque"
    )
    is_animated = models.BooleanField(default=False, editable=False, help_text="an image with several frames")

    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    request = models.ForeignKey(
        UploadRequest,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="held_files",
        help_text="the open request that holds it",
    )
    attempts = models.PositiveIntegerField(default=0)
    queued_at = models.DateTimeField(default=timezone.now)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    error = models.TextField(blank=True, help_text="why it failed, or why it is still waiting")

    url = models.TextField(blank=True)
    url_host = models.CharField(max_length=HOST_LENGTH, blank=True, editable=False)
    url_has_address = models.BooleanField("URL has an e-mail address", default=False, editable=False)
    stored_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="when it failed last")
    link_status = models.CharField(
        max_length=12, choices=LinkStatus.choices, default=LinkStatus.UNCHECKED, editable=False
    )
    link_changed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="when a check changed the status last"
    )
    link_checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    link_check_at = models.DateTimeField(
        "next link check", null=True, blank=True, editable=False, help_text="empty if not planned"
    )
    link_finding = models.CharField(
        max_length=12, choices=LinkStatus.choices, blank=True, editable=False, help_text="result of the last check"
    )
    link_looks = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text="checks in a row with this result"
    )
    run_count = models.PositiveIntegerField(
        default=0, db_default=0, editable=False, help_text="runs of models that used it"
    )
    is_output = models.BooleanField(
        default=False, db_default=False, editable=False, help_text="a run of a model made it"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = [
            models.CheckConstraint(
                name="stored_file_stored_has_url",
                condition=~Q(state=State.STORED) | (~Q(url="") & Q(stored_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="stored_file_sending_iff_held",
                condition=Q(state=State.SENDING, request__isnull=False) | (~Q(state=State.SENDING) & Q(request=None)),
            ),
            models.CheckConstraint(
                name="stored_file_failed_has_reason", condition=~Q(state=State.FAILED) | ~Q(error="")
            ),
            models.CheckConstraint(name="stored_file_failed_has_no_url", condition=~Q(state=State.FAILED) | Q(url="")),
        ]
        indexes = [
            models.Index(fields=["created_at", "id"], name="stored_file_queue", condition=Q(state=State.QUEUED)),
            models.Index(fields=["-created_at", "-id"], name="stored_file_newest"),
            # Searched for, and true of few files.
            models.Index(fields=["state"], name="stored_file_not_stored", condition=~Q(state=State.STORED)),
            models.Index(fields=["media_type"], name="stored_file_media_type"),
            models.Index(fields=["width"], name="stored_file_width"),
            # All that limits of models are about, so that a search for what fits reads nothing else.
            models.Index(fields=["media_type", "width", "height", "duration", "size", "id"], name="stored_file_facts"),
            models.Index(fields=["link_status"], name="stored_file_not_verified", condition=NOT_VERIFIED),
            models.Index(fields=["id"], name="stored_file_has_address", condition=Q(url_has_address=True)),
            models.Index(
                fields=["url_host", "link_check_at"], name="stored_file_next_look", condition=Q(state=State.STORED)
            ),
            models.Index(fields=["id"], name="stored_file_damaged", condition=~Q(warning="")),
            models.Index(fields=["stored_at"], name="stored_file_stored_at", condition=Q(stored_at__isnull=False)),
            models.Index(fields=["failed_at"], name="stored_file_failed_at", condition=Q(failed_at__isnull=False)),
            models.Index(
                fields=["link_changed_at"], name="stored_file_link_changed", condition=Q(link_changed_at__isnull=False)
            ),
            models.Index(fields=["preview_at"], name="stored_file_no_preview", condition=Q(preview_at__isnull=False)),
            models.Index(fields=["run_count"], name="stored_file_used", condition=Q(run_count__gt=0)),
            models.Index(fields=["url"], name="stored_file_url", condition=~Q(url="")),
        ]

    def __str__(self) -> str:
        return f"{self.media_type}, {self.sha256[:12]}"

    @property
    def kind(self) -> Kind:
        return Kind.for_media_type(self.media_type)

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED

    @property
    def is_previewing(self) -> bool:
        """Whether its first preview is being made."""
        return self.preview_at is not None and not self.preview

    @property
    def may_have_preview(self) -> bool:
        return bool(self.original) and bool(re.match(PREVIEWABLE, self.media_type))

    @property
    def is_lost(self) -> bool:
        """Whether its URL no longer leads to it."""
        return bool(self.url) and self.link_status in LOST

    @property
    def is_link_confirmed(self) -> bool:
        """Whether its status is the result of the last check."""
        return self.link_finding == self.link_status

    @property
    def needs_preview(self) -> bool:
        return self.may_have_preview and not self.preview and not self.preview_error
