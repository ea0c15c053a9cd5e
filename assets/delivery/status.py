"""What the queue is doing, in numbers: for the activity page, its JSON, the command and the administrators' notice."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, Sum

from assets.delivery import policy, rate_limit
from assets.delivery.run import plan_delivery
from assets.models import Outcome, State, StoredFile, UploadRequest, WorkerHeartbeat

# How long a request is taken to last where none has been made yet.
USUAL_REQUEST = timedelta(seconds=2)
# Files do not fill a request to its last byte.
PACKING_LOSS = 1.05

_REASONS = {
    Outcome.ACCOUNT_REFUSED: "Segmind refuses the account: {}",
    Outcome.RATE_LIMITED: "Segmind asks us to wait: {}",
    Outcome.UNAVAILABLE: "Segmind cannot be used just now: {}",
    Outcome.UNKNOWN: "Segmind’s last answer was lost or made no sense: {}",
}


@dataclass(frozen=True)
class Status:
    """`paused` is why nothing goes out although it could by the rate; `done_at` an estimate, None while paused
    without an end or with nothing to do."""

    queued: int
    sending: int
    failed: int
    requests_in_window: int
    requests_per_window: int
    next_request_at: datetime | None
    paused: str
    done_at: datetime | None

    def as_json(self) -> dict[str, Any]:
        return {
            "queued": self.queued,
            "sending": self.sending,
            "failed": self.failed,
            "requests_in_window": self.requests_in_window,
            "requests_per_window": self.requests_per_window,
            "next_request_at": self.next_request_at and self.next_request_at.isoformat(),
            "paused": {"reason": self.paused} if self.paused else None,
            "done_at": self.done_at and self.done_at.isoformat(),
        }


def get_status(now: datetime) -> Status:
    states = dict(StoredFile.objects.exclude(state=State.STORED).values_list("state").annotate(Count("pk")).order_by())
    held = rate_limit.get_pause(now)
    queued, sending = states.get(State.QUEUED, 0), states.get(State.SENDING, 0)
    first = StoredFile.objects.waiting().order_by("next_attempt_at").values_list("next_attempt_at", flat=True).first()
    next_request_at = None
    if first is not None and (held is None or held.until is not None):
        next_request_at = max(now, first, held.until if held and held.until else now)
    return Status(
        queued=queued,
        sending=sending,
        failed=states.get(State.FAILED, 0),
        requests_in_window=UploadRequest.objects.in_window(now, _window()).count(),
        requests_per_window=settings.SEGMIND_REQUESTS_PER_MINUTE,
        next_request_at=next_request_at,
        paused=why_paused(now) if queued else "",
        done_at=_done_at(now, next_request_at) if queued or sending else None,
    )


def why_paused(now: datetime) -> str:
    """In a sentence, why nothing goes out at `now`; empty where it does, or waits for the rate alone."""
    if StoredFile.objects.waiting().exists() and not WorkerHeartbeat.objects.alive(now).exists():
        return "No worker is running. Start one: python manage.py worker"
    held = rate_limit.get_pause(now)
    return _REASONS[held.outcome].format(held.reason) if held and held.outcome in _REASONS else ""


def try_now(now: datetime) -> None:
    """End the pause after a trouble: an administrator says that it is mended."""
    with transaction.atomic():
        last = UploadRequest.objects.finished().order_by("-finished_at").first()
        if last is not None:
            UploadRequest.objects.filter(pk=last.pk).update(retry_at=now)
        StoredFile.objects.waiting().filter(next_attempt_at__gt=now).update(next_attempt_at=now)
        plan_delivery(now)


def _done_at(now: datetime, next_request_at: datetime | None) -> datetime | None:
    """When the queue will be empty, if the next requests go as the last ones did."""
    requests = _requests_needed()
    if next_request_at is None:
        return now + _usual_duration() if not requests else None
    window = list(UploadRequest.objects.in_window(now, _window()).values_list("finished_at", flat=True))
    return policy.finishes_at(
        requests,
        ends=[end or now + _usual_duration() for end in window],
        limit=settings.SEGMIND_REQUESTS_PER_MINUTE,
        window=_window(),
        duration=_usual_duration(),
        now=next_request_at,
    )


def _requests_needed() -> int:
    """About how many requests the waiting files take: the large ones go alone."""
    room = rate_limit.get_max_body_bytes() * 3 // 4
    sums = StoredFile.objects.waiting().aggregate(
        large=Count("pk", filter=Q(size__gt=room)),
        small=Count("pk", filter=Q(size__lte=room)),
        small_bytes=Sum("size", filter=Q(size__lte=room), default=0),
    )
    by_size = math.ceil(sums["small_bytes"] * PACKING_LOSS / room)
    by_count = math.ceil(sums["small"] / settings.SEGMIND_MAX_REQUEST_FILES)
    return sums["large"] + max(by_size, by_count)


def _usual_duration() -> timedelta:
    latest = UploadRequest.objects.filter(outcome=Outcome.STORED).latest_first()[:10]
    spans = [row.finished_at - row.started_at for row in latest if row.finished_at]
    return sum(spans, timedelta()) / len(spans) if spans else USUAL_REQUEST


def _window() -> timedelta:
    return timedelta(seconds=settings.SEGMIND_RATE_WINDOW_SECONDS) + policy.CLOCK_MARGIN
