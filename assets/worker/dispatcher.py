"""Wakes the threads of the queues when they have something to do: one look for all of them, and none without cause."""

import logging
import threading
from collections.abc import Container, Sequence
from functools import partial

from django.db import connection
from django.utils import timezone

from assets.models import tasks
from assets.worker.queue_thread import QueueThread
from assets.worker.tasks import DATABASE_PAUSE, DATABASE_TROUBLE
from assets.worker.wake_up import WakeUp

logger = logging.getLogger(__name__)

# In case that a call was missed, such as behind a proxy of PostgreSQL that does not pass them on.
MAX_WAIT = 8  # seconds


class Dispatcher(threading.Thread):
    def __init__(self, queues: Sequence[QueueThread], stopping: threading.Event) -> None:
        super().__init__(name="dispatcher", daemon=True)
        self._queues = queues
        self._stopping = stopping

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._dispatch()
            except DATABASE_TROUBLE as error:
                logger.warning("The worker is waiting for the database: %s", error)
            except Exception:
                logger.exception("The dispatcher starts again")
            connection.close()
            self._stopping.wait(DATABASE_PAUSE)

    def _dispatch(self) -> None:
        wake_up = WakeUp(self._stopping)
        while not self._stopping.is_set():
            idle = {queue.name: queue for queue in self._queues if not queue.is_busy}
            due, later = tasks.find_due(list(idle), timezone.now())
            for name in due:
                idle[name].wake()
            seconds = min(later.total_seconds(), MAX_WAIT) if later else MAX_WAIT
            wake_up.wait(seconds, unless=partial(self._is_another_idle, idle))

    def _is_another_idle(self, known: Container[str]) -> bool:
        return any(not queue.is_busy and queue.name not in known for queue in self._queues)
