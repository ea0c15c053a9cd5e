"""Forcing files, and the names in folders, to the disk: after that, they survive a power failure."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_SYNCERS = ThreadPoolExecutor(thread_name_prefix="sync")
_underway: ContextVar[list[Future[None]] | None] = ContextVar("underway", default=None)


def sync(path: Path) -> None:
    """Force the bytes of a file, or the names in a folder, to the disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def sync_meanwhile(sync_one: Callable[[Path], None], path: Path) -> None:
    """Call a function that syncs; within `syncing_meanwhile()`, without waiting for it."""
    underway = _underway.get()
    if underway is None:
        sync_one(path)
    else:
        underway.append(_SYNCERS.submit(sync_one, path))


@contextmanager
def syncing_meanwhile() -> Iterator[None]:
    """Waits at its end for what was to be forced to the disk. To be used within the transaction that relies on it."""
    underway: list[Future[None]] = []
    token = _underway.set(underway)
    try:
        yield
    finally:
        _underway.reset(token)
        wait(underway)
    for each in underway:
        each.result()
