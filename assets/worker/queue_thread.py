"""Runs django-tasks-db's worker in a thread for each queue and keeps it alive through database errors."""

import logging
import threading

from django.db import DatabaseError, InterfaceError, connection
from django_tasks_db.management.commands.db_worker import Worker as TaskWorker

from assets.worker.recovery import recover_tasks

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.2
DATABASE_PAUSE = 1  # seconds after a database error


class QueueThread(threading.Thread):
    """Runs the tasks of one queue, one after the other, until it is stopped."""

    def __init__(self, queue: str, worker: str, stopping: threading.Event) -> None:
        super().__init__(name=queue, daemon=True)
        self.worker_id = f"{worker}/{queue}"
        self._stopping = stopping
        self._tasks = make_task_worker(queue, self.worker_id)

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                # After its own error: no other worker takes over the task that it was running.
                recover_tasks(self.worker_id)
                self._tasks.run()
            except (DatabaseError, InterfaceError) as error:
                logger.warning("The queue %s is waiting for the database: %s", self.name, error)
                connection.close()
                self._stopping.wait(DATABASE_PAUSE)
        connection.close()

    def stop(self) -> None:
        self._tasks.running = False


def make_task_worker(queue: str, worker_id: str, *, batch: bool = False) -> TaskWorker:
    """The worker for a queue (`*` for all). With `batch`, it ends when no task is due."""
    return TaskWorker(
        queue_names=[queue],
        interval=POLL_SECONDS,
        batch=batch,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=worker_id,
        excluded_queue_names=[],
    )
