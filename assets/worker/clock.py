"""Goes on after a clock was set back: a moment in the future that no rule could have written is treated as now."""

from datetime import datetime, timedelta

from django.db.models import F, Q
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from assets.delivery.lease import lease_time
from assets.delivery.policy import LONGEST_PAUSE
from assets.links.policy import MAX_HOST_PAUSE
from assets.models import LinkHost, SignInAttempts, StoredFile, UploadRequest
from assets.models.clock import TOLERANCE
from assets.models.tasks import AT_ONCE


def correct_future(now: datetime) -> None:
    """To be called when there are such moments. It changes nothing that the right clock has written."""
    _correct_requests(now)
    _correct_leases(now)
    after = now + TOLERANCE
    StoredFile.objects.waiting().filter(next_attempt_at__gt=now + LONGEST_PAUSE).update(next_attempt_at=now)
    StoredFile.objects.waiting().filter(queued_at__gt=after).update(queued_at=now)
    _correct_tasks(now)
    _correct_hosts(now)
    SignInAttempts.objects.filter(last_at__gt=after).update(last_at=now, next_at=now)


def _correct_requests(now: datetime) -> None:
    """Move the ends of requests by the time that the clock was set back, so that the rate window goes on from here."""
    future = UploadRequest.objects.filter(finished_at__gt=now + TOLERANCE)
    latest = future.order_by("-finished_at").values_list("finished_at", flat=True).first()
    if latest is None:
        return
    jump: timedelta = latest - now
    future.filter(retry_at__isnull=False).update(retry_at=F("retry_at") - jump)
    future.filter(verify_at__isnull=False).update(verify_at=F("verify_at") - jump)
    future.update(finished_at=F("finished_at") - jump)


def _correct_leases(now: datetime) -> None:
    latest = now + lease_time()
    UploadRequest.objects.open().filter(lease_expires_at__gt=latest + TOLERANCE).update(lease_expires_at=latest)


def _correct_tasks(now: datetime) -> None:
    ready = DBTaskResult.objects.filter(status=TaskResultStatus.READY, run_after__gt=now, run_after__lt=AT_ONCE)
    written_later = Q(enqueued_at__gt=now + TOLERANCE) | Q(started_at__gt=now + TOLERANCE)
    ready.filter(written_later).update(run_after=now)


def _correct_hosts(now: datetime) -> None:
    held, unavailable, free = ~Q(holder=""), Q(holder="", failures__gt=0), Q(holder="", failures=0)
    for hosts, longest in ((held, LinkHost.LEASE), (unavailable, MAX_HOST_PAUSE), (free, TOLERANCE)):
        LinkHost.objects.filter(hosts, free_at__gt=now + longest + TOLERANCE).update(free_at=now)
