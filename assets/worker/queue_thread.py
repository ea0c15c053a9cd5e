"""Runs the tasks of one queue in a thread and keeps it alive through trouble of the database."""

import logging
import threading

from django.db import connection

from assets.models import tasks
from assets.worker.tasks import DATABASE_PAUSE, DATABASE_TROUBLE, run_next

logger = logging.getLogger(__name__)


class QueueThread(threading.Thread):
    """Runs the tasks of one queue, one after the other, whenever it is woken."""

    def __init__(self, queue: str, worker: str, stopping: threading.Event) -> None:
        super().__init__(name=queue, daemon=True)
        self.worker_id = f"{worker}/{queue}"
        self.is_busy = True
        self._awake = threading.Event()
        self._stopping = stopping

    def wake(self) -> None:
        self._awake.set()

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
            self.is_busy = True
            while self._run_next():
                pass
            self.is_busy = False
            # A task may have come before that was said. From here on the dispatcher wakes this thread.
            if not self._run_next():
                self._awake.wait()
                self._awake.clear()

    def _run_next(self) -> bool:
        is_stopping = self._stopping.is_set
        return not is_stopping() and run_next([self.name], self.worker_id, is_stopping=is_stopping)
