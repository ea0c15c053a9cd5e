"""Takes over the work of workers that have died."""

import logging
from collections.abc import Iterator

from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from assets.delivery.run import plan_delivery
from assets.models import UploadRequest, WorkerHeartbeat, tasks
from assets.worker.process_lock import is_dead, lock_path

logger = logging.getLogger(__name__)

QUEUES = ("uploads", "previews", "links", "upkeep")


def recover(worker: str) -> None:
    """Make the work of dead workers available again. `worker` is the one that asks."""
    silent = set(WorkerHeartbeat.objects.silent(timezone.now()).values_list("worker", flat=True))
    for other in set(_known_workers()) - {worker}:
        if is_dead(other):
            _recover_from(other)
            _expire_leases(other)
            lock_path(other).unlink(missing_ok=True)
        elif other in silent:
            # Its request may still be running, so its lease is left to expire.
            _recover_from(other)


def leave(worker: str) -> None:
    """Make the work of a worker that is about to end available again."""
    _release_tasks(worker)
    _expire_leases(worker)


def _recover_from(worker: str) -> None:
    logger.warning("Worker %s has died; its work is taken over", worker)
    _release_tasks(worker)


def _release_tasks(worker: str) -> None:
    tasks.take_back(*(f"{worker}/{queue}" for queue in (*QUEUES, "batch")))
    WorkerHeartbeat.objects.filter(worker=worker).delete()


@transaction.atomic
def _expire_leases(worker: str) -> None:
    now = timezone.now()
    if UploadRequest.objects.open().filter(worker=worker).update(lease_expires_at=now):
        plan_delivery(now)


def _known_workers() -> Iterator[str]:
    """Workers that have started something or sent a heartbeat."""
    for result in DBTaskResult.objects.running().only("worker_ids"):
        yield result.worker_ids[-1].rpartition("/")[0]
    yield from UploadRequest.objects.open().values_list("worker", flat=True)
    yield from WorkerHeartbeat.objects.values_list("worker", flat=True)
