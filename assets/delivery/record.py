"""Records the outcome of a request: the URLs of its files, or for each file whether and when it is sent again.

To be called with the queue locked.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from assets import originals
from assets.audit.log import record_changes
from assets.delivery import policy, rate_limit
from assets.delivery.lease import Exchange
from assets.delivery.verify import plan_verification
from assets.models import Outcome, StoredFile, UploadRequest
from assets.models.stored_file_queries import StoredFileQuerySet
from assets.segmind.responses import (
    AccountError,
    DamagedFileError,
    LostResponseError,
    RateLimitError,
    RejectedError,
    SegmindError,
    TooLargeError,
    UnavailableError,
    UnexpectedResponseError,
)

logger = logging.getLogger(__name__)

OUTCOMES: dict[type[SegmindError], Outcome] = {
    RejectedError: Outcome.REJECTED,
    DamagedFileError: Outcome.REJECTED,
    TooLargeError: Outcome.TOO_LARGE,
    AccountError: Outcome.ACCOUNT_REFUSED,
    RateLimitError: Outcome.RATE_LIMITED,
    LostResponseError: Outcome.UNKNOWN,
    UnavailableError: Outcome.UNAVAILABLE,
}


def record_urls(exchange: Exchange, urls: Sequence[str], now: datetime) -> None:
    request = exchange.request
    if UploadRequest.objects.filter(pk=request.pk, outcome=Outcome.STORED).exists():
        return  # recorded, and the connection broke before we knew
    by_id = {file.row.pk: url for file, url in zip(exchange.files, urls, strict=True)}
    _mark_stored(StoredFile.objects.held_by(request), by_id, now)
    if not request.finish(now, Outcome.STORED, status=200):
        _record_late_urls(request, by_id, now)
    plan_verification(request, now)
    logger.info("Stored %d files with request %s", len(urls), request.pk)


def _record_late_urls(request: UploadRequest, urls: Mapping[UUID, str], now: datetime) -> None:
    """The lease ran out before the response came. Files that are not being sent again take their URLs all the same.

    But all or none: the response may be in another order, and the URL of one file be that of another.
    """
    waiting = StoredFile.objects.waiting().filter(pk__in=urls)
    if waiting.count() == len(urls):
        _mark_stored(waiting, urls, now)
        UploadRequest.objects.filter(pk=request.pk).update(outcome=Outcome.STORED, status=200, message="")


def _mark_stored(files: StoredFileQuerySet, urls: Mapping[UUID, str], now: datetime) -> int:
    """Give files their URLs, and record in the audit log those that replace another URL."""
    replaced = list(files.filter(pk__in=urls).exclude(url="").only("sha256", "media_type", "url"))
    count = files.mark_stored(urls, now)
    record_changes(((file, {"url": (file.url, urls[file.pk])}) for file in replaced), actor="delivery")
    return count


def record_failure(exchange: Exchange, error: SegmindError, now: datetime) -> None:
    request, outcome = exchange.request, _outcome_of(error)
    logger.warning("Request %s with %d files: %s: %s", request.pk, request.file_count, outcome, error.message)
    retry_at = error.retry_at if isinstance(error, RateLimitError) else None
    if not request.finish(now, outcome, status=error.status, message=error.message, retry_at=retry_at):
        # The lease ran out, and somebody else has the files. What Segmind said about limits counts all the same.
        late = UploadRequest.objects.filter(pk=request.pk, outcome=Outcome.UNKNOWN)
        late.update(outcome=outcome, status=error.status, message=error.message, retry_at=retry_at)
        return
    held = StoredFile.objects.held_by(request)
    failed = [file.row for file in exchange.files]
    if isinstance(error, DamagedFileError):
        failed = [failed[number] for number in error.numbers]
        held.exclude(pk__in=[file.pk for file in failed]).requeue(now)
    for file in failed:
        row = held.filter(pk=file.pk)
        if reason := _final_reason(request, error, file, now):
            row.fail(reason)
        else:
            row.requeue(_next_attempt_at(request, error, file, now), error.message)
    if isinstance(error, DamagedFileError):
        damaged = StoredFile.objects.filter(pk__in=[file.pk for file in failed])
        # The original of a file that keeps an earlier URL may be restored from that.
        damaged.ask_for_link_check()
        transaction.on_commit(partial(_send_mended, damaged))


def _send_mended(files: StoredFileQuerySet) -> None:
    """Queue those whose originals were replaced while this request was recorded: until now, nobody could do it."""
    mended = StoredFile.objects.filter(pk__in=[file.pk for file in files if originals.is_intact(file)])
    if mended.exists():
        mended.retry(timezone.now())
        mended.reupload(timezone.now())


def _outcome_of(error: SegmindError) -> Outcome:
    if isinstance(error, UnexpectedResponseError):
        return Outcome.UNKNOWN if error.may_have_stored else Outcome.UNAVAILABLE
    return OUTCOMES[type(error)]


def _final_reason(request: UploadRequest, error: SegmindError, file: StoredFile, now: datetime) -> str:
    """Why a file is not sent again, for the person; empty if it is."""
    if isinstance(error, DamagedFileError):
        return originals.DAMAGED
    if isinstance(error, RejectedError) and request.file_count == 1:
        return f"Segmind refused the file: {error.message}"
    if isinstance(error, TooLargeError) and request.file_count == 1:
        return "The file is too large for Segmind Storage. Upload a smaller version."
    if _is_transient(error) and not policy.may_retry(
        attempts=file.attempts,
        waited=now - file.queued_at,
        may_be_stored=isinstance(error, UnexpectedResponseError) and error.may_have_stored,
    ):
        return f"Failed after {file.attempts} attempts: {error.message}"
    return ""


def _next_attempt_at(request: UploadRequest, error: SegmindError, file: StoredFile, now: datetime) -> datetime:
    return now + rate_limit.back_off(file.attempts, request) if _is_transient(error) else now


def _is_transient(error: SegmindError) -> bool:
    """Whether the same request may succeed later."""
    return isinstance(error, UnavailableError | LostResponseError | UnexpectedResponseError)
