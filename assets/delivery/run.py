"""Delivery: due files are packed into requests to Segmind, and what came of each is recorded.

Every decision is taken under one lock from the ledger of requests, so any number of workers on any number of
machines keep to one rate and never send one content twice.
"""

import logging
import os
import secrets
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from django_tasks import task

from assets.audit.log import record_changes
from assets.delivery import bisection, policy, rate_limit
from assets.delivery.verify import plan_verification
from assets.models import DeliveryRun, Outcome, StoredFile, UploadRequest
from assets.models.stored_files import StoredFileQuerySet
from assets.segmind.client import FileToSend, body_size, key_fingerprint, upload
from assets.segmind.responses import (
    AccountError,
    LostResponseError,
    RateLimitError,
    RejectedError,
    SegmindError,
    TooLargeError,
    UnavailableError,
    UnexpectedResponseError,
    UnreadableFileError,
)

logger = logging.getLogger(__name__)

# Any number will do, so long as nothing else in this database takes it.
ADVISORY_LOCK = 0x5E6D_1AD0
LEASE_MARGIN = timedelta(seconds=10)
RENEW_AFTER = 3  # seconds
PERSIST_PAUSE = 0.5  # seconds
# How many of the due files are looked at to fill one request.
CANDIDATES = 500
LOST_LEASE = "The worker that was sending it stopped. It is sent again."


class LeaseLostError(Exception):
    """The exchange has been taken from this worker, its files may be with another one."""


@dataclass(frozen=True)
class Exchange:
    """A request that is to go out, and the files that it holds."""

    request: UploadRequest
    files: Sequence["_FileToSend"]


@task(queue_name="uploads")
def deliver() -> None:
    """Send what is due with one request, and plan the next look at the queue."""
    if (exchange := take()) is not None:
        send(exchange)


def take() -> Exchange | None:
    """Claim due files for a new request, where one may go out now; otherwise plan when to look again."""
    with transaction.atomic():
        lock_queue()
        now = timezone.now()
        DeliveryRun.objects.filter(at__lte=now).delete()
        _release_expired(now)
        candidates = [] if rate_limit.pause(now) else _candidates(now)
        batch = _packed(candidates) if candidates else []
        lingers_until = _lingers_until(batch, now, is_full=len(batch) < len(candidates))
        exchange = _claim(batch) if batch and lingers_until is None else None
        _plan_next(now, not_before=lingers_until or now)
    return exchange


def send(exchange: Exchange) -> None:
    """Carry out an exchange and record what came of it."""
    request, files = exchange.request, exchange.files
    try:
        if not request.is_still_open():
            raise LeaseLostError
        urls = upload(files, on_progress=_Renewal(request))
    except SegmindError as error:
        _record_failure(exchange, error)
    except LeaseLostError:
        logger.warning("Request %s was taken over before its body was out", request.pk)
    else:
        _persist(lambda: _record_urls(exchange, urls))
        logger.info("Stored %d files with request %s", len(files), request.pk)


def _candidates(now: datetime) -> list["_FileToSend"]:
    due = list(StoredFile.objects.due(now).oldest_first()[:CANDIDATES])
    return [_FileToSend.of(file) for file in bisection.free_to_travel(due)]


def _packed(candidates: Sequence["_FileToSend"]) -> list["_FileToSend"]:
    return policy.pack(candidates, most_bytes=rate_limit.most_bytes(), most_files=settings.SEGMIND_MAX_REQUEST_FILES)


def _lingers_until(batch: Sequence["_FileToSend"], now: datetime, *, is_full: bool) -> datetime | None:
    """How long the batch waits for files that a person is still adding; None where it goes now."""
    if is_full or len(batch) == settings.SEGMIND_MAX_REQUEST_FILES:
        return None
    return policy.lingers_until(
        [file.row.queued_at for file in batch], linger=timedelta(seconds=settings.SEGMIND_LINGER_SECONDS), now=now
    )


def _claim(batch: Sequence["_FileToSend"]) -> Exchange:
    now = timezone.now()
    request = UploadRequest.objects.create(
        started_at=now,
        lease_expires_at=now + _lease(),
        worker=worker_name(),
        file_count=len(batch),
        body_bytes=body_size(batch),
        key_fingerprint=key_fingerprint(),
    )
    chosen = [file.row.pk for file in batch]
    claimed = StoredFile.objects.filter(pk__in=chosen).hold(request)
    if claimed != len(chosen):
        raise DatabaseError(f"{len(chosen) - claimed} files left the queue while it was locked.")
    for file in batch:
        file.row.attempts += 1  # as the statement has counted it
    request.note_held_files()
    return Exchange(request, batch)


def _record_urls(exchange: Exchange, urls: Sequence[str]) -> None:
    request = exchange.request
    with transaction.atomic():
        lock_queue()
        now = timezone.now()
        by_id = {file.row.pk: url for file, url in zip(exchange.files, urls, strict=True)}
        _mark_stored(StoredFile.objects.held_by(request), by_id, now)
        if not request.finish(now, Outcome.STORED, status=200):
            # The lease ran out before the answer came. The URLs are good all the same, for the files that
            # nobody has begun to send again.
            late = _mark_stored(StoredFile.objects.waiting(), by_id, now)
            outcome = Outcome.STORED if late == len(by_id) else Outcome.PARTLY_STORED
            UploadRequest.objects.filter(pk=request.pk).update(outcome=outcome, status=200, message="")
        plan_verification(request.pk)
        _plan_next(now)


def _mark_stored(files: StoredFileQuerySet, urls: Mapping[UUID, str], now: datetime) -> int:
    """Give files their URLs; that one takes the place of another is written into the history."""
    replaced = list(files.filter(pk__in=urls).exclude(url="").only("sha256", "media_type", "url"))
    count = files.mark_stored(urls, now)
    record_changes(((file, {"url": (file.url, urls[file.pk])}) for file in replaced), actor="delivery")
    return count


def _persist(record: Callable[[], None]) -> None:
    """Record URLs that stand nowhere else yet, through a time in which the database is locked or away."""
    until = time.monotonic() + settings.SEGMIND_READ_TIMEOUT
    while True:
        try:
            return record()
        except (OperationalError, InterfaceError):
            if time.monotonic() > until:
                raise
            logger.warning("The URLs of a request wait for the database")
            connection.close()
            time.sleep(PERSIST_PAUSE)


def _record_failure(exchange: Exchange, error: SegmindError) -> None:
    """Close the exchange; decide for each file whether it waits again or has failed."""
    request, outcome = exchange.request, _outcome_of(error)
    logger.warning("Request %s with %d files: %s: %s", request.pk, request.file_count, outcome, error.message)
    with transaction.atomic():
        lock_queue()
        now = timezone.now()
        retry_at = getattr(error, "retry_at", None)
        if not request.finish(now, outcome, status=error.status, message=error.message, retry_at=retry_at):
            return  # the lease had run out; whoever released the files has recorded that
        held = StoredFile.objects.held_by(request)
        at_fault = [file.row for file in exchange.files]
        if isinstance(error, UnreadableFileError):
            at_fault = [exchange.files[error.number].row]
            held.exclude(pk=at_fault[0].pk).requeue(now)
        for file in at_fault:
            row = held.filter(pk=file.pk)
            if reason := _final_reason(request, error, file, now):
                row.fail(reason)
            else:
                row.requeue(_next_attempt(request, error, file, now), error.message)
        _plan_next(now)


def _final_reason(request: UploadRequest, error: SegmindError, file: StoredFile, now: datetime) -> str:
    """Why a file is not tried again, for the person; empty where it is."""
    if isinstance(error, UnreadableFileError):
        return f"{error.message} Upload the file again."
    if isinstance(error, RejectedError) and request.file_count == 1:
        return f"Segmind refused the file: {error.message}"
    if isinstance(error, TooLargeError) and request.file_count == 1:
        return "The file is too large for Segmind Storage. Upload a smaller version of it."
    unclear = isinstance(error, UnexpectedResponseError) and error.may_have_stored
    waited = now - file.queued_at
    if _is_trouble(error) and policy.gives_up(attempts=file.attempts, waited=waited, unclear=unclear):
        return f"Given up after {file.attempts} attempts. The last one: {error.message}"
    return ""


def _next_attempt(request: UploadRequest, error: SegmindError, file: StoredFile, now: datetime) -> datetime:
    """When a file that goes back to the queue may be sent again, as far as this file is concerned."""
    if _is_trouble(error):
        return now + rate_limit.back_off(file.attempts, request)
    return now


def _is_trouble(error: SegmindError) -> bool:
    """Whether another attempt of the same may go better, some time later."""
    return isinstance(error, UnavailableError | LostResponseError | UnexpectedResponseError)


def _outcome_of(error: SegmindError) -> Outcome:
    match error:
        case RejectedError() | UnreadableFileError():
            return Outcome.REJECTED
        case TooLargeError():
            return Outcome.TOO_LARGE
        case AccountError():
            return Outcome.ACCOUNT_REFUSED
        case RateLimitError():
            return Outcome.RATE_LIMITED
        case LostResponseError():
            return Outcome.UNKNOWN
        case UnexpectedResponseError() if error.may_have_stored:
            return Outcome.UNKNOWN
    return Outcome.UNAVAILABLE


def _release_expired(now: datetime) -> None:
    """Give the files of workers that are gone back to the queue."""
    for request in UploadRequest.objects.expired(now):
        if request.finish(now, Outcome.UNKNOWN, message="The worker stopped before the answer came."):
            StoredFile.objects.held_by(request).requeue(now, LOST_LEASE)
            logger.warning("Request %s was left open by worker %s", request.pk, request.worker)


def _plan_next(now: datetime, *, not_before: datetime | None = None) -> None:
    """Plan the next look at the queue: when the next file may go, or when an open lease runs out."""
    leases = UploadRequest.objects.open().order_by("lease_expires_at")
    moments = list(leases.values_list("lease_expires_at", flat=True)[:1])
    waiting = StoredFile.objects.waiting().order_by("next_attempt_at")
    for attempt in waiting.values_list("next_attempt_at", flat=True)[:1]:
        held = rate_limit.pause(now)
        if held is None:
            moments.append(max(not_before or now, attempt))
        elif held.until is not None:
            moments.append(max(held.until, attempt))
    if moments:
        plan_delivery(min(moments))


def lock_queue() -> None:
    """One decision at a time, until the end of the transaction.

    On SQLite the transaction itself is that lock (`transaction_mode: IMMEDIATE`).
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])


def _lease() -> timedelta:
    return timedelta(seconds=settings.SEGMIND_READ_TIMEOUT) + LEASE_MARGIN


class _Renewal:
    """Renews the lease while the body goes out, every few seconds."""

    def __init__(self, request: UploadRequest) -> None:
        self._request = request
        self._last = time.monotonic()

    def __call__(self) -> None:
        if time.monotonic() - self._last < RENEW_AFTER:
            return
        try:
            held = self._request.renew(timezone.now(), _lease())
        except DatabaseError:
            logger.warning("The lease of request %s could not be renewed", self._request.pk)
            return  # it is renewed early; a later piece tries again
        self._last = time.monotonic()
        if not held:
            raise LeaseLostError


@dataclass(frozen=True, kw_only=True)
class _FileToSend(FileToSend):
    row: StoredFile

    @classmethod
    def of(cls, row: StoredFile) -> "_FileToSend":
        def opened() -> Any:
            original = row.original
            if not original:
                raise FileNotFoundError(f"The original of {row.pk} is gone.")
            stream = original.storage.open(str(original.name))
            if stream.size != row.size:
                stream.close()
                raise OSError(f"The original of {row.pk} is not what was received.")
            return stream

        return cls(media_type=row.media_type, size=row.size, open=opened, row=row)


@cache
def worker_name() -> str:
    """This process, as the ledger and the heartbeats name it.

    The random part tells a restarted container from its predecessor with the same name and process id.
    """
    return f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(3)}"


@transaction.atomic
def plan_delivery(at: datetime) -> None:
    """See to it that the queue is looked at, at `at` at the latest.

    To be called in the transaction that writes what is to be found, so neither can be lost without the other.
    """
    planned = DeliveryRun.objects.planned(timezone.now(), at)
    # Locked, so that the task of that run cannot start looking before this transaction is visible.
    if planned.select_for_update().exists():
        return
    DeliveryRun.objects.create(at=at)
    deliver.using(run_after=at).enqueue()
