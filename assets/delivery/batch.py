"""Selects the files of the next request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings

from assets import originals
from assets.delivery import policy
from assets.delivery.bisection import select_sendable
from assets.delivery.rate_limit import get_max_body_bytes
from assets.models import StoredFile
from assets.segmind.body import FileToSend

# How many due files are read to fill one request.
MAX_CANDIDATES = 500


@dataclass(frozen=True, kw_only=True)
class QueuedFile(FileToSend):
    row: StoredFile


@dataclass(frozen=True)
class Batch:
    """Files for one request. `lingers_until` is set while more files of the same burst may arrive."""

    files: Sequence[QueuedFile]
    lingers_until: datetime | None


def select_batch(now: datetime) -> Batch | None:
    """Pack due files, oldest first. None if there are none."""
    due = list(StoredFile.objects.due(now).oldest_first()[:MAX_CANDIDATES])
    candidates = [_to_queued_file(row) for row in select_sendable(due)]
    max_files = settings.SEGMIND_MAX_REQUEST_FILES
    files = policy.pack(candidates, max_bytes=get_max_body_bytes(), max_files=max_files)
    if not files:
        return None
    is_full = len(files) < len(candidates) or len(files) == max_files
    return Batch(files, None if is_full else _lingers_until(files, now))


def _lingers_until(files: Sequence[QueuedFile], now: datetime) -> datetime | None:
    linger = timedelta(seconds=settings.SEGMIND_LINGER_SECONDS)
    return policy.lingers_until([file.row.queued_at for file in files], linger=linger, now=now)


def _to_queued_file(row: StoredFile) -> QueuedFile:
    return QueuedFile(row.media_type, row.size, partial(originals.open_original, row), row.sha256, row=row)
