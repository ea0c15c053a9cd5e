"""Delivery: due files are packed into requests to Segmind, and what came of each is recorded.

Every decision is taken under one lock from the ledger of requests, so any number of workers on any number of
machines keep to one rate and never send one content twice.

`plan` arguments take the moment of the next look at the queue and see to it, in the transaction that is open.
"""

import logging
import os
import secrets
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import takewhile
from typing import BinaryIO

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from assets.models import DeliveryRun, Outcome, StoredFile, UploadRequest
from assets.services import originals, pacing, segmind

logger = logging.getLogger(__name__)

# Any number will do, so long as nothing else in this database takes it.
ADVISORY_LOCK = 0x5E6D_1AD0
LEASE_MARGIN = timedelta(seconds=10)
RENEW_AFTER = 3  # seconds
# How many of the due files are looked at to fill one request.
CANDIDATES = 500

Plan = Callable[[datetime], None]
LOST_LEASE = "The worker that was sending it stopped. It is sent again."


class LeaseLostError(Exception):
    """The exchange has been taken from this worker, its files may be with another one."""


@dataclass(frozen=True)
class Pause:
    """Why nothing is sent before `until`; `until` is None while all of the rate is taken by open requests."""

    until: datetime | None
    outcome: Outcome | None = None
    reason: str = ""


def deliver(*, plan: Plan) -> None:
    """Send what is due with one request, and plan the next look at the queue."""
    if (request := take(plan=plan)) is not None:
        send(request, plan=plan)


def take(*, plan: Plan) -> UploadRequest | None:
    """Claim due files for a new request, where one may go out now; otherwise plan when to look again."""
    with transaction.atomic():
        _lock_queue()
        now = timezone.now()
        DeliveryRun.objects.filter(at__lte=now).delete()
        _release_expired(now)
        request = None if pause(now) else _claim(now)
        _plan_next(now, plan)
    return request


def send(request: UploadRequest, *, plan: Plan) -> None:
    """Carry out an exchange and record what came of it."""
    files = list(request.held_files.order_by("created_at", "id"))
    try:
        urls = segmind.upload([_file_to_send(file) for file in files], on_progress=_Renewal(request))
    except segmind.UnreadableFileError as error:
        unreadable = files[error.number]
        neighbours = [file for file in files if file is not unreadable]
        _record_failure(request, error, [unreadable], neighbours, plan=plan)
    except segmind.SegmindError as error:
        _record_failure(request, error, files, [], plan=plan)
    except LeaseLostError:
        logger.warning("Request %s was taken over while its body went out", request.pk)
    else:
        _record_urls(request, files, urls, plan=plan)


def pause(now: datetime) -> Pause | None:
    """Why nothing may be sent at `now`, from the ledger; None where a request may go out."""
    latest = list(UploadRequest.objects.finished().order_by("-finished_at")[:20])
    if latest and (held := _pause_after(latest)) and held.until and held.until > now:
        return held
    window = timedelta(seconds=settings.SEGMIND_RATE_WINDOW_SECONDS) + pacing.CLOCK_MARGIN
    ends = list(UploadRequest.objects.in_window(now, window).values_list("finished_at", flat=True))
    finished = [end for end in ends if end is not None]
    opens_at = pacing.window_opens_at(
        finished,
        still_open=len(ends) - len(finished),
        limit=settings.SEGMIND_REQUESTS_PER_MINUTE,
        window=window,
        now=now,
    )
    return None if opens_at is not None and opens_at <= now else Pause(opens_at)


def _pause_after(latest: Sequence[UploadRequest]) -> Pause | None:
    """What the last exchanges (latest first) ask for before the next one."""
    last = latest[0]
    ended = last.finished_at or last.started_at
    alike = len(list(takewhile(lambda request: request.outcome == last.outcome, latest)))
    outcome = Outcome(last.outcome)
    if outcome == Outcome.RATE_LIMITED:
        wait = timedelta(seconds=settings.SEGMIND_RATE_WINDOW_SECONDS) + pacing.CLOCK_MARGIN
        until = last.retry_at + pacing.CLOCK_MARGIN if last.retry_at else ended + wait
        # A clock that is far off, theirs or ours, must not stop the queue for hours.
        return Pause(min(until, ended + pacing.LONGEST_PAUSE), outcome, last.message)
    if outcome == Outcome.ACCOUNT_REFUSED and last.key_fingerprint == segmind.key_fingerprint():
        first = timedelta(seconds=settings.SEGMIND_ACCOUNT_RECHECK_SECONDS)
        return Pause(ended + pacing.back_off(alike, first=first, seed=last.pk), outcome, last.message)
    if outcome in (Outcome.UNAVAILABLE, Outcome.UNKNOWN):
        return Pause(ended + _back_off(alike, last), outcome, last.message)
    return None


def _claim(now: datetime) -> UploadRequest | None:
    due = list(StoredFile.objects.due(now).oldest_first()[:CANDIDATES])
    packed = pacing.pack(
        [_file_to_send(file) for file in _unsuspicious(due)],
        most_bytes=_most_bytes(),
        most_files=settings.SEGMIND_MAX_REQUEST_FILES,
    )
    if not packed:
        return None
    request = UploadRequest.objects.create(
        started_at=now,
        lease_expires_at=now + _lease(),
        worker=worker_name(),
        file_count=len(packed),
        body_bytes=segmind.body_size(packed),
        key_fingerprint=segmind.key_fingerprint(),
    )
    chosen = [file.stored_file_id for file in packed]
    claimed = StoredFile.objects.filter(pk__in=chosen).hold(request)
    if claimed != len(chosen):
        raise DatabaseError(f"{len(chosen) - claimed} files left the queue while it was locked.")
    request.files.set(chosen)
    return request


def _unsuspicious(due: list[StoredFile]) -> list[StoredFile]:
    """The files that may travel together.

    One bad file makes Segmind refuse its whole request, without saying which. So the files of a refused request
    are sent on in halves, apart from all others, until the bad one stands alone and fails; then the rest are
    cleared of suspicion, and travel as they did.
    """
    groups: dict[UploadRequest, list[StoredFile]] = {}
    for file, request in _suspicions(due).items():
        groups.setdefault(request, []).append(file)
    if not groups:
        return due
    suspects = {file for group in groups.values() for file in group}
    if due[0] not in suspects:
        return [file for file in due if file not in suspects]
    closest = min(groups, key=lambda request: request.file_count)
    return pacing.half(groups[closest])


def _suspicions(due: Sequence[StoredFile]) -> dict[StoredFile, UploadRequest]:
    """The refused request that each file was last part of, where its bad file has not been found since."""
    last: dict[object, UploadRequest] = {}
    tried = [file.pk for file in due if file.attempts]
    parts = StoredFile.requests.through.objects.filter(storedfile__in=tried)
    for part in parts.select_related("uploadrequest").order_by("uploadrequest__started_at"):
        last[part.storedfile_id] = part.uploadrequest
    refused = {
        request
        for request in last.values()
        if request.outcome == Outcome.REJECTED
        and request.file_count > 1
        and not request.files.failed().exists()
    }
    return {file: last[file.pk] for file in due if last.get(file.pk) in refused}


def _most_bytes() -> int:
    """How large a body may be: the setting, or less where the server has refused a smaller one.

    Each refusal halves it, each later success raises it again by a quarter.
    """
    refused = UploadRequest.objects.filter(outcome=Outcome.TOO_LARGE, file_count__gt=1).latest_first().first()
    if refused is None:
        return settings.SEGMIND_MAX_REQUEST_BYTES
    successes = UploadRequest.objects.filter(
        outcome=Outcome.STORED, started_at__gt=refused.started_at
    ).count()
    learned = refused.body_bytes / 2 * 1.25 ** min(successes, 40)
    return min(int(learned), settings.SEGMIND_MAX_REQUEST_BYTES)


def _record_urls(
    request: UploadRequest, files: Sequence[StoredFile], urls: Sequence[str], *, plan: Plan
) -> None:
    with transaction.atomic():
        _lock_queue()
        now = timezone.now()
        if not request.finish(now, Outcome.STORED, status=200):
            # The lease ran out before the answer came. The URLs are good all the same, for the files that
            # nobody has begun to send again.
            UploadRequest.objects.filter(pk=request.pk).update(outcome=Outcome.STORED, status=200, message="")
        for file, url in zip(files, urls, strict=True):
            rows = StoredFile.objects.filter(pk=file.pk)
            if not rows.held_by(request).mark_stored(url, now):
                rows.waiting().mark_stored(url, now)
        _plan_next(now, plan)
    logger.info("Stored %d files with request %s", len(files), request.pk)
    for file in request.files.all():
        originals.drop_if_done(file)


def _record_failure(
    request: UploadRequest,
    error: segmind.SegmindError,
    at_fault: Sequence[StoredFile],
    others: Sequence[StoredFile],
    *,
    plan: Plan,
) -> None:
    """Close the exchange; decide for each file whether it waits again or has failed."""
    outcome = _OUTCOMES[type(error)]
    logger.warning("Request %s with %d files: %s: %s", request.pk, request.file_count, outcome, error.message)
    with transaction.atomic():
        _lock_queue()
        now = timezone.now()
        retry_at = getattr(error, "retry_at", None)
        if not request.finish(now, outcome, status=error.status, message=error.message, retry_at=retry_at):
            return  # the lease had run out; whoever released the files has recorded that
        held = StoredFile.objects.held_by(request)
        held.filter(pk__in=[file.pk for file in others]).requeue(now)
        for file in at_fault:
            row = held.filter(pk=file.pk)
            if reason := _final_reason(request, error, file, now):
                row.fail(reason)
            else:
                row.requeue(_next_attempt(request, error, file, now), error.message)
        _plan_next(now, plan)


def _final_reason(
    request: UploadRequest, error: segmind.SegmindError, file: StoredFile, now: datetime
) -> str:
    """Why a file is not tried again, for the person; empty where it is."""
    if isinstance(error, segmind.UnreadableFileError):
        return f"{error.message} Upload the file again."
    if isinstance(error, segmind.RejectedError) and request.file_count == 1:
        return f"Segmind refused the file: {error.message}"
    if isinstance(error, segmind.TooLargeError) and request.file_count == 1:
        return "The file is too large for Segmind Storage. Upload a smaller version of it."
    unclear = isinstance(error, segmind.UnexpectedAnswerError)
    if unclear or isinstance(error, segmind.UnavailableError | segmind.LostAnswerError):
        if pacing.gives_up(attempts=file.attempts, waited=now - file.queued_at, unclear=unclear):
            return f"Given up after {file.attempts} attempts. The last one: {error.message}"
    return ""


def _next_attempt(
    request: UploadRequest, error: segmind.SegmindError, file: StoredFile, now: datetime
) -> datetime:
    """When a file that goes back to the queue may be sent again, as far as this file is concerned."""
    if isinstance(error, segmind.UnavailableError | segmind.LostAnswerError | segmind.UnexpectedAnswerError):
        return now + _back_off(file.attempts, request)
    return now


_OUTCOMES: dict[type[segmind.SegmindError], Outcome] = {
    segmind.RejectedError: Outcome.REJECTED,
    segmind.TooLargeError: Outcome.TOO_LARGE,
    segmind.AccountError: Outcome.ACCOUNT_REFUSED,
    segmind.RateLimitError: Outcome.RATE_LIMITED,
    segmind.UnavailableError: Outcome.UNAVAILABLE,
    segmind.LostAnswerError: Outcome.UNKNOWN,
    segmind.UnexpectedAnswerError: Outcome.UNKNOWN,
    segmind.UnreadableFileError: Outcome.REJECTED,
}


def _release_expired(now: datetime) -> None:
    """Give the files of workers that are gone back to the queue."""
    for request in UploadRequest.objects.expired(now):
        if request.finish(now, Outcome.UNKNOWN, message="The worker stopped before the answer came."):
            StoredFile.objects.held_by(request).requeue(now, LOST_LEASE)
            logger.warning("Request %s was left open by worker %s", request.pk, request.worker)


def _plan_next(now: datetime, plan: Plan) -> None:
    """Plan the next look at the queue: when the next file may go, or when an open lease runs out."""
    moments = list(UploadRequest.objects.open().order_by("lease_expires_at").values_list("lease_expires_at", flat=True)[:1])
    first = StoredFile.objects.waiting().order_by("next_attempt_at").first()
    if first is not None:
        held = pause(now)
        if held is None:
            moments.append(max(now, first.next_attempt_at))
        elif held.until is not None:
            moments.append(max(held.until, first.next_attempt_at))
    if moments:
        plan(min(moments))


def _lock_queue() -> None:
    """One decision at a time, until the end of the transaction.

    On SQLite the transaction itself is that lock (`transaction_mode: IMMEDIATE`).
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])


def _lease() -> timedelta:
    return timedelta(seconds=settings.SEGMIND_READ_TIMEOUT) + LEASE_MARGIN


def _back_off(failures: int, request: UploadRequest) -> timedelta:
    first = timedelta(seconds=settings.SEGMIND_RETRY_SECONDS)
    return pacing.back_off(failures, first=first, seed=request.pk)


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


@dataclass(frozen=True)
class _StoredFileToSend(segmind.FileToSend):
    stored_file_id: object = None


def _file_to_send(file: StoredFile) -> _StoredFileToSend:
    def opened() -> BinaryIO:
        original = file.original
        if not original or original.size != file.size:
            raise FileNotFoundError(f"The original of {file.pk} is not what was received.")
        return original.storage.open(original.name)

    return _StoredFileToSend(file.media_type, file.size, opened, file.pk)


@cache
def worker_name() -> str:
    """This process, as the ledger and the heartbeats name it.

    The random part tells a restarted container from its predecessor with the same name and process id.
    """
    return f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(3)}"
