"""When the next request may be sent and how large it may be, from the requests so far.

Everything is derived from those, so all workers reach the same answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from django.conf import settings

from assets.delivery import policy
from assets.models import Outcome, UploadRequest
from assets.models.upload_requests import TRANSIENT
from assets.segmind.client import key_fingerprint

# How many of the latest requests are read to see how long a problem has lasted.
MAX_LATEST = 20


@dataclass(frozen=True)
class Pause:
    """Why nothing is sent before `until`, which is None while open requests use up the rate limit."""

    until: datetime | None
    outcome: Outcome | None = None
    reason: str = ""


def get_pause(now: datetime) -> Pause | None:
    """Why nothing may be sent at `now`, or None if a request may go out."""
    latest = list(UploadRequest.objects.finished().order_by("-finished_at")[:MAX_LATEST])
    if limit := _running_rate_limit(latest, now):
        return limit
    pause = _pause_after(latest) if latest else None
    if pause is not None and pause.until is not None:
        if pause.until > now:
            return pause
        if UploadRequest.objects.open().exists():
            # One request tests whether the problem is over; the others wait for its outcome.
            return Pause(None, pause.outcome, pause.reason)
    return _window_pause(now)


def get_rate() -> policy.Rate:
    window = timedelta(seconds=settings.SEGMIND_RATE_WINDOW_SECONDS) + policy.CLOCK_MARGIN
    return policy.Rate(settings.SEGMIND_REQUESTS_PER_MINUTE, window)


def _running_rate_limit(latest: Sequence[UploadRequest], now: datetime) -> Pause | None:
    """The longest pause that Segmind has asked for. A later success of an earlier request does not end it."""
    limits = [_rate_limit_pause(latest[i:]) for i, row in enumerate(latest) if row.outcome == Outcome.RATE_LIMITED]
    running = [limit for limit in limits if limit.until and limit.until > now]
    return max(running, key=lambda limit: limit.until or now, default=None)


def _pause_after(latest: Sequence[UploadRequest]) -> Pause | None:
    """The pause that the latest requests (latest first) call for."""
    last = latest[0]
    outcome = Outcome(last.outcome)
    if outcome == Outcome.RATE_LIMITED:
        return _rate_limit_pause(latest)
    if last.retry_at:  # an administrator has ended the pause
        return Pause(min(last.retry_at, _ended_at(last) + policy.LONGEST_PAUSE), outcome, last.message)
    count = _count_same_outcome(latest)
    if outcome == Outcome.ACCOUNT_REFUSED and last.key_fingerprint == key_fingerprint():
        first = timedelta(seconds=settings.SEGMIND_ACCOUNT_RECHECK_SECONDS)
        return Pause(_ended_at(last) + policy.back_off(count, first=first, seed=last.pk), outcome, last.message)
    if outcome in TRANSIENT:
        return Pause(_ended_at(last) + back_off(count, last), outcome, last.message)
    return None


def _rate_limit_pause(latest: Sequence[UploadRequest]) -> Pause:
    """The pause that Segmind asks for if the latest request was refused for the rate."""
    last = latest[0]
    ended = _ended_at(last)
    until = last.retry_at + policy.CLOCK_MARGIN if last.retry_at else ended + get_rate().window
    # A wrong clock, theirs or ours, must neither stop the queue for hours nor make it try again at once.
    earliest = ended + max(back_off(_count_same_outcome(latest), last), policy.CLOCK_MARGIN)
    return Pause(min(max(until, earliest), ended + policy.MAX_PAUSE), Outcome.RATE_LIMITED, last.message)


def _window_pause(now: datetime) -> Pause | None:
    """The pause until the rate window has room for another request."""
    rate = get_rate()
    ends = list(UploadRequest.objects.in_window(now, rate.window).values_list("finished_at", flat=True))
    finished = [end for end in ends if end is not None]
    opens_at = policy.window_opens_at(finished, still_open=len(ends) - len(finished), rate=rate, now=now)
    return None if opens_at is not None and opens_at <= now else Pause(opens_at)


def _ended_at(request: UploadRequest) -> datetime:
    return request.finished_at or request.started_at


def _count_same_outcome(latest: Sequence[UploadRequest]) -> int:
    """How many of the latest requests in a row had the same outcome."""
    return len(list(takewhile(lambda request: request.outcome == latest[0].outcome, latest)))


def get_max_body_bytes() -> int:
    """How large a body may be: the setting, or less if the server has refused a smaller one.

    Each refusal halves it, each later success raises it by a twentieth.
    """
    limit: int = settings.SEGMIND_MAX_REQUEST_BYTES
    refused = UploadRequest.objects.filter(outcome=Outcome.TOO_LARGE, file_count__gt=1).latest_first().first()
    if refused is None:
        return limit
    successes = UploadRequest.objects.filter(outcome=Outcome.STORED, started_at__gt=refused.started_at).count()
    return policy.recover_limit(refused.body_bytes, successes=successes, limit=limit)


def back_off(failures: int, request: UploadRequest) -> timedelta:
    first = timedelta(seconds=settings.SEGMIND_RETRY_SECONDS)
    return policy.back_off(failures, first=first, seed=request.pk)
