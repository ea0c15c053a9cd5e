"""Takes over the work of workers that have died."""

import logging
import time
from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from assets.delivery.run import plan_delivery
from assets.models import UploadRequest, WorkerHeartbeat, tasks
from assets.worker.process_lock import is_dead, lock_path, locked_names

logger = logging.getLogger(__name__)

QUEUES = ("uploads", "previews", "links", "webhooks", "outputs", "upkeep")


class Watch:
    """Watches the heartbeats of workers, those of other machines too.

    Silent is one whose heartbeat has not changed for a while by the clock of this process, which nobody sets: the
    times themselves may come from a wrong clock, and none changes while the database is away or this process sleeps.
    """

    def __init__(self) -> None:
        self._since: dict[str, tuple[datetime, float]] = {}
        self._looked_at = float("-inf")

    def look(self) -> tuple[set[str], set[str]]:
        """The workers that have a heartbeat, and the silent ones of them."""
        now, silent = time.monotonic(), WorkerHeartbeat.SILENT.total_seconds()
        if now - self._looked_at > silent:
            self._since = {}
        self._looked_at = now
        heartbeats = WorkerHeartbeat.objects.values_list("worker", "seen_at")
        self._since = {worker: self._date(worker, seen_at, now) for worker, seen_at in heartbeats}
        return set(self._since), {worker for worker, (_, since) in self._since.items() if now - since >= silent}

    def _date(self, worker: str, seen_at: datetime, now: float) -> tuple[datetime, float]:
        earlier = self._since.get(worker)
        return earlier if earlier and earlier[0] == seen_at else (seen_at, now)


def recover_dead_neighbours(worker: str) -> None:
    """Make the work of dead workers of this machine available again, without asking the database."""
    for other in set(locked_names()) - {worker}:
        if is_dead(other):
            _recover_from_dead(other)


def recover(worker: str, watch: Watch) -> None:
    """Make the work of all dead and silent workers available again. `worker` is the one that asks."""
    beating, silent = watch.look()
    for other in {*beating, *_busy_workers()} - {worker}:
        if is_dead(other):
            _recover_from_dead(other)
        elif other in silent:
            # Its request may still be running, so its lease is left to expire.
            logger.warning("Worker %s is silent; its work is taken over", other)
            _release_tasks(other)


def leave(worker: str) -> None:
    """Make the work of a worker that is about to end available again."""
    _release_tasks(worker)
    _expire_leases(worker)


def _recover_from_dead(worker: str) -> None:
    logger.warning("Worker %s has died; its work is taken over", worker)
    leave(worker)
    lock_path(worker).unlink(missing_ok=True)


def _release_tasks(worker: str) -> None:
    tasks.take_back(*(f"{worker}/{queue}" for queue in (*QUEUES, "batch")))
    WorkerHeartbeat.objects.filter(worker=worker).delete()


@transaction.atomic
def _expire_leases(worker: str) -> None:
    now = timezone.now()
    if UploadRequest.objects.open().filter(worker=worker).update(lease_expires_at=now):
        plan_delivery(now)


def _busy_workers() -> Iterator[str]:
    """Workers that have started something."""
    for result in DBTaskResult.objects.running().only("worker_ids"):
        yield result.worker_ids[-1].rpartition("/")[0]
    yield from UploadRequest.objects.open().values_list("worker", flat=True)
