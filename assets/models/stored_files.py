"""Stored files: the content that Segmind has under a URL, or is to get."""

import re
import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from assets.models.upload_requests import UploadRequest

from .links import HOST_LENGTH, LOST, LinkStatus
from .states import UNFINISHED, Kind, State
from .stored_file_queries import PREVIEWABLE, StoredFileQuerySet

NOT_VERIFIED = ~Q(link_status=LinkStatus.VERIFIED)


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
            models.Index(fields=["url"], name="stored_file_whole_url", condition=~Q(url="")),
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
