"""Until when all that was written is committed, for those who read what happened from one place to the next."""

from datetime import datetime, timedelta

from django.db import connection

# A moment is noted shortly before it is written.
SETTLES_AFTER = timedelta(seconds=3)
_OLDEST = (
    "SELECT min(xact_start) FROM pg_stat_activity"
    " WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()"
)


def settled_until(now: datetime) -> datetime:
    """Nothing that is committed from now on has an earlier moment."""
    return min(now, _find_oldest_write() or now) - SETTLES_AFTER


def _find_oldest_write() -> datetime | None:
    """When the oldest transaction began that has written something; SQLite has one at a time, and a short one."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST)
        oldest: datetime | None = cursor.fetchone()[0]
    return oldest
