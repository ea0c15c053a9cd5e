"""What a worker costs that has nothing to do, and how soon it begins when it has.

    python -m benchmarks.idle [--seconds 60] [--tasks 10] [--database postgres:///bench]

The worker runs in this process, which waits. Its processor time and all its queries are counted, then tasks are
enqueued one by one at random moments. PostgreSQL calls the worker; on SQLite it reads a version number from memory ten
times a second, which is not counted as a query.
"""

import argparse
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.worker import installation, say

START = 6  # seconds in which a worker is up, and has looked at everything


class Counter:
    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        return execute(sql, params, many, context)


@contextmanager
def worker(counter: Counter) -> Iterator[None]:
    """A worker in threads of this process, whose queries are counted."""
    from django.db.backends.signals import connection_created

    from assets.worker.run import run_until

    def watch(connection: Any, **kwargs: Any) -> None:
        if threading.current_thread() is not threading.main_thread():
            connection.execute_wrappers.append(counter)

    connection_created.connect(watch)
    stopping = threading.Event()
    thread = threading.Thread(target=run_until, args=[stopping])
    thread.start()
    yield
    stopping.set()
    thread.join()


def latencies(count: int, delay: float) -> list[float]:
    """Seconds between the moment at which a task is due and its start, for tasks that are due after `delay`."""
    from django.utils import timezone
    from django_tasks_db.models import DBTaskResult

    from assets.previews.render import make_preview

    found = []
    for _ in range(count):
        time.sleep(random.uniform(0, 1))
        due = timezone.now() + timedelta(seconds=delay)
        task = make_preview.using(run_after=due) if delay else make_preview
        pk = task.enqueue("00000000-0000-0000-0000-000000000000").id
        row = DBTaskResult.objects.filter(pk=pk, started_at__isnull=False)
        while not (started_at := row.values_list("started_at", flat=True).first()):
            time.sleep(0.05)
        found.append((started_at - due).total_seconds())
    return sorted(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--tasks", type=int, default=10)
    parser.add_argument("--database", default="", help="an empty PostgreSQL database; SQLite without")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, installation(Path(name), options.database):
        counter = Counter()
        with worker(counter):
            time.sleep(START)
            queries, processor, started = counter.count, time.process_time(), time.monotonic()
            time.sleep(options.seconds)
            seconds = time.monotonic() - started
            say(
                f"Idle for {seconds:.0f} s: {(time.process_time() - processor) / seconds:.2%} of a core, "
                f"{(counter.count - queries) / seconds:.2f} queries a second"
            )
            for what, delay in (("a new task", 0), ("a task planned for a second later", 1)):
                found = latencies(options.tasks, delay)
                say(f"{what} starts after {found[len(found) // 2]:.3f} s, at most {found[-1]:.3f} s")


if __name__ == "__main__":
    main()
