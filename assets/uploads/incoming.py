"""Where files are while they are received: a locked folder for each form."""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

# A folder exists for a moment before it is locked.
MIN_ABANDONED_SECONDS = 5


class IncomingFolder:
    """Holds the files of one form, however many, with one open file: its lock.

    The system releases the lock however this process ends, so an unlocked folder is abandoned.
    """

    def __init__(self) -> None:
        self._path: Path | None = None
        self._lock = -1

    def new_path(self) -> Path:
        """For a file that is about to be written. The folder is made with its first file, and again if it is gone."""
        if self._path is None:
            Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir(parents=True, exist_ok=True)
            path = Path(tempfile.mkdtemp(dir=settings.FILE_UPLOAD_TEMP_DIR, suffix=".form"))
            self._lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._path = path
        return self._path / f"{os.urandom(8).hex()}.upload"

    def remove_if_empty(self) -> None:
        if self._path is None:
            return
        try:
            self._path.rmdir()
        except FileNotFoundError:
            pass
        except OSError:
            return  # other files of the form are in it
        os.close(self._lock)
        self._path = None


def find_abandoned() -> Iterator[Path]:
    """Folders, and files of earlier versions, left behind by a process that has ended."""
    for path in sorted(Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*")):
        if path.suffix in (".form", ".upload") and _is_abandoned(path):
            yield path


def _is_abandoned(path: Path) -> bool:
    try:
        if path.stat().st_mtime > time.time() - MIN_ABANDONED_SECONDS:
            return False
        with _open(path) as number:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (FileNotFoundError, BlockingIOError):
        return False  # done meanwhile, or still being received
    return True


@contextlib.contextmanager
def _open(path: Path) -> Iterator[int]:
    number = os.open(path, os.O_RDONLY)
    try:
        yield number
    finally:
        os.close(number)


def remove(path: Path) -> None:
    """Delete what `find_abandoned()` found."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
