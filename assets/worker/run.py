"""The worker process: one thread for each queue, one that wakes them, and one that looks after what is left over.

A slow upload does not hold up previews, a locked or unavailable database does not end the process, and the work of dead
workers is taken over.
"""

import threading
import time
from collections.abc import Sequence

from django.db import Error, connection
from django.utils import timezone

from assets.delivery import lease
from assets.worker import recovery
from assets.worker.dispatcher import Dispatcher
from assets.worker.process_lock import process_lock
from assets.worker.queue_thread import QueueThread
from assets.worker.recovery import QUEUES, Watch
from assets.worker.tasks import run_next
from assets.worker.upkeep import Upkeep, do_rare_work, find_lost_work

# Seconds after the signal to stop. A response is worth waiting for; the next worker starts anything else again.
GRACE = 7
FAREWELL = 1


def run_due_tasks() -> None:
    """Run all due tasks in this thread and return."""
    lease.stopping.clear()  # set by a worker that ran in this process before, as in tests
    with process_lock() as worker:
        recovery.recover(worker, Watch())
        find_lost_work(timezone.now())
        do_rare_work()
        # Previews first: people look at them, and Segmind may keep everything else waiting.
        while run_next(["previews"], f"{worker}/batch") or run_next(QUEUES, f"{worker}/batch"):
            pass


def run_until(stopping: threading.Event) -> None:
    """Run tasks until `stopping` is set, and let running ones finish."""
    lease.stopping.clear()  # set by a worker that ran in this process before, as in tests
    with process_lock() as worker:
        queues = [QueueThread(queue, worker, stopping) for queue in QUEUES]
        threads = [*queues, Dispatcher(queues, stopping), Upkeep(worker, stopping)]
        for thread in threads:
            thread.start()
        stopping.wait()
        lease.stopping.set()
        for queue in queues:
            queue.wake()
        _end(worker, threads)


def _end(worker: str, threads: Sequence[threading.Thread]) -> None:
    """End within ten seconds, whatever the threads, the database and Segmind do."""
    until = time.monotonic() + GRACE
    for thread in threads:
        thread.join(max(0, until - time.monotonic()))
    farewell = threading.Thread(target=_say_farewell, args=[worker], daemon=True)
    farewell.start()
    farewell.join(FAREWELL)


def _say_farewell(worker: str) -> None:
    try:
        recovery.leave(worker)
    except Error:
        pass  # the next worker sees that this one has ended
    finally:
        connection.close()
