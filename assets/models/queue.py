"""Rows that keep background work going: planned looks at the queue, and signs of life of the workers."""

from datetime import datetime, timedelta

from django.db import models


class DeliveryRunQuerySet(models.QuerySet["DeliveryRun"]):
    def planned(self, now: datetime, until: datetime) -> "DeliveryRunQuerySet":
        """Runs that will still happen, at `until` at the latest. One that is overdue lost its task."""
        return self.filter(at__gt=now - DeliveryRun.OVERDUE, at__lte=until)


class DeliveryRun(models.Model):
    """A planned look at the queue of files to send; one task of the engine each.

    Three hundred uploads in a second share one row, and so one task: who finds a row in time locks it and adds
    none, and the task removes its row before it looks, so no file that was added meanwhile is overlooked.
    """

    OVERDUE = timedelta(minutes=1)

    at = models.DateTimeField(db_index=True)

    objects = DeliveryRunQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"


class WorkerHeartbeatQuerySet(models.QuerySet["WorkerHeartbeat"]):
    def alive(self, now: datetime) -> "WorkerHeartbeatQuerySet":
        return self.filter(seen_at__gt=now - WorkerHeartbeat.ALIVE)

    def silent(self, now: datetime) -> "WorkerHeartbeatQuerySet":
        return self.filter(seen_at__lte=now - WorkerHeartbeat.SILENT)

    def beat(self, worker: str, now: datetime) -> None:
        self.update_or_create(worker=worker, defaults={"seen_at": now})


class WorkerHeartbeat(models.Model):
    """When a worker was last known to live; `/readyz` looks at it."""

    ALIVE = timedelta(seconds=15)
    SILENT = timedelta(seconds=60)

    worker = models.CharField(max_length=64, primary_key=True)
    seen_at = models.DateTimeField()

    objects = WorkerHeartbeatQuerySet.as_manager()

    def __str__(self) -> str:
        return self.worker
