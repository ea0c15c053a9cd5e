"""Tells whether another worker of this machine has died.

The operating system frees a file lock even after SIGKILL, so the others know at once and for certain.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from assets.models.queue import worker_name


@contextmanager
def process_lock() -> Iterator[str]:
    """Hold a lock on a file while this process lives. Yields the worker's name."""
    worker = worker_name()
    path = lock_path(worker)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Renamed once it is locked, so that a file that can be locked is always that of a dead worker.
    unlocked = path.with_suffix(".new")
    with unlocked.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        unlocked.rename(path)
        try:
            yield worker
        finally:
            path.unlink(missing_ok=True)


def show_life(worker: str) -> None:
    """Touch the worker's file, of which the container's health check reads the age: that costs no start of Python."""
    with contextlib.suppress(FileNotFoundError):
        os.utime(lock_path(worker))


def lock_path(worker: str) -> Path:
    return Path(settings.MEDIA_ROOT) / "workers" / worker


def locked_names() -> list[str]:
    """The workers of this machine, dead or alive."""
    return [path.name for path in lock_path("").iterdir() if path.suffix != ".new"]


def is_dead(worker: str) -> bool:
    """Whether a worker of this machine has certainly ended. False for one of another machine."""
    try:
        with lock_path(worker).open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # held, or not of this machine
        return False
    return True
