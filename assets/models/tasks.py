"""Background tasks, in the table of django-tasks-db: which are due, what becomes of one that ran, which are missing."""

import logging
import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from django.db import models, transaction
from django.db.models import Max, Min, Q
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult, DBTaskResultQuerySet, get_date_max

from .batches import BATCH

logger = logging.getLogger(__name__)

TaskRow: TypeAlias = DBTaskResult[..., object]

# After trouble of the database or the disk, a task is tried so often, with growing pauses: for a quarter of an hour.
MAX_ATTEMPTS = 12
MAX_PAUSE = timedelta(minutes=5)
# Several workers choose among so many due tasks.
CANDIDATES = 5
# Work whose task is late by this much may have lost it, and is looked at again after LOOK_AGAIN.
OVERDUE = timedelta(seconds=30)
LOOK_AGAIN = timedelta(minutes=30)
RANDOM = random.SystemRandom()
# When a task without a time of its own is to run.
AT_ONCE = get_date_max()
KEPT = {TaskResultStatus.SUCCESSFUL: timedelta(days=1), TaskResultStatus.FAILED: timedelta(days=30)}
PRUNED_AT_ONCE = 1000


def find_due(queues: Sequence[str], now: datetime) -> tuple[list[str], timedelta | None]:
    """Those of these queues that have a task to run now, and how long it is until the next one is due."""
    ready = DBTaskResult.objects.filter(status=TaskResultStatus.READY, queue_name__in=queues).order_by()
    spans = ready.values_list("queue_name").annotate(Min("run_after"), Max("run_after"))
    due = [queue for queue, first, last in spans if first <= now or last == AT_ONCE]
    later = [first - now for _, first, _ in spans if now < first < AT_ONCE]
    return due, min(later, default=None)


def claim(queues: Sequence[str], worker_id: str) -> TaskRow | None:
    """Take the next due task of these queues. None if there is none."""
    due = DBTaskResult.objects.ready().filter(queue_name__in=queues).order_by("run_after", "enqueued_at")
    for row in due[:CANDIDATES]:
        row.status, row.started_at = TaskResultStatus.RUNNING, timezone.now()
        row.worker_ids = [*row.worker_ids, worker_id]
        values = {"status": row.status, "started_at": row.started_at, "worker_ids": row.worker_ids}
        if DBTaskResult.objects.filter(pk=row.pk, status=TaskResultStatus.READY).update(**values):
            return row
    return None


def may_retry(row: TaskRow) -> bool:
    return len(row.worker_ids) < MAX_ATTEMPTS


def retry_later(row: TaskRow) -> None:
    """Run a task again, after a pause that grows with its attempts."""
    pause = min(timedelta(seconds=2 ** (len(row.worker_ids) - 1)), MAX_PAUSE)
    _running(row).update(status=TaskResultStatus.READY, run_after=timezone.now() + pause * RANDOM.uniform(1, 1.25))


def take_back(*worker_ids: str) -> None:
    """Make the tasks that these threads of workers were running ready to run again."""
    for row in DBTaskResult.objects.running().only("worker_ids", "task_path"):
        if row.worker_ids[-1] not in worker_ids:
            continue
        if may_retry(row):
            _running(row).update(status=TaskResultStatus.READY)
        else:
            row.set_failed(RuntimeError("Every worker that ran this task has died."))


def prune(now: datetime) -> None:
    """Delete a batch of the tasks that ended long ago."""
    ended = Q()
    for status, kept in KEPT.items():
        ended |= Q(status=status, finished_at__lt=now - kept)
    if pks := list(DBTaskResult.objects.filter(ended).order_by().values_list("pk", flat=True)[:PRUNED_AT_ONCE]):
        DBTaskResult.objects.filter(pk__in=pks).delete()


def get_failed_tasks() -> int:
    """How many tasks have failed for good, and need attention. One that is found again no longer counts."""
    return DBTaskResult.objects.failed().count()


def _running(row: TaskRow) -> DBTaskResultQuerySet:
    return DBTaskResult.objects.running().filter(pk=row.pk)


def find_again(task: "Task[..., None]", overdue: models.QuerySet[models.Model], column: str) -> None:
    """Enqueue a task for each of these overdue rows that has none any more, and look at them again later.

    `column` holds when each is due. A task that failed is replaced.
    """
    if not overdue.exists():  # without a transaction, which locks SQLite
        return
    with transaction.atomic():
        rows = overdue.order_by(column).select_for_update(skip_locked=True)
        pks = [str(pk) for pk in rows.values_list("pk", flat=True)[:BATCH]]
        lost = sorted(set(pks) - planned_ids(task))
        if lost:
            logger.warning("%d tasks %s were lost or have failed; they run again", len(lost), task.name)
        _failed(task).filter(args_kwargs__args__0__in=lost).delete()
        enqueue_all(task, lost)
        overdue.model._default_manager.filter(pk__in=pks).update(**{column: timezone.now() + LOOK_AGAIN})


def enqueue_all(task: "Task[..., None]", arguments: Iterable[str]) -> None:
    """A task for each of these, in one statement."""
    rows: list[TaskRow] = [
        DBTaskResult(
            args_kwargs={"args": [argument], "kwargs": {}},
            priority=task.priority,
            task_path=task.module_path,
            queue_name=task.queue_name,
            run_after=AT_ONCE,
            backend_name=task.backend,
        )
        for argument in arguments
    ]
    DBTaskResult.objects.bulk_create(rows)


def planned_ids(task: "Task[..., None]") -> set[str]:
    """The first arguments of all tasks of this kind that wait or run."""
    unfinished = DBTaskResult.objects.filter(status__in=(TaskResultStatus.READY, TaskResultStatus.RUNNING))
    args = unfinished.filter(task_path=task.module_path).values_list("args_kwargs__args__0", flat=True)
    return set(args)


def _failed(task: "Task[..., None]") -> DBTaskResultQuerySet:
    return DBTaskResult.objects.failed().filter(task_path=task.module_path)


def overdue(column: str, now: datetime, *, latest: timedelta) -> Q:
    """Rows whose moment has passed by OVERDUE, or lies further in the future than the rule plans: the clock was set
    back."""
    late = Q(**{f"{column}__lte": now - OVERDUE}) | Q(**{f"{column}__gt": now + latest})
    return Q(**{f"{column}__isnull": False}) & late
