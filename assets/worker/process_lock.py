"""How one worker knows that another one of this machine has died.

The system frees a file lock even after SIGKILL, so another worker on this machine knows at once, and for certain.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from assets.models.queue import worker_name


@contextmanager
def process_lock() -> Iterator[str]:
    """Hold a lock on a file for as long as this process lives; gives the worker's name."""
    worker = worker_name()
    path = lock_path(worker)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Renamed only once it is locked: a file that can be locked is one whose worker is gone.
    nascent = path.with_suffix(".new")
    with nascent.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        nascent.rename(path)
        try:
            yield worker
        finally:
            path.unlink(missing_ok=True)


def lock_path(worker: str) -> Path:
    return Path(settings.MEDIA_ROOT) / "workers" / worker


def is_dead(worker: str) -> bool:
    """Whether that worker of this machine has certainly ended; False for one of another machine."""
    try:
        with lock_path(worker).open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # held, or not of this machine
        return False
    return True
