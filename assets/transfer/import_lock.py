"""Keeps imports and repairs apart: until an import has written its rows, its files look like ones that nobody needs."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings


class BusyError(Exception):
    """An import or a repair is running. The message says what to do."""


@contextmanager
def importing() -> Iterator[None]:
    """Raises BusyError during a repair or another import."""
    with _lock(
        fcntl.LOCK_EX, "A repair or another import is running. Nothing was changed. Import again once it is done."
    ):
        yield


@contextmanager
def repairing() -> Iterator[None]:
    """Raises BusyError during an import. Repairs do not mind each other."""
    with _lock(fcntl.LOCK_SH, "An import is running. Nothing was changed. Run the repair again once it is done."):
        yield


@contextmanager
def _lock(operation: int, refusal: str) -> Iterator[None]:
    """Lock the media folder. The system releases the lock however this process ends."""
    Path(settings.MEDIA_ROOT).mkdir(parents=True, exist_ok=True)
    folder = os.open(settings.MEDIA_ROOT, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(folder, operation | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(refusal) from None
        yield
    finally:
        os.close(folder)
