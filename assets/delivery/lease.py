"""Holds the files of an open request for one worker, for a short time that is renewed while they are being sent.

A worker that dies loses its lease, and its files go back to the queue.
"""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from assets.delivery.batch import QueuedFile
from assets.models import Outcome, StoredFile, UploadRequest
from assets.models.queue import worker_name
from assets.segmind.body import body_size
from assets.segmind.client import key_fingerprint
from assets.segmind.responses import UnavailableError

logger = logging.getLogger(__name__)

LEASE_MARGIN = timedelta(seconds=10)
RENEW_AFTER = 3  # seconds
# Set when this process is about to end.
stopping = threading.Event()
STOPPED = "The worker was stopped while it was sending. The files will be sent again."


class LeaseLostError(Exception):
    """The request was taken from this worker. Another one may be sending its files."""


@dataclass(frozen=True)
class Exchange:
    """A request to be sent, and the files it holds."""

    request: UploadRequest
    files: Sequence[QueuedFile]


def claim(files: Sequence[QueuedFile], now: datetime) -> Exchange:
    """Take queued files for a new request. To be called with the queue locked."""
    request = UploadRequest.objects.create(
        started_at=now,
        lease_expires_at=now + lease_time(),
        worker=worker_name(),
        file_count=len(files),
        body_bytes=body_size(files),
        key_fingerprint=key_fingerprint(),
    )
    pks = [file.row.pk for file in files]
    claimed = StoredFile.objects.filter(pk__in=pks).claim(request)
    if claimed != len(pks):
        raise DatabaseError(f"{len(pks) - claimed} files left the queue while it was locked.")
    for file in files:
        file.row.attempts += 1  # as in the database
    request.record_files()
    return Exchange(request, files)


class LeaseRenewal:
    """Renews the lease every few seconds. Called while the body is being sent.

    A worker that is being stopped breaks off before the body is complete, so that Segmind stores nothing.
    """

    def __init__(self, request: UploadRequest) -> None:
        self._request = request
        self._renewed_at = time.monotonic()

    def __call__(self) -> None:
        if stopping.is_set():
            raise UnavailableError(STOPPED)
        if time.monotonic() - self._renewed_at < RENEW_AFTER:
            return
        try:
            is_held = self._request.renew(timezone.now(), lease_time())
        except (DatabaseError, InterfaceError):
            connection.close()
            logger.warning("The lease of request %s could not be renewed", self._request.pk)
            return  # it is renewed early, so a later call can try again
        self._renewed_at = time.monotonic()
        if not is_held:
            raise LeaseLostError


def release_abandoned(now: datetime) -> None:
    """Return the files of workers that have died to the queue. To be called by a worker that sends nothing itself."""
    for request in UploadRequest.objects.abandoned(now, by=worker_name()):
        if request.finish(now, Outcome.UNKNOWN, message="The worker stopped before Segmind answered."):
            held = StoredFile.objects.held_by(request)
            held.requeue(now, "The worker stopped while sending this file. It will be sent again.")
            logger.warning("Worker %s left request %s open", request.worker, request.pk)


def lease_time() -> timedelta:
    return timedelta(seconds=settings.SEGMIND_READ_TIMEOUT) + LEASE_MARGIN
