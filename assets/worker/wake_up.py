"""Waits for tasks without asking for them: PostgreSQL says when there is one, SQLite when anything has changed."""

import select
import threading
import time
from collections.abc import Callable

from django.db import connection

from assets.models.task_indexes import CHANNEL

# How long it takes to notice anything else than a call of PostgreSQL.
STEP = 0.1  # seconds


class WakeUp:
    """Notices every task from its creation on, in the thread that has created it."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping
        connection.ensure_connection()
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"LISTEN {CHANNEL}")
        else:
            self._version = self._read_version()

    def wait(self, seconds: float, *, unless: Callable[[], bool]) -> None:
        """Until a task may be there or `unless` says so, for so many seconds at most."""
        until = time.monotonic() + seconds
        is_called = self._is_notified if connection.vendor == "postgresql" else self._has_changed
        if connection.vendor == "postgresql" and self._take_calls():  # which came during a query
            return
        while time.monotonic() < until and not self._stopping.is_set() and not unless() and not is_called():
            pass

    def _is_notified(self) -> bool:
        return bool(select.select([connection.connection], [], [], STEP)[0]) and self._take_calls()

    def _take_calls(self) -> bool:
        with connection.wrap_database_errors:
            return bool(list(connection.connection.notifies(timeout=0)))

    def _has_changed(self) -> bool:
        self._stopping.wait(STEP)
        earlier, self._version = self._version, self._read_version()
        return self._version != earlier

    def _read_version(self) -> int:
        """A number that changes whenever another connection commits. It is read from memory."""
        with connection.wrap_database_errors:
            version: int = connection.connection.execute("PRAGMA data_version").fetchone()[0]
        return version
