"""Reads the history of the key, every hour: windows of days that overlap, a page at a time.

Each page is recorded with the place where the reading goes on, so that a worker that is killed loses at most a page.
How far the history has been read is measured by Segmind's clock, which nobody here can set.
"""

import logging
import time
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from assets.delivery import lease
from assets.generations import keep
from assets.generations.record import record_rows
from assets.generations.rows import Page, Row, read_page
from assets.models import GenerationHistory, GenerationRun
from assets.models.generations import LIFETIME
from assets.segmind.client import key_fingerprint
from assets.segmind.history import Answer, fetch_page
from assets.segmind.responses import (
    AccountError,
    RateLimitError,
    SegmindError,
    TooLongError,
    UnexpectedResponseError,
)

logger = logging.getLogger(__name__)

MAX_RUN = 60  # seconds; then other tasks get their turn
# The first time, as far back as one window reaches.
FIRST_SPAN = timedelta(days=27)
# Every hour a day is read again, and once a day all that can still be kept: rows may come late.
OVERLAP, FAR_OVERLAP = timedelta(days=1), LIFETIME + timedelta(days=1)
READ_FAR_EVERY = timedelta(days=1)
WINDOW = timedelta(days=28)  # Segmind takes 31 at most
# A page without news may be one that was repeated by mistake; two are the end.
STALE_PAGES = 2
MAX_PAGES = 2000
# A clock of Segmind's that is further ahead of ours is not believed.
MAX_AHEAD = timedelta(days=400)
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60))
UNREADABLE = "Segmind’s answer has no list of requests. Its history may have changed; the library needs an update."


def plan(now: datetime) -> None:
    """Enqueue a reading if it is time for one."""
    _go_on_with_new_key()
    if GenerationHistory.objects.due(now).exists():
        with transaction.atomic():
            history = GenerationHistory.objects.claim(now)
            if history:
                read_history.enqueue(history.lease)


def _go_on_with_new_key() -> None:
    paused = GenerationHistory.objects.filter(is_on=True).exclude(paused_because="")
    paused.exclude(key_fingerprint=key_fingerprint()).update(paused_because="", problem="", failures=0)


# In another queue than what keeps outputs, which may take hours.
@task(queue_name="upkeep")
def read_history(claimed: str) -> None:
    history = GenerationHistory.objects.filter(is_on=True, lease=claimed).first()
    if history is not None:
        Reading(history, timezone.now()).run()


class Reading:
    """One that begins, or goes on where another one stopped."""

    def __init__(self, history: GenerationHistory, now: datetime) -> None:
        self._history = history
        self._now = now
        self._seen: set[tuple[str, tuple[str, ...]]] = set()
        self._stale = 0

    def run(self) -> None:
        until = time.monotonic() + MAX_RUN
        try:
            while self._read_page():
                if time.monotonic() > until or lease.stopping.is_set():
                    self._save(next_read_at=self._now, leased_until=self._now)
                    return
        except SegmindError as error:
            self._record_trouble(error)

    def _read_page(self) -> bool:
        """False at the end, or if another worker has taken over."""
        history = self._history
        if history.window_from is None:
            self._begin()
        first = history.window_from or self._now.date()
        last = first + WINDOW
        try:
            answer = fetch_page(first=first, last=last, page=history.page, per_page=history.per_page)
        except TooLongError:
            self._ask_for_less()
            return True
        page = read_page(answer.document, settings.SEGMIND_API_KEY)
        if page is None:
            raise UnexpectedResponseError(UNREADABLE)
        return self._record(page, answer, last)

    def _begin(self) -> None:
        history = self._history
        far_ago = self._now - READ_FAR_EVERY
        history.reads_far = not history.read_far_at or not far_ago < history.read_far_at <= self._now
        overlap = FAR_OVERLAP if history.reads_far else OVERLAP
        start = min(history.read_until, self._now) - overlap if history.read_until else self._now - FIRST_SPAN
        history.window_from, history.page, history.started_at, history.unread_now = start.date(), 1, None, 0

    def _ask_for_less(self) -> None:
        """The rows of a page are too large together. One alone that is too large is passed over."""
        history = self._history
        if history.per_page == 1:
            history.page += 1
            history.unread_now += 1
        else:
            history.per_page, history.page = max(1, history.per_page // 5), 1
            self._seen, self._stale = set(), 0
        self._save()

    def _record(self, page: Page, answer: Answer, last: date) -> bool:
        history = self._history
        at = min(answer.at or self._now, self._now + MAX_AHEAD)
        self._stale = 0 if self._has_news(page, answer) else self._stale + 1
        is_over = page.size == 0 or self._stale == STALE_PAGES or history.page >= MAX_PAGES
        is_last = is_over and last > max(at.date(), self._newest_day(page.rows))
        with transaction.atomic():
            if not history.is_held():
                return False
            record_rows(page.rows, max(at, self._now))
            history.unread_now += page.unread
            history.started_at = history.started_at or answer.at
            history.page += 1
            if is_over:
                self._stale, self._seen = 0, set()
                history.page, history.window_from = 1, last - timedelta(days=1)
            history.leased_until = timezone.now() + GenerationHistory.LEASE
            if is_last:
                self._finish()
            self._save()
        if is_last:
            keep.apply_rules(timezone.now())
        return not is_last

    def _has_news(self, page: Page, answer: Answer) -> bool:
        keys = {(row.request_id, row.outputs) for row in page.rows} or {(repr(answer.document)[:1000], ())}
        is_new = not keys <= self._seen
        self._seen |= keys
        return is_new

    def _newest_day(self, rows: tuple[Row, ...]) -> date:
        """Only as a protection from a clock of Segmind's that is behind its own rows: never far in the future."""
        days = [row.made_at.date() for row in rows if row.made_at]
        return min(max(days, default=date.min), self._now.date() + timedelta(days=1))

    def _finish(self) -> None:
        """All was read that was there when the reading began, by the clock that is behind: either may have been set."""
        history = self._history
        newest = GenerationRun.objects.values_list("made_at", flat=True).first()
        moments = [moment for moment in (history.started_at or newest, self._now) if moment]
        history.read_until = max(min(moments), history.read_until or min(moments))
        history.read_far_at = self._now if history.reads_far else history.read_far_at
        history.window_from, history.page, history.unread_rows = None, 1, history.unread_now
        history.last_read_at = self._now
        history.failures, history.problem, history.per_page = 0, "", 100
        history.next_read_at, history.leased_until = self._now + GenerationHistory.EVERY, self._now
        history.key_fingerprint = key_fingerprint()

    def _record_trouble(self, error: SegmindError) -> None:
        history = self._history
        logger.warning("The history was not read: %s", error.message)
        now = timezone.now()
        pause = PAUSES[min(history.failures, len(PAUSES) - 1)]
        next_read_at = now + pause
        if isinstance(error, RateLimitError) and error.retry_at:
            next_read_at = max(now, min(error.retry_at, now + GenerationHistory.LONGEST_PAUSE))
        history.paused_because = error.message if isinstance(error, AccountError) else ""
        history.failures += 1
        history.problem, history.key_fingerprint = error.message, key_fingerprint()
        self._save(next_read_at=next_read_at, leased_until=now)

    def _save(self, **changes: datetime) -> None:
        """All that a reading changes, if nobody else reads by now. What administrators choose is left as it is."""
        for name, value in changes.items():
            setattr(self._history, name, value)
        values = {name: getattr(self._history, name) for name in READING_FIELDS}
        GenerationHistory.objects.filter(pk=self._history.pk, lease=self._history.lease).update(**values)


READING_FIELDS = (
    "read_until", "read_far_at", "next_read_at", "leased_until", "started_at", "reads_far", "window_from", "page",
    "per_page", "unread_now", "last_read_at", "unread_rows", "failures", "problem", "paused_because", "key_fingerprint",
)  # fmt: skip
