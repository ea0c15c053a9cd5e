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

    Until then, a later one survives only with those before it.
    """
    if connection.in_atomic_block:
        yield
        return
    syncing = _syncing_sqlite() if connection.vendor == "sqlite" else _syncing_postgresql()
    with syncing:
        yield


@contextmanager
def _syncing_sqlite() -> Iterator[None]:
    _execute("PRAGMA synchronous = NORMAL")
    try:
        yield
    finally:
        _execute("PRAGMA synchronous = FULL")
        _sync_log(Path(f"{connection.settings_dict['NAME']}-wal"))


@contextmanager
def _syncing_postgresql() -> Iterator[None]:
    _execute("SET synchronous_commit = off")
    try:
        yield
    finally:
        _execute("RESET synchronous_commit")
        # The log is written to the disk up to this message, which nobody reads.
        _execute("SELECT pg_logical_emit_message(true, 'synced', '')")


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _sync_log(path: Path) -> None:
    with path.open("rb") as log:
        os.fsync(log.fileno())
