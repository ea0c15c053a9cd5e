"""What is left when the troubles are over: everything that was promised, and nothing else."""

import hashlib
import re
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from tests.chaos.segmind import Exchange
from tests.chaos.site import Process
from tests.support.segmind_server import SegmindServer

QUIET_AFTER = 240  # seconds at most
# An answer is lost with a worker that is killed while it waits for the database to record it, so long at most.
LOST_WITH_WORKER = 8


@dataclass
class Verdict:
    """Each of these has to be 0."""

    lost: int
    wrong_urls: int
    wrong_bytes_verified: int
    stuck: int
    sent_twice: int
    tracebacks: int
    violations: int

    @property
    def is_good(self) -> bool:
        return not any(getattr(self, field.name) for field in fields(self))


def wait_for_quiet() -> float:
    """Wait until nothing is left to do. Returns how many seconds it took."""
    from django.db import connection

    connection.close()  # it may be one of those that were cut
    started = time.monotonic()
    while _count_stuck() and time.monotonic() - started < QUIET_AFTER:
        time.sleep(0.5)
    return time.monotonic() - started


def judge(
    promised: set[str],
    segmind: SegmindServer,
    exchanges: Sequence[Exchange],
    kills: Sequence[float],
    processes: Iterable[Process],
) -> Verdict:
    from assets.models import Asset, LinkStatus, StoredFile

    kept = set(Asset.objects.values_list("stored_file__sha256", flat=True))
    wrong = [file for file in StoredFile.objects.exclude(url="") if _served(segmind, file.url) != file.sha256]
    return Verdict(
        lost=len(promised - kept),
        wrong_urls=len(wrong),
        wrong_bytes_verified=sum(file.link_status == LinkStatus.VERIFIED for file in wrong),
        stuck=_count_stuck(),
        sent_twice=_count_sent_twice(exchanges, kills),
        tracebacks=sum(process.log.read_text(errors="replace").count("Traceback (most") for process in processes),
        violations=len(segmind.violations),
    )


def _served(segmind: SegmindServer, url: str) -> str:
    _, content = segmind.stored.get(re.sub(r"^https?://[^/]+", "", url), ("", b""))
    return hashlib.sha256(content).hexdigest()


def _count_stuck() -> int:
    """Files that are not stored, verified and shown by now."""
    from assets.models import LinkStatus, State, StoredFile

    done = StoredFile.objects.filter(state=State.STORED, link_status=LinkStatus.VERIFIED)
    without_preview = done.previewable().without_preview()
    return StoredFile.objects.count() - done.count() + without_preview.count()


def _count_sent_twice(exchanges: Sequence[Exchange], kills: Sequence[float]) -> int:
    """Files that were stored once more although their answer had reached a worker."""
    answered = [
        exchange
        for exchange in exchanges
        if exchange.is_answered
        and not any(exchange.started - 1 < kill < exchange.ended + LOST_WITH_WORKER for kill in kills)
    ]
    times = Counter(digest for exchange in answered for digest in exchange.hashes)
    return sum(count - 1 for count in times.values())
