"""The worker process: runs tasks, sends heartbeats and does the upkeep.

It adds to django-tasks-db's worker: a slow upload does not hold up previews, a locked or unavailable database does
not end the process, and the work of dead workers is taken over.
"""

import logging
import threading
from collections.abc import Callable
from functools import partial

from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.utils import timezone

from assets import maintenance, trash
from assets.delivery.run import plan_delivery
from assets.links.schedule import plan_link_checks
from assets.models import WorkerHeartbeat
from assets.uploads import hashed_file
from assets.worker.process_lock import process_lock
from assets.worker.queue_thread import QueueThread, make_task_worker
from assets.worker.recovery import QUEUES, recover, recover_tasks

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 5
# Seconds that a running task may take after the signal to stop. A request is worth waiting for; the next worker starts
# a preview or a link check again.
UPLOAD_GRACE = 30
SHORT_GRACE = 1


def run_due_tasks() -> None:
    """Run all due tasks in this thread and return."""
    with process_lock() as worker:
        recover(worker)
        trash.delete_expired(timezone.now())
        plan_link_checks(timezone.now())
        make_task_worker("*", f"{worker}/batch", batch=True).run()


def run_until(stopping: threading.Event) -> None:
    """Run tasks until `stopping` is set, and let running ones finish."""
    with process_lock() as worker:
        threads = [QueueThread(queue, worker, stopping) for queue in QUEUES]
        _survive_database_errors(partial(_start, worker))
        for thread in threads:
            thread.start()
        while not stopping.wait(HEARTBEAT_SECONDS):
            _survive_database_errors(partial(_do_upkeep, worker))
        _stop(threads)
        _survive_database_errors(WorkerHeartbeat.objects.filter(worker=worker).delete)


def _start(worker: str) -> None:
    _do_upkeep(worker)
    plan_delivery(timezone.now())


def _do_upkeep(worker: str) -> None:
    now = timezone.now()
    WorkerHeartbeat.objects.beat(worker, now)
    recover(worker)
    for path in hashed_file.find_abandoned_files():
        path.unlink(missing_ok=True)
    trash.delete_expired(now)
    if maintenance.is_queue_unplanned(now):
        plan_delivery(now)
    plan_link_checks(now)


def _stop(threads: list[QueueThread]) -> None:
    for thread in threads:
        thread.stop()
    for thread in threads:
        thread.join(UPLOAD_GRACE if thread.name == "uploads" else SHORT_GRACE)
        if thread.is_alive():
            _survive_database_errors(partial(recover_tasks, thread.worker_id))


def _survive_database_errors(work: Callable[[], object]) -> None:
    close_old_connections()
    try:
        work()
    except (DatabaseError, InterfaceError) as error:
        logger.warning("The worker is waiting for the database: %s", error)
        connection.close()
