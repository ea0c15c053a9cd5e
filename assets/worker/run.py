"""The worker process: runs tasks, sends heartbeats and does the upkeep.

It adds to django-tasks-db's worker: a slow upload does not hold up previews, a locked or unavailable database does
not end the process, and the work of dead workers is taken over.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.utils import timezone

from assets import maintenance, quarantine, trash
from assets.delivery import lease
from assets.delivery.run import plan_delivery
from assets.delivery.verify import find_lost_verifications
from assets.links.schedule import plan_link_checks
from assets.models import WorkerHeartbeat
from assets.previews.render import find_lost_previews
from assets.uploads import incoming
from assets.worker import recovery
from assets.worker.process_lock import process_lock, show_life
from assets.worker.queue_thread import QueueThread
from assets.worker.recovery import QUEUES, recover
from assets.worker.tasks import run_next

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 5
# Seconds after the signal to stop. A response is worth waiting for; the next worker starts anything else again.
GRACE = 7
FAREWELL = 1


def run_due_tasks() -> None:
    """Run all due tasks in this thread and return."""
    with process_lock() as worker:
        recover(worker)
        _plan_due_work(timezone.now())
        while run_next(QUEUES, f"{worker}/batch"):
            pass


def run_until(stopping: threading.Event) -> None:
    """Run tasks until `stopping` is set, and let running ones finish."""
    with process_lock() as worker:
        threads = [QueueThread(queue, worker, stopping) for queue in QUEUES]
        _survive_database_errors(partial(_start, worker))
        for thread in threads:
            thread.start()
        while not stopping.wait(HEARTBEAT_SECONDS):
            _survive_database_errors(partial(_do_upkeep, worker))
            show_life(worker)
        _stop(worker, threads)


def _start(worker: str) -> None:
    _do_upkeep(worker)
    plan_delivery(timezone.now())


def _do_upkeep(worker: str) -> None:
    now = timezone.now()
    WorkerHeartbeat.objects.beat(worker, now)
    recover(worker)
    for path in incoming.find_abandoned():
        incoming.remove(path)
    _plan_due_work(now)


def _plan_due_work(now: datetime) -> None:
    """Do or enqueue what follows from the state of rows and files, whatever has become of earlier tasks."""
    trash.delete_expired(now)
    quarantine.empty(now)
    if maintenance.is_queue_unplanned(now):
        plan_delivery(now)
    find_lost_verifications(now)
    find_lost_previews(now)
    plan_link_checks(now)


def _stop(worker: str, threads: list[QueueThread]) -> None:
    """End within ten seconds, whatever the threads, the database and Segmind do."""
    lease.stopping.set()
    until = time.monotonic() + GRACE
    for thread in threads:
        thread.join(max(0, until - time.monotonic()))
    farewell = threading.Thread(target=_survive_database_errors, args=[partial(recovery.leave, worker)], daemon=True)
    farewell.start()
    farewell.join(FAREWELL)


def _survive_database_errors(work: Callable[[], object]) -> None:
    close_old_connections()
    try:
        work()
    except (DatabaseError, InterfaceError) as error:
        logger.warning("The worker is waiting for the database: %s", error)
        connection.close()
