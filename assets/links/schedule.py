"""When links are checked: as planned, or now if somebody asks for it."""

import secrets
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from assets.links import policy
from assets.links.host_check import HostCheck, HostCheckEndedError
from assets.models import LinkHost, LinkStatus, StoredFile
from assets.models.batches import BATCH, in_batches
from assets.models.links import AT_ONCE
from assets.models.stored_file_queries import StoredFileQuerySet

MAX_HOST_CHECK = 60  # seconds; then other hosts get their turn
CLAIM_PAUSE = 0.2  # seconds between attempts to claim a host
# By then the verification of a new URL is over.
VERIFICATION_TIME = timedelta(hours=2)
# Links that are planned for the same moment.
PLANNED_TOGETHER = 25


@transaction.atomic
def plan_link_checks(now: datetime) -> None:
    """Enqueue a check of every host that has due links and is not being checked."""
    for host, holder in claim_due_hosts(now):
        check_host.enqueue(host, holder)


def claim_due_hosts(now: datetime) -> Iterator[tuple[str, str]]:
    """Claim the hosts that have links to check or to plan. Yields each host with the name of its holder."""
    for host in StoredFile.objects.hosts():
        due = StoredFile.objects.at_host(host).due_for_link_check(now)
        if any(rows.exists() for rows in (due, *_select_misplanned(host, now))):
            holder = secrets.token_hex(8)
            if LinkHost.objects.claim(host, holder, now):
                yield host, holder


@task(queue_name="upkeep")
def check_host(host: str, holder: str) -> None:
    """Check the due links of a host, for a minute at most. Does nothing if another worker has the host by now."""
    now = timezone.now()
    if not LinkHost.objects.renew(holder, now):
        return
    host_check, until = HostCheck(host, holder), time.monotonic() + MAX_HOST_CHECK
    try:
        _spread(host, now)
        while batch := StoredFile.objects.at_host(host).due_for_link_check(now)[:BATCH]:
            for file in batch:
                host_check.check(file)
                if time.monotonic() > until:
                    return
    except HostCheckEndedError:
        pass
    finally:
        host_check.release()


def _select_misplanned(host: str, now: datetime) -> list[StoredFileQuerySet]:
    """Links without a plan that fits LINK_CHECK_DAYS, which may have changed.

    Each of these is one step in the index. Joined by OR, SQLite would read every link.
    """
    interval, files = policy.check_interval(), StoredFile.objects.at_host(host)
    if interval is None:
        return [files.filter(link_check_at__gt=AT_ONCE, link_finding__in=("", LinkStatus.VERIFIED))]
    return [
        files.filter(link_check_at=None, stored_at__lt=now - VERIFICATION_TIME),
        files.filter(link_check_at__gt=now + interval * (1 + policy.JITTER)),
    ]


def _spread(host: str, now: datetime) -> None:
    """Spread the checks of links without a fitting plan over the whole interval."""
    interval = policy.check_interval()
    for rows in _select_misplanned(host, now):
        pks = list(rows.values_list("pk", flat=True)[:BATCH])
        for start in range(0, len(pks), PLANNED_TOGETHER):
            # Filtered again, since somebody may have asked for one of them meanwhile.
            some = rows.filter(pk__in=pks[start : start + PLANNED_TOGETHER])
            some.update(link_check_at=now + interval * policy.RANDOM.random() if interval else None)


def check_now(stored_files: StoredFileQuerySet) -> int:
    """Have these links checked before all others. Returns how many there are. Ends the pauses of unavailable hosts."""
    count = 0
    for pks in in_batches(stored_files):
        count += StoredFile.objects.filter(pk__in=pks).ask_for_link_check()
    if count:
        LinkHost.objects.paused().update(free_at=timezone.now())
        plan_link_checks(timezone.now())
    return count


def check_all(files: StoredFileQuerySet) -> Iterator[StoredFile]:
    """Check all these links in this process. Yields each file once its status is confirmed.

    A link that does not lead to its file is checked twice, LINK_RETRY_SECONDS apart. Not yielded: links of hosts that
    are unavailable or checked by another worker, and links for which two checks disagree.
    """
    LinkHost.objects.paused().update(free_at=timezone.now())
    for host in StoredFile.objects.hosts():
        holder = secrets.token_hex(8)
        if files.at_host(host).exists() and _claim_patiently(host, holder):
            host_check = HostCheck(host, holder)
            try:
                yield from _check_twice(files.at_host(host), host_check)
            except HostCheckEndedError:
                pass
            finally:
                host_check.release()


def _check_twice(files: StoredFileQuerySet, host_check: HostCheck) -> Iterator[StoredFile]:
    unconfirmed: list[UUID] = []
    for pks in in_batches(files):
        yield from _check_batch(pks, host_check, unconfirmed)
    if unconfirmed:
        host_check.wait(settings.LINK_RETRY_SECONDS)
    for start in range(0, len(unconfirmed), BATCH):
        yield from _check_batch(unconfirmed[start : start + BATCH], host_check, [])


def _check_batch(pks: Sequence[UUID], host_check: HostCheck, unconfirmed: list[UUID]) -> Iterator[StoredFile]:
    """Yields the files whose status is confirmed and adds the ids of the others to `unconfirmed`."""
    for file in StoredFile.objects.stored().filter(pk__in=pks):
        host_check.check(file)
        if file.is_link_confirmed:
            yield file
        else:
            unconfirmed.append(file.pk)


def _claim_patiently(host: str, holder: str) -> bool:
    """Claim a host, waiting for a running check to end or for the lease of a dead worker."""
    until = time.monotonic() + MAX_HOST_CHECK + LinkHost.LEASE.total_seconds()
    while not LinkHost.objects.claim(host, holder, timezone.now()):
        if time.monotonic() > until:
            return False
        time.sleep(CLAIM_PAUSE)
    return True
