"""The worker process: runs the tasks, says that it lives, and takes up what a killed worker left behind.

django-tasks-db's own worker does the work, one thread a queue, so that a slow upload holds up no preview. Around
it: a database that is locked or away for a while does not end it, and tasks and requests of workers that are gone
are taken up again.
"""

import fcntl
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection, transaction
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker as TaskWorker
from django_tasks_db.models import DBTaskResult

from assets.models import UploadRequest, WorkerHeartbeat
from assets.services import consistency, delivery, spool, trash
from assets.tasks import plan_delivery, plan_link_checks

logger = logging.getLogger(__name__)

QUEUES = ("uploads", "previews", "links", "upkeep")
INTERVAL = 0.2  # seconds between looks for a task
HEARTBEAT = 5  # seconds
# Seconds that a task may take to its end after the signal to stop. A request is worth waiting for; a preview or a look
# at a URL is begun again by the next worker.
GRACE = 30
SHORT_GRACE = 1
TROUBLE_PAUSE = 1  # seconds before a lane that met a database error looks again


class Lane(threading.Thread):
    """One queue's tasks, one after the other, until told to stop."""

    def __init__(self, queue: str, worker: str, stopping: threading.Event) -> None:
        super().__init__(name=queue, daemon=True)
        self.worker_id = f"{worker}/{queue}"
        self._stopping = stopping
        self._tasks = task_worker(queue, self.worker_id)

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                # After an error of its own: the task it was at is nobody else's to take up.
                take_up_tasks(self.worker_id)
                self._tasks.run()
            except (DatabaseError, InterfaceError) as error:
                logger.warning("The queue %s waits for the database: %s", self.name, error)
                connection.close()
                self._stopping.wait(TROUBLE_PAUSE)
        connection.close()

    def stop(self) -> None:
        self._tasks.running = False


def task_worker(queue: str, worker_id: str, *, batch: bool = False) -> TaskWorker:
    return TaskWorker(
        queue_names=[queue],
        interval=INTERVAL,
        batch=batch,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=worker_id,
        excluded_queue_names=[],
    )


def run_due_tasks() -> None:
    """Run every task that is due, in this thread, and come back."""
    with life_line() as worker:
        take_up(worker)
        trash.empty_old(timezone.now())
        plan_link_checks(timezone.now())
        task_worker("*", f"{worker}/batch", batch=True).run()


def run(stopping: threading.Event) -> None:
    """Run tasks until `stopping` is set; tasks that are being run then may finish."""
    with life_line() as worker:
        lanes = [Lane(queue, worker, stopping) for queue in QUEUES]
        _guarded(_start, worker)
        for lane in lanes:
            lane.start()
        while not stopping.wait(HEARTBEAT):
            _guarded(_look_after, worker)
        for lane in lanes:
            lane.stop()
        for lane in lanes:
            lane.join(GRACE if lane.name == "uploads" else SHORT_GRACE)
            if lane.is_alive():
                _guarded(take_up_tasks, lane.worker_id)
        _guarded(WorkerHeartbeat.objects.filter(worker=worker).delete)


def _start(worker: str) -> None:
    _look_after(worker)
    plan_delivery(timezone.now())


def _look_after(worker: str) -> None:
    now = timezone.now()
    WorkerHeartbeat.objects.beat(worker, now)
    take_up(worker)
    for path in spool.abandoned():
        path.unlink(missing_ok=True)
    trash.empty_old(now)
    if consistency.is_queue_forgotten(now):
        plan_delivery(now)
    plan_link_checks(now)


def _guarded(work: Callable[..., object], *args: Any) -> None:
    close_old_connections()
    try:
        work(*args)
    except (DatabaseError, InterfaceError) as error:
        logger.warning("The worker waits for the database: %s", error)
        connection.close()


# --- Who lives ------------------------------------------------------------------------------------


@contextmanager
def life_line() -> Iterator[str]:
    """Hold a lock on a file while this process lives, and give the worker's name.

    The system frees the lock even after SIGKILL, so another worker on this machine knows at once, and for
    certain, that this one is gone. Of workers on other machines it knows only that their heartbeat has stopped.
    """
    worker = delivery.worker_name()
    path = _lock_path(worker)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Under its name only once it is locked: a file that can be locked is one whose worker is gone.
    nascent = path.with_suffix(".new")
    with nascent.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        nascent.rename(path)
        try:
            yield worker
        finally:
            path.unlink(missing_ok=True)


def _lock_path(worker: str) -> Path:
    return Path(settings.MEDIA_ROOT) / "workers" / worker


def _is_dead(worker: str) -> bool:
    """Whether that worker of this machine is certainly gone."""
    try:
        with _lock_path(worker).open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # held, or of another machine
        return False
    return True


def take_up(worker: str) -> None:
    """Take up what workers that are gone had begun."""
    now = timezone.now()
    silent = set(WorkerHeartbeat.objects.silent(now).values_list("worker", flat=True))
    for holder in set(_holders()) - {worker}:
        dead = _is_dead(holder)
        if dead or holder in silent:
            logger.warning("Worker %s is gone: its work is taken up again", holder)
            take_up_tasks(*(f"{holder}/{lane}" for lane in (*QUEUES, "batch")))
            WorkerHeartbeat.objects.filter(worker=holder).delete()
        if dead:
            # Of a silent one it is not known whether its request still goes on: the lease decides.
            with transaction.atomic():
                if UploadRequest.objects.open().filter(worker=holder).update(lease_expires_at=now):
                    plan_delivery(now)
            _lock_path(holder).unlink(missing_ok=True)


def take_up_tasks(*worker_ids: str) -> None:
    """Make the tasks that these lanes were running ready to be run again."""
    for result in DBTaskResult.objects.running().only("worker_ids"):
        if result.worker_ids[-1] in worker_ids:
            DBTaskResult.objects.running().filter(pk=result.pk).update(status=TaskResultStatus.READY)


def _holders() -> Iterator[str]:
    """Workers that have something begun, or are said to live."""
    for result in DBTaskResult.objects.running().only("worker_ids"):
        yield result.worker_ids[-1].rpartition("/")[0]
    yield from UploadRequest.objects.open().values_list("worker", flat=True)
    yield from WorkerHeartbeat.objects.values_list("worker", flat=True)
