"""Bytes and the exchanges that carry them: what Segmind holds, what it is still to get, and the ledger."""

import re
import uuid
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from assets.services.preview_makers import Preview


class Kind(models.TextChoices):
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    OTHER = "other"

    @classmethod
    def of(cls, media_type: str) -> "Kind":
        """The kind of a media type such as `image/png`."""
        main = media_type.partition("/")[0]
        return cls(main) if main in cls.values else cls.OTHER


class State(models.TextChoices):
    QUEUED = "queued", "Waiting"
    SENDING = "sending", "Sending"
    STORED = "stored", "Stored"
    FAILED = "failed", "Failed"


UNFINISHED = (State.QUEUED, State.SENDING)
# Media types of which previews are made.
PREVIEWABLE = r"^((image|video|audio)/|application/pdf$)"
# What is known of a content for as long as somebody has it.
OF_ITS_ENTRIES = (
    "original", "preview", "preview_error", "placeholder", "is_animated", "width", "height", "duration",
)  # fmt: skip


def placeholder_url(placeholder: str) -> str:
    """Of the picture that stands in the preview's place until that is there; empty where there is none."""
    return f"data:image/bmp;base64,{placeholder}" if placeholder else ""


class LinkStatus(models.TextChoices):
    UNCHECKED = "unchecked"
    VERIFIED = "verified"
    CHANGED = "changed"
    BROKEN = "broken"
    UNREACHABLE = "unreachable"


class Outcome(models.TextChoices):
    """How an exchange with Segmind ended; empty while it is open."""

    STORED = "stored"
    PARTLY_STORED = "partly_stored"
    REJECTED = "rejected"
    TOO_LARGE = "too_large"
    ACCOUNT_REFUSED = "account_refused"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    UNKNOWN = "unknown"


class UploadRequestQuerySet(models.QuerySet["UploadRequest"]):
    def open(self) -> "UploadRequestQuerySet":
        return self.filter(finished_at=None)

    def finished(self) -> "UploadRequestQuerySet":
        return self.exclude(finished_at=None)

    def expired(self, now: datetime) -> "UploadRequestQuerySet":
        """Open exchanges whose worker has not renewed its lease: it is gone."""
        return self.open().filter(lease_expires_at__lte=now)

    def in_window(self, now: datetime, window: timedelta) -> "UploadRequestQuerySet":
        """Exchanges that the server may still count: those that were going on within the last `window`."""
        return self.filter(Q(finished_at=None) | Q(finished_at__gt=now - window))

    def latest_first(self) -> "UploadRequestQuerySet":
        return self.order_by("-started_at", "-id")


class UploadRequest(models.Model):
    """The ledger: one row per HTTP exchange with Segmind, written before its first byte goes out.

    What the pipeline must remember is derived from these rows: the requests of the current minute, when the
    rate window opens again, how large a body was last refused, whether and why the account is refused.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    started_at = models.DateTimeField(db_index=True)
    lease_expires_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=64, help_text="the worker that made it, and held its lease")
    files: "models.ManyToManyField[StoredFile, Any]" = models.ManyToManyField(
        "StoredFile", related_name="requests", help_text="every file it carried, whatever came of it"
    )
    file_count = models.PositiveIntegerField()
    body_bytes = models.PositiveBigIntegerField()
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="HTTP status of the answer")
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    message = models.TextField(blank=True, help_text="what the server said, made safe and short")
    retry_at = models.DateTimeField(
        null=True, blank=True, help_text="when to come back: the server's word, or an administrator's"
    )
    key_fingerprint = models.CharField(max_length=12, help_text="start of the key's SHA-256, never the key")

    objects = UploadRequestQuerySet.as_manager()

    class Meta:
        ordering = ("-started_at", "-id")
        constraints = [
            models.CheckConstraint(
                name="upload_request_outcome_iff_finished",
                condition=Q(finished_at=None, outcome="") | (Q(finished_at__isnull=False) & ~Q(outcome="")),
            ),
            models.CheckConstraint(
                name="upload_request_has_files",
                condition=Q(file_count__gt=0),
            ),
        ]
        indexes = [
            models.Index(fields=["lease_expires_at"], name="upload_request_open", condition=Q(finished_at=None)),
            models.Index(fields=["-finished_at"], name="upload_request_finished"),
        ]

    def __str__(self) -> str:
        return f"{self.file_count} files, {self.get_outcome_display() or 'open'}"

    def note_held_files(self) -> None:
        """Write down which files it carries: that must outlive its hold on them.

        Copied by the database from what `hold` wrote: to make hundreds of rows here takes ten times as long.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO assets_uploadrequest_files (uploadrequest_id, storedfile_id)"
                " SELECT request_id, id FROM assets_storedfile WHERE request_id = %s",
                [self._meta.pk.get_db_prep_value(self.pk, connection)],
            )

    def is_still_open(self) -> bool:
        """Whether nobody has closed it meanwhile: then it holds its files still."""
        return UploadRequest.objects.open().filter(pk=self.pk).exists()

    def renew(self, now: datetime, lease: timedelta) -> bool:
        """Extend the lease. False: it was taken away, the files may be with another worker."""
        held = UploadRequest.objects.open().filter(pk=self.pk).update(lease_expires_at=now + lease)
        return held == 1

    def finish(
        self,
        now: datetime,
        outcome: Outcome,
        *,
        status: int | None = None,
        message: str = "",
        retry_at: datetime | None = None,
    ) -> bool:
        """Close an open exchange. False: somebody else has closed it (the lease had expired)."""
        closed = (
            UploadRequest.objects.open()
            .filter(pk=self.pk)
            .update(finished_at=now, outcome=outcome, status=status, message=message, retry_at=retry_at)
        )
        return closed == 1


class StoredFileQuerySet(models.QuerySet["StoredFile"]):
    def waiting(self) -> "StoredFileQuerySet":
        return self.filter(state=State.QUEUED)

    def due(self, now: datetime) -> "StoredFileQuerySet":
        return self.waiting().filter(next_attempt_at__lte=now)

    def oldest_first(self) -> "StoredFileQuerySet":
        return self.order_by("created_at", "id")

    def unfinished(self) -> "StoredFileQuerySet":
        return self.filter(state__in=UNFINISHED)

    def failed(self) -> "StoredFileQuerySet":
        return self.filter(state=State.FAILED)

    def held_by(self, request: UploadRequest) -> "StoredFileQuerySet":
        return self.filter(request=request, state=State.SENDING)

    def hold(self, request: UploadRequest) -> int:
        """Claim queued files for an open exchange; returns how many were still to be had."""
        return self.waiting().update(state=State.SENDING, request=request, attempts=F("attempts") + 1, error="")

    def mark_stored(self, urls: Mapping[uuid.UUID, str], now: datetime) -> int:
        """Give unfinished files the URLs found under their ids, all in one statement."""
        cases = [models.When(pk=pk, then=models.Value(url)) for pk, url in urls.items()]
        return (
            self.unfinished()
            .filter(pk__in=urls)
            .update(
                state=State.STORED,
                url=models.Case(*cases, output_field=models.TextField()),
                stored_at=now,
                request=None,
                error="",
                link_status=LinkStatus.UNCHECKED,
                link_checked_at=None,
            )
        )

    def requeue(self, at: datetime, reason: str = "") -> int:
        """Give files back to the queue, not before `at`; `reason` is shown while they wait."""
        return self.unfinished().update(state=State.QUEUED, request=None, next_attempt_at=at, error=reason)

    def fail(self, reason: str) -> int:
        return self.unfinished().update(state=State.FAILED, request=None, error=reason)

    def without_entry(self) -> "StoredFileQuerySet":
        """Contents that nobody has any more."""
        return self.filter(assets=None)

    def let_go(self) -> int:
        """Keep what the same content is recognised by, hash and URL; one without a URL is not sent any more."""
        self.waiting().fail("Nobody has this file any more.")
        fields = (StoredFile._meta.get_field(name) for name in OF_ITS_ENTRIES)
        return self.update(**{field.name: field.get_default() for field in fields})  # type: ignore[union-attr]

    def retry(self, now: datetime) -> int:
        """Failed files start afresh, as if received now."""
        return self.failed().update(state=State.QUEUED, attempts=0, next_attempt_at=now, queued_at=now, error="")

    def previewable(self) -> "StoredFileQuerySet":
        """Files whose original is here and of a sort that previews are made of."""
        return self.exclude(original="").filter(media_type__regex=PREVIEWABLE)

    def without_preview(self) -> "StoredFileQuerySet":
        return self.filter(preview="", preview_error="")

    def record_preview(self, name: str, made: Preview) -> int:
        """Show this preview from now on. What was known of the file stays, what was not is added."""
        return self.update(
            preview=name,
            preview_error="",
            placeholder=b64encode(made.placeholder).decode(),
            is_animated=made.is_animated,
            width=Coalesce("width", models.Value(made.width, models.PositiveIntegerField())),
            height=Coalesce("height", models.Value(made.height, models.PositiveIntegerField())),
            duration=Coalesce("duration", models.Value(made.duration, models.FloatField())),
        )

    def record_no_preview(self, reason: str) -> int:
        """Say why there is none; a preview from before stays."""
        return self.filter(preview="").update(preview_error=reason)


class StoredFile(models.Model):
    """One content, stored at Segmind once for the whole team, however many entries show it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    media_type = models.CharField(max_length=100, help_text="found from the content")
    size = models.PositiveBigIntegerField(help_text="bytes")
    width = models.PositiveIntegerField(null=True, blank=True, help_text="pixels")
    height = models.PositiveIntegerField(null=True, blank=True, help_text="pixels")
    duration = models.FloatField(null=True, blank=True, help_text="seconds")
    original = models.FileField(blank=True, max_length=200)
    preview = models.FileField(blank=True, max_length=200, help_text="WebP, or SVG of a drawing")
    preview_error = models.TextField(blank=True, help_text="why there can be no preview")
    placeholder = models.CharField(
        max_length=120, blank=True, editable=False, help_text="a BMP of 4 by 3 pixels, as base64; empty if not opaque"
    )
    is_animated = models.BooleanField(default=False, editable=False, help_text="a picture of several frames")

    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    request = models.ForeignKey(
        UploadRequest,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="held_files",
        help_text="the exchange that holds it now",
    )
    attempts = models.PositiveIntegerField(default=0)
    queued_at = models.DateTimeField(default=timezone.now)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    error = models.TextField(blank=True, help_text="why it failed, or why it still waits")

    url = models.TextField(blank=True)
    stored_at = models.DateTimeField(null=True, blank=True)
    link_status = models.CharField(
        max_length=12, choices=LinkStatus.choices, default=LinkStatus.UNCHECKED, editable=False
    )
    link_checked_at = models.DateTimeField(null=True, blank=True, editable=False)
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
                name="stored_file_failed_has_reason",
                condition=~Q(state=State.FAILED) | ~Q(error=""),
            ),
        ]
        indexes = [
            models.Index(fields=["created_at", "id"], name="stored_file_queue", condition=Q(state=State.QUEUED)),
            models.Index(fields=["-created_at", "-id"], name="stored_file_newest"),
            # What searches ask for and few files have.
            models.Index(fields=["state"], name="stored_file_not_stored", condition=~Q(state=State.STORED)),
            models.Index(fields=["media_type"], name="stored_file_media_type"),
            models.Index(fields=["width"], name="stored_file_width"),
        ]

    def __str__(self) -> str:
        return f"{self.media_type}, {self.sha256[:12]}"

    @property
    def kind(self) -> Kind:
        return Kind.of(self.media_type)

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED

    @property
    def may_have_preview(self) -> bool:
        return bool(self.original) and bool(re.match(PREVIEWABLE, self.media_type))

    @property
    def needs_preview(self) -> bool:
        return self.may_have_preview and not self.preview and not self.preview_error

    @property
    def placeholder_url(self) -> str:
        return placeholder_url(self.placeholder)
