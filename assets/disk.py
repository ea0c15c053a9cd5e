"""Room on the disks of uploads and database, and the errors that say there is none left."""

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError

FULL = "disk_full"  # the code of `full_error()`
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# SQLite calls it an I/O error where it was the shared memory or the journal that found no room.
_SQLITE_TROUBLE = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
_SQLSTATE_DISK_FULL = "53100"
_MIN_DATABASE_BYTES = 1_000_000


def free_bytes() -> int:
    """What uploads may still take: the free space without `DISK_RESERVE_BYTES`; negative below it."""
    return shutil.disk_usage(settings.MEDIA_ROOT).free - int(settings.DISK_RESERVE_BYTES)


def full_error() -> ValidationError:
    return ValidationError(
        "The server’s disk is full, so the file was not saved. Tell an administrator, then upload it again.",
        code=FULL,
    )


@contextmanager
def refusing_when_full() -> Iterator[None]:
    """Raises `full_error()` where what is done here finds no room, whether the system or the database says so."""
    try:
        yield
    except (OSError, DatabaseError) as error:
        if is_full_error(error):
            raise full_error() from error
        raise


def is_full_error(error: BaseException) -> bool:
    """Whether an error of the system or the database says that a disk is full."""
    if isinstance(error, OSError):
        return error.errno in _FULL
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return _is_full_sqlite(cause)
    return getattr(cause, "sqlstate", None) == _SQLSTATE_DISK_FULL


def _is_full_sqlite(error: sqlite3.Error) -> bool:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code == sqlite3.SQLITE_FULL or (code in _SQLITE_TROUBLE and is_database_disk_full())


def is_database_disk_full() -> bool:
    """Whether SQLite has no room. Of PostgreSQL's disk nothing is known here."""
    path = Path(settings.DATABASES["default"]["NAME"])
    is_file = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3") and path.exists()
    return is_file and shutil.disk_usage(path).free < _MIN_DATABASE_BYTES
