"""Which stored URLs are looked at when: those that are due, and those that somebody asks for."""

import random
import secrets
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from assets.links import policy
from assets.links.host_check import Visit, VisitEndedError
from assets.models import LinkHost, LinkStatus, StoredFile
from assets.models.batches import BATCH, in_batches
from assets.models.links import AT_ONCE
from assets.models.stored_files import StoredFileQuerySet

LONGEST_VISIT = 60  # seconds; then others get their turn
CLAIM_PAUSE = 0.2  # seconds between looks whether a host is free
# By then the verification of a new URL is over.
VERIFICATION_TIME = timedelta(hours=2)
# Links that get one moment when looks are planned.
PLANNED_TOGETHER = 25


def claim_due(now: datetime) -> Iterator[tuple[str, str]]:
    """Claim the hosts at which something is to be done, for a visit each; hosts and the names of who holds them."""
    for host in StoredFile.objects.hosts():
        here = StoredFile.objects.at_host(host)
        if any(rows.exists() for rows in (here.due_for_a_look(now), *_misplanned(host, now))):
            holder = secrets.token_hex(8)
            if LinkHost.objects.claim(host, holder, now):
                yield host, holder


def visit(host: str, holder: str) -> None:
    """Look at the links of a host that are due, for a minute at most; at none where it is somebody else's by now."""
    now = timezone.now()
    if not LinkHost.objects.renew(holder, now):
        return
    current, until = Visit(host, holder), time.monotonic() + LONGEST_VISIT
    try:
        _plan(host, now)
        while batch := StoredFile.objects.at_host(host).due_for_a_look(now)[:BATCH]:
            for file in batch:
                current.look_at(file)
                if time.monotonic() > until:
                    return
    except VisitEndedError:
        pass
    finally:
        current.end()


def look_at_all(files: StoredFileQuerySet) -> Iterator[StoredFile]:
    """Look at all these links now; each comes back once it is known how it is, with its status.

    What does not lead to its file is looked at twice, LINK_RETRY_SECONDS apart, so that it is believed. Links of a host
    that is away, or that others do not let go, do not come back, nor do those of which two looks tell two things.
    """
    LinkHost.objects.paused().update(free_at=timezone.now())
    for host in StoredFile.objects.hosts():
        holder = secrets.token_hex(8)
        if files.at_host(host).exists() and _claimed(host, holder):
            current = Visit(host, holder)
            try:
                yield from _looked_at(files.at_host(host), current)
            except VisitEndedError:
                pass
            finally:
                current.end()


def _looked_at(files: StoredFileQuerySet, current: Visit) -> Iterator[StoredFile]:
    doubtful: list[UUID] = []
    for pks in in_batches(files):
        for file in StoredFile.objects.stored().filter(pk__in=pks):
            current.look_at(file)
            if file.is_link_settled:
                yield file
            else:
                doubtful.append(file.pk)
    if doubtful:
        current.rest(settings.LINK_RETRY_SECONDS)
    for start in range(0, len(doubtful), BATCH):
        for file in StoredFile.objects.stored().filter(pk__in=doubtful[start : start + BATCH]):
            current.look_at(file)
            if file.is_link_settled:
                yield file


def _claimed(host: str, holder: str) -> bool:
    """Claim a host, waiting for the end of a visit or of the lease of a worker that has died."""
    until = time.monotonic() + LONGEST_VISIT + LinkHost.LEASE.total_seconds()
    while not LinkHost.objects.claim(host, holder, timezone.now()):
        if time.monotonic() > until:
            return False
        time.sleep(CLAIM_PAUSE)
    return True


def _misplanned(host: str, now: datetime) -> list[StoredFileQuerySet]:
    """Links that are not planned as the settings say: those from before, and many after a change of LINK_CHECK_DAYS.

    Each of these is a step in the index; joined by OR, SQLite would look at every link.
    """
    usual, files = policy.usual_pause(), StoredFile.objects.at_host(host)
    if usual is None:
        return [files.filter(link_check_at__gt=AT_ONCE, link_finding__in=("", LinkStatus.VERIFIED))]
    return [
        files.filter(link_check_at=None, stored_at__lt=now - VERIFICATION_TIME),
        files.filter(link_check_at__gt=now + usual * (1 + policy.JITTER)),
    ]


def _plan(host: str, now: datetime) -> None:
    """Spread links that are not planned over the whole time within which each is looked at."""
    usual = policy.usual_pause()
    for rows in _misplanned(host, now):
        pks = list(rows.values_list("pk", flat=True)[:BATCH])
        for start in range(0, len(pks), PLANNED_TOGETHER):
            # Asked again: somebody may want one of them looked at now.
            some = rows.filter(pk__in=pks[start : start + PLANNED_TOGETHER])
            some.update(link_check_at=now + usual * random.random() if usual else None)  # noqa: S311  (no secret)


def check_now(stored_files: Any) -> int:
    """Have the links of these looked at before all others; how many there are. Pauses of hosts that were away end."""
    count = 0
    for pks in in_batches(stored_files):
        count += StoredFile.objects.stored().filter(pk__in=pks).update(link_check_at=AT_ONCE)
    if count:
        LinkHost.objects.paused().update(free_at=timezone.now())
        plan_link_checks(timezone.now())
    return count


@task(queue_name="upkeep")
def visit_host(host: str, holder: str) -> None:
    visit(host, holder)


@transaction.atomic
def plan_link_checks(now: datetime) -> None:
    """Have every host visited at which links are due and that nobody visits now."""
    for host, holder in claim_due(now):
        visit_host.enqueue(host, holder)
