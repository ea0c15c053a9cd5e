import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection


def release_connection() -> None:
    """Before waiting for a client: let other threads have the connection, where they share them (see wsgi.py)."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()


@contextmanager
def syncing_once() -> Iterator[None]:
    """The transactions within survive a power failure from its end on: the disk is waited for once for all of them.

    Until then, a later one survives only with those before it. PostgreSQL waits for each.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    _set_synchronous("NORMAL")
    try:
        yield
    finally:
        _set_synchronous("FULL")
        _sync_log(Path(f"{connection.settings_dict['NAME']}-wal"))


def _set_synchronous(level: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA synchronous = {level}")


def _sync_log(path: Path) -> None:
    with path.open("rb") as log:
        os.fsync(log.fileno())
