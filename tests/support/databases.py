"""Databases beside that of the tests, for other processes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from tests.worker.test_worker import database_url


@contextmanager
def empty_database(folder: Path) -> Iterator[str]:
    """The URL of one of the same kind: a file that does not exist yet in `folder`, or a database on the same server."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{folder}/library.sqlite3"
        return
    name = f"{connection.settings_dict['NAME']}_other"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}"')
    yield f"{database_url().rpartition('/')[0]}/{name}"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}"')
