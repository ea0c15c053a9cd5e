"""Requests to Segmind and their outcomes."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, models
from django.db.models import Q

from .batches import distinct_values
from .queue import WorkerHeartbeat

if TYPE_CHECKING:
    from .stored_files import StoredFile


class Outcome(models.TextChoices):
    """How a request ended; empty while it is open."""

    STORED = "stored"
    PARTLY_STORED = "partly_stored", "Partly stored"
    REJECTED = "rejected"
    TOO_LARGE = "too_large", "Too large"
    ACCOUNT_REFUSED = "account_refused", "Account refused"
    RATE_LIMITED = "rate_limited", "Rate limited"
    UNAVAILABLE = "unavailable"
    UNKNOWN = "unknown"


# Requests that brought URLs.
STORING = (Outcome.STORED, Outcome.PARTLY_STORED)
# Requests that failed, and may succeed if they are sent again.
TRANSIENT = (Outcome.UNAVAILABLE, Outcome.UNKNOWN)


class UploadRequestQuerySet(models.QuerySet["UploadRequest"]):
    def open(self) -> "UploadRequestQuerySet":
        return self.filter(finished_at=None)

    def finished(self) -> "UploadRequestQuerySet":
        return self.exclude(finished_at=None)

    def abandoned(self, now: datetime, *, by: str = "") -> "UploadRequestQuerySet":
        """Open requests whose lease has run out, and whose worker has died or is the one that asks (`by`).

        The lease of a worker that lives may run out too: while it waits for the database to record an answer, or if a
        clock is set forward. It still has its files.
        """
        living = WorkerHeartbeat.objects.exclude(worker=by).values("worker")
        return self.open().filter(lease_expires_at__lte=now).exclude(worker__in=living)

    def in_window(self, now: datetime, window: timedelta) -> "UploadRequestQuerySet":
        """Requests that the server may still count, because they were open within the last `window`."""
        return self.filter(Q(finished_at=None) | Q(finished_at__gt=now - window))

    def latest_first(self) -> "UploadRequestQuerySet":
        return self.order_by("-started_at", "-id")

    def fingerprints(self) -> Iterator[str]:
        """The fingerprints of all keys that requests were made with."""
        return distinct_values(self, "key_fingerprint")


class UploadRequest(models.Model):
    """One HTTP request to Segmind, written before its first byte is sent.

    Delivery derives everything it has to remember from these rows: how many requests the current minute has seen,
    when the rate window opens again, how large a body was last refused, whether and why the account is refused.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    started_at = models.DateTimeField(db_index=True)
    lease_expires_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=64, help_text="the worker that sent it")
    files: "models.ManyToManyField[StoredFile, Any]" = models.ManyToManyField(
        "StoredFile", related_name="requests", help_text="all files that it sent, whatever the outcome"
    )
    file_count = models.PositiveIntegerField()
    body_bytes = models.PositiveBigIntegerField()
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="HTTP status of the response")
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    message = models.TextField(blank=True, help_text="the server’s message, shortened and without keys")
    retry_at = models.DateTimeField(
        null=True, blank=True, help_text="when to send again, set by the server or an administrator"
    )
    key_fingerprint = models.CharField(max_length=12, help_text="start of the key’s SHA-256, never the key")
    verify_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="when its URLs are verified next; empty if that is over"
    )

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
            models.Index(fields=["key_fingerprint", "-started_at"], name="upload_request_key"),
            models.Index(fields=["verify_at"], name="upload_request_to_verify", condition=Q(verify_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.file_count} files, {self.get_outcome_display() or 'open'}"

    @property
    def was_rejected_by_segmind(self) -> bool:
        """Without a status, we cut it short ourselves, and said which of its files are damaged."""
        return self.outcome == Outcome.REJECTED and self.status is not None

    def record_files(self) -> None:
        """Record which files it sends, for when it no longer holds them.

        Copied by the database from the rows that `claim` has updated, since creating hundreds of rows here takes ten
        times as long.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO assets_uploadrequest_files (uploadrequest_id, storedfile_id)"
                " SELECT request_id, id FROM assets_storedfile WHERE request_id = %s",
                [self._meta.pk.get_db_prep_value(self.pk, connection)],
            )

    def is_open(self) -> bool:
        """Whether nobody has closed it in the meantime, so that it still holds its files."""
        return UploadRequest.objects.open().filter(pk=self.pk).exists()

    def renew(self, now: datetime, lease: timedelta) -> bool:
        """Extend the lease. False if it was lost, so that another worker may have the files."""
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
        """Close an open request. False if another worker has closed it because the lease had expired."""
        closed = (
            UploadRequest.objects.open()
            .filter(pk=self.pk)
            .update(finished_at=now, outcome=outcome, status=status, message=message, retry_at=retry_at)
        )
        return closed == 1
