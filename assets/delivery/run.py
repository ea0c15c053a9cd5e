"""Sends due files to Segmind, one request at a time, and records the outcome.

The path of a request: `claim_next` (files from `batch`, held by `lease`), `send` (with `segmind.client`), `record`, and
then `verify`. Every decision is made under one lock from the requests so far, so any number of workers on any number
of machines share one rate limit and never send the same content twice.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from django_tasks import task

from assets.delivery import policy
from assets.delivery.batch import select_batch
from assets.delivery.lease import Exchange, LeaseLostError, LeaseRenewal, claim, lease_time, release_abandoned
from assets.delivery.rate_limit import get_pause, get_rate
from assets.delivery.record import record_failure, record_urls
from assets.models import DeliveryRun, StoredFile, UploadRequest
from assets.models.queue import lock_queue
from assets.segmind.client import upload
from assets.segmind.responses import LostResponseError, SegmindError

logger = logging.getLogger(__name__)

DATABASE_PAUSE = 0.5  # seconds
# A lease that has run out, of a worker that lives, is looked at again after this.
LATE_LEASE = timedelta(seconds=10)
ResultT = TypeVar("ResultT")


@task(queue_name="uploads")
def deliver() -> None:
    """Send one request with the files that are due, and plan the next run."""
    if (exchange := claim_next()) is not None:
        send(exchange)


@transaction.atomic
def claim_next() -> Exchange | None:
    """Claim due files for a new request if one may be sent now, and plan the next run."""
    lock_queue()
    now = timezone.now()
    DeliveryRun.objects.filter(at__lte=now).delete()
    release_abandoned(now)
    batch = None if get_pause(now) else select_batch(now)
    lingers_until = batch.lingers_until if batch else None
    exchange = claim(batch.files, now) if batch and lingers_until is None else None
    _plan_next(now, not_before=lingers_until or now)
    return exchange


def send(exchange: Exchange) -> None:
    """Send a claimed request and record its outcome."""
    try:
        urls = _upload(exchange)
    except LeaseLostError:
        logger.warning("Request %s was taken over before it was sent", exchange.request.pk)
    except SegmindError as error:
        failure = error
        _patiently(lambda: _finish(lambda now: record_failure(exchange, failure, now)))
    except Exception:
        failure = LostResponseError("An error on this server interrupted the request.")
        _patiently(lambda: _finish(lambda now: record_failure(exchange, failure, now)))
        raise
    else:
        _patiently(lambda: _finish(lambda now: record_urls(exchange, urls, now)))


def _upload(exchange: Exchange) -> list[str]:
    if not _patiently(exchange.request.is_open):
        raise LeaseLostError
    return upload(exchange.files, on_progress=LeaseRenewal(exchange.request))


@transaction.atomic
def _finish(record: Callable[[datetime], None]) -> None:
    lock_queue()
    now = timezone.now()
    record(now)
    _plan_next(now)


def _patiently(ask: Callable[[], ResultT]) -> ResultT:
    """Try again while the database is locked or away: what came of a request is recorded nowhere else yet.

    Nobody takes the files meanwhile, since this worker lives. It ends with the process.
    """
    while True:
        try:
            return ask()
        except (OperationalError, InterfaceError) as error:
            logger.warning("A request is waiting for the database: %s", error)
            connection.close()
            time.sleep(DATABASE_PAUSE)


def _plan_next(now: datetime, *, not_before: datetime | None = None) -> None:
    """Plan a run for when the next file may be sent, or an open lease runs out."""
    leases = UploadRequest.objects.open().order_by("lease_expires_at")
    times = [max(at, now + LATE_LEASE) for at in leases.values_list("lease_expires_at", flat=True)[:1]]
    waiting = StoredFile.objects.waiting().order_by("next_attempt_at")
    for next_attempt_at in waiting.values_list("next_attempt_at", flat=True)[:1]:
        pause = get_pause(now)
        if pause is None:
            times.append(max(not_before or now, next_attempt_at))
        elif pause.until is not None:
            times.append(max(pause.until, next_attempt_at))
    if times:
        plan_delivery(min(times))


def longest_wait() -> timedelta:
    """No run is planned later than this from now."""
    return max(policy.LONGEST_PAUSE, get_rate().window, lease_time())


@transaction.atomic(savepoint=False)
def plan_delivery(at: datetime) -> None:
    """Make sure that a run takes place at `at` or earlier.

    Call it in the transaction that writes the rows for the run, so that both are committed or neither.
    """
    planned = DeliveryRun.objects.planned(timezone.now(), at)
    # Locked, so that the planned run cannot begin before this transaction is visible.
    if planned.select_for_update().exists():
        return
    DeliveryRun.objects.create(at=at)
    deliver.using(run_after=at).enqueue()
