"""What the ledger of requests says of the next one: when it may go out, and how large it may be.

Nothing of this is kept anywhere else, so any number of workers come to the same answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from django.conf import settings

from assets.delivery import policy
from assets.delivery.bisection import TROUBLES
from assets.models import Outcome, UploadRequest
from assets.segmind.client import key_fingerprint

# So many of the last requests are looked at to see how long a trouble has lasted.
LATEST = 20


@dataclass(frozen=True)
class Pause:
    """Why nothing is sent before `until`; `until` is None while all of the rate is taken by open requests."""

    until: datetime | None
    outcome: Outcome | None = None
    reason: str = ""


def pause(now: datetime) -> Pause | None:
    """Why nothing may be sent at `now`, from the ledger; None where a request may go out."""
    latest = list(UploadRequest.objects.finished().order_by("-finished_at")[:LATEST])
    # What was on its way when another was refused for the rate may be answered after that, and takes nothing back.
    limits = [_after_limit(latest[place:]) for place, one in enumerate(latest) if one.outcome == Outcome.RATE_LIMITED]
    if held := [limit for limit in limits if limit.until and limit.until > now]:
        return max(held, key=lambda limit: limit.until or now)
    trouble = _pause_after(latest) if latest else None
    if trouble is not None and trouble.until is not None:
        if trouble.until > now:
            return trouble
        if UploadRequest.objects.open().exists():
            # One request tries whether the trouble is over; the others wait for its answer.
            return Pause(None, trouble.outcome, trouble.reason)
    window = timedelta(seconds=settings.SEGMIND_RATE_WINDOW_SECONDS) + policy.CLOCK_MARGIN
    ends = list(UploadRequest.objects.in_window(now, window).values_list("finished_at", flat=True))
    finished = [end for end in ends if end is not None]
    opens_at = policy.window_opens_at(
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
    if last.retry_at and last.outcome != Outcome.RATE_LIMITED:
        return Pause(last.retry_at, Outcome(last.outcome), last.message)  # an administrator has ended the pause
    ended = last.finished_at or last.started_at
    alike = _alike(latest)
    outcome = Outcome(last.outcome)
    if outcome == Outcome.RATE_LIMITED:
        return _after_limit(latest)
    if outcome == Outcome.ACCOUNT_REFUSED and last.key_fingerprint == key_fingerprint():
        first = timedelta(seconds=settings.SEGMIND_ACCOUNT_RECHECK_SECONDS)
        return Pause(ended + policy.back_off(alike, first=first, seed=last.pk), outcome, last.message)
    if outcome in TROUBLES:
        return Pause(ended + back_off(alike, last), outcome, last.message)
    return None


def _after_limit(latest: Sequence[UploadRequest]) -> Pause:
    """What the server's word asks for, where the last exchange was refused for the rate."""
    last = latest[0]
    ended = last.finished_at or last.started_at
    wait = timedelta(seconds=settings.SEGMIND_RATE_WINDOW_SECONDS) + policy.CLOCK_MARGIN
    until = last.retry_at + policy.CLOCK_MARGIN if last.retry_at else ended + wait
    # A clock that is off, theirs or ours, must neither stop the queue for hours nor have it come back at once.
    least = ended + max(back_off(_alike(latest), last), policy.CLOCK_MARGIN)
    return Pause(min(max(until, least), ended + policy.LONGEST_PAUSE), Outcome.RATE_LIMITED, last.message)


def _alike(latest: Sequence[UploadRequest]) -> int:
    """How many of the last exchanges, one after the other, have ended in the same way."""
    return len(list(takewhile(lambda request: request.outcome == latest[0].outcome, latest)))


def most_bytes() -> int:
    """How large a body may be: the setting, or less where the server has refused a smaller one.

    Each refusal halves it, each later success raises it again by a twentieth.
    """
    refused = UploadRequest.objects.filter(outcome=Outcome.TOO_LARGE, file_count__gt=1).latest_first().first()
    if refused is None:
        return settings.SEGMIND_MAX_REQUEST_BYTES
    successes = UploadRequest.objects.filter(outcome=Outcome.STORED, started_at__gt=refused.started_at).count()
    learned = refused.body_bytes / 2 * 1.05 ** min(successes, 200)
    return min(int(learned), settings.SEGMIND_MAX_REQUEST_BYTES)


def back_off(failures: int, request: UploadRequest) -> timedelta:
    first = timedelta(seconds=settings.SEGMIND_RETRY_SECONDS)
    return policy.back_off(failures, first=first, seed=request.pk)
