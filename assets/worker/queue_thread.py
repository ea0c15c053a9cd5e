"""Runs the tasks of one queue in a thread and keeps it alive through trouble of the database."""

import logging
import threading

from django.db import connection

from assets.models import tasks
from assets.worker.tasks import DATABASE_PAUSE, DATABASE_TROUBLE, run_next

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.2


class QueueThread(threading.Thread):
    """Runs the tasks of one queue, one after the other, until it is stopped."""

    def __init__(self, queue: str, worker: str, stopping: threading.Event) -> None:
        super().__init__(name=queue, daemon=True)
        self.worker_id = f"{worker}/{queue}"
        self._stopping = stopping

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                # After its own error: no other worker takes over the task that it was running.
                tasks.take_back(self.worker_id)
                self._run_tasks()
            except DATABASE_TROUBLE as error:
                logger.warning("The queue %s is waiting for the database: %s", self.name, error)
            except Exception:
                logger.exception("The queue %s starts again", self.name)
            connection.close()
            self._stopping.wait(DATABASE_PAUSE)

    def _run_tasks(self) -> None:
        while not self._stopping.is_set():
            if not run_next([self.name], self.worker_id, is_stopping=self._stopping.is_set):
                self._stopping.wait(POLL_SECONDS)
