"""The state of the upload queue, for the activity page, its JSON, the command and the administrators' notice."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, Sum

from assets.delivery import policy, rate_limit
from assets.delivery.run import plan_delivery
from assets.models import Outcome, State, StoredFile, UploadRequest, WorkerHeartbeat

# Until a request has been made.
DEFAULT_DURATION = timedelta(seconds=2)
# Files rarely fill a request to its last byte.
PACKING_LOSS = 1.05

_REASONS = {
    Outcome.ACCOUNT_REFUSED: "Segmind refused the account: {}",
    Outcome.RATE_LIMITED: "Segmind asked us to wait: {}",
    Outcome.UNAVAILABLE: "Segmind is unavailable: {}",
    Outcome.UNKNOWN: "Segmind’s last response was lost or invalid: {}",
}


@dataclass(frozen=True)
class Status:
    """`paused` is why nothing is sent although the rate limit allows it. `done_at` is an estimate, or None if the
    queue is empty or paused without a known end."""

    queued: int
    sending: int
    failed: int
    requests_in_window: int
    requests_per_window: int
    next_request_at: datetime | None
    paused: str
    done_at: datetime | None

    def as_json(self) -> dict[str, object]:
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
    queued, sending = states.get(State.QUEUED, 0), states.get(State.SENDING, 0)
    next_request_at, rate = _next_request_at(now), rate_limit.get_rate()
    return Status(
        queued=queued,
        sending=sending,
        failed=states.get(State.FAILED, 0),
        requests_in_window=UploadRequest.objects.in_window(now, rate.window).count(),
        requests_per_window=rate.limit,
        next_request_at=next_request_at,
        paused=get_pause_reason(now) if queued else "",
        done_at=_done_at(now, next_request_at) if queued or sending else None,
    )


def get_pause_reason(now: datetime) -> str:
    """Why nothing is sent at `now`, as a sentence; empty if the queue is running or only waits for the rate limit."""
    if StoredFile.objects.waiting().exists() and not WorkerHeartbeat.objects.alive(now).exists():
        return "No worker is running. Start one: python manage.py worker"
    pause = rate_limit.get_pause(now)
    return _REASONS[pause.outcome].format(pause.reason) if pause and pause.outcome in _REASONS else ""


@transaction.atomic
def end_pause(now: datetime) -> None:
    """Send the next request at once: somebody says that the problem is solved."""
    last = UploadRequest.objects.finished().order_by("-finished_at").first()
    if last is not None:
        UploadRequest.objects.filter(pk=last.pk).update(retry_at=now)
    StoredFile.objects.waiting().filter(next_attempt_at__gt=now).update(next_attempt_at=now)
    plan_delivery(now)


def _next_request_at(now: datetime) -> datetime | None:
    first = StoredFile.objects.waiting().order_by("next_attempt_at").values_list("next_attempt_at", flat=True).first()
    pause = rate_limit.get_pause(now)
    if first is None or (pause is not None and pause.until is None):
        return None
    return max(now, first, pause.until if pause and pause.until else now)


def _done_at(now: datetime, next_request_at: datetime | None) -> datetime | None:
    """When the queue will be empty, if the next requests take as long as the latest ones."""
    requests = _count_requests_needed()
    if next_request_at is None:
        return None if requests else now + _average_duration()
    rate = rate_limit.get_rate()
    window = UploadRequest.objects.in_window(now, rate.window).values_list("finished_at", flat=True)
    return policy.finishes_at(
        requests,
        ends=[end or now + _average_duration() for end in window],
        rate=rate,
        duration=_average_duration(),
        now=next_request_at,
    )


def _count_requests_needed() -> int:
    """An estimate for the waiting files. Large ones are sent alone."""
    room = rate_limit.get_max_body_bytes() * 3 // 4
    sums = StoredFile.objects.waiting().aggregate(
        large=Count("pk", filter=Q(size__gt=room)),
        small=Count("pk", filter=Q(size__lte=room)),
        small_bytes=Sum("size", filter=Q(size__lte=room), default=0),
    )
    by_size = math.ceil(sums["small_bytes"] * PACKING_LOSS / room)
    by_count = math.ceil(sums["small"] / settings.SEGMIND_MAX_REQUEST_FILES)
    return int(sums["large"] + max(by_size, by_count))


def _average_duration() -> timedelta:
    latest = UploadRequest.objects.filter(outcome=Outcome.STORED).latest_first()[:10]
    # Not negative, as it would be if the clock was set back meanwhile.
    spans = [max(row.finished_at - row.started_at, timedelta()) for row in latest if row.finished_at]
    return sum(spans, timedelta()) / len(spans) if spans else DEFAULT_DURATION
