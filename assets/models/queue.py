"""What keeps background work going: the lock of the upload queue, its planned runs, and the workers' heartbeats."""

import os
import secrets
import socket
from datetime import datetime, timedelta
from functools import cache

from django.db import connection, models

# Any number that nothing else in this database uses.
ADVISORY_LOCK = 0x5E6D_1AD0


def lock_queue() -> None:
    """Let one worker at a time decide what is sent, until the end of the transaction.

    On SQLite the transaction itself is that lock (`transaction_mode: IMMEDIATE`).
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])


class DeliveryRunQuerySet(models.QuerySet["DeliveryRun"]):
    def planned(self, now: datetime, until: datetime) -> "DeliveryRunQuerySet":
        """Runs that will still take place, by `until`. One that is overdue has lost its task."""
        return self.filter(at__gt=now - DeliveryRun.OVERDUE, at__lte=until)


class DeliveryRun(models.Model):
    """A planned run through the upload queue, for which one task exists.

    Three hundred uploads in a second share one row, and so one task: an upload that finds a row locks it and adds
    none. The task deletes its row before it reads the queue, so it misses no file that was added in the meantime.
    """

    OVERDUE = timedelta(minutes=1)

    at = models.DateTimeField(db_index=True)

    objects = DeliveryRunQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"


@cache
def worker_name() -> str:
    """The name of this process in upload requests and heartbeats.

    The random part tells a restarted container from its predecessor with the same host name and process id.
    """
    return f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(3)}"


class WorkerHeartbeatQuerySet(models.QuerySet["WorkerHeartbeat"]):
    def alive(self, now: datetime) -> "WorkerHeartbeatQuerySet":
        # One in the future is of a worker that died before the clock was set back.
        return self.filter(seen_at__gt=now - WorkerHeartbeat.ALIVE, seen_at__lt=now + WorkerHeartbeat.SILENT)

    def beat(self, worker: str, now: datetime) -> None:
        if not self.filter(worker=worker).update(seen_at=now):
            self.update_or_create(worker=worker, defaults={"seen_at": now})


class WorkerHeartbeat(models.Model):
    """When a worker was last known to be alive. `/readyz` reads it."""

    ALIVE = timedelta(seconds=15)
    SILENT = timedelta(seconds=60)

    worker = models.CharField(max_length=64, primary_key=True)
    seen_at = models.DateTimeField()

    objects = WorkerHeartbeatQuerySet.as_manager()

    def __str__(self) -> str:
        return self.worker
