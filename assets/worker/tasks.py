"""Runs tasks, one after the other. Trouble of the database or the disk ends none of them for good."""

import logging
import time
from collections.abc import Callable, Sequence

from django.db import InterfaceError, OperationalError, close_old_connections, connection

from assets.models import tasks
from assets.models.tasks import TaskRow

logger = logging.getLogger(__name__)

# What may be over when the task is tried again.
DATABASE_TROUBLE = (OperationalError, InterfaceError)
TROUBLE = (*DATABASE_TROUBLE, OSError)
DATABASE_PAUSE = 1  # seconds


def run_next(queues: Sequence[str], worker_id: str, *, is_stopping: Callable[[], bool] = lambda: False) -> bool:
    """Run the next due task of these queues. False if there is none."""
    close_old_connections()
    row = tasks.claim(queues, worker_id)
    if row is None:
        return False
    record = _run(row)
    while not _has_recorded(record, row) and not is_stopping():  # the next worker runs it again
        time.sleep(DATABASE_PAUSE)
    return True


def _has_recorded(record: Callable[[], None], row: TaskRow) -> bool:
    try:
        record()
    except DATABASE_TROUBLE as error:
        logger.warning("What came of task %s is waiting for the database: %s", row.task_name, error)
        connection.close()
        return False
    return True


def _run(row: TaskRow) -> Callable[[], None]:
    """Run a task. Returns what is to be recorded."""
    try:
        row.task.call(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
    except TROUBLE as error:
        failure = error
        connection.close()
        if tasks.may_retry(row):
            logger.warning("Task %s will be tried again: %s", row.task_name, error)
            return lambda: tasks.retry_later(row)
        logger.error("Task %s failed %d times, at last with: %s", row.task_name, len(row.worker_ids), error)
        return lambda: row.set_failed(failure)
    except Exception as error:
        bug = error
        logger.exception("Task %s failed", row.task_name)
        return lambda: row.set_failed(bug)
    return lambda: row.set_successful(None)
