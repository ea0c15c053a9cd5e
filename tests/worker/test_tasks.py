"""The table of tasks stays small, and what the workers ask of it is cheap."""

import re
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from assets.delivery.verify import unverified
from assets.models import StoredFile
from assets.models.tasks import MAX_ATTEMPTS
from assets.previews.render import make_preview, without_preview
from assets.worker.process_lock import lock_path

pytestmark = pytest.mark.django_db(transaction=True)


def a_task(**fields: object) -> DBTaskResult:
    pk = make_preview.enqueue("00000000-0000-0000-0000-000000000000").id
    DBTaskResult.objects.filter(pk=pk).update(**fields)
    return DBTaskResult.objects.get(pk=pk)


def test_tasks_that_ended_long_ago_are_deleted(work):
    now = timezone.now()
    old = a_task(status="SUCCESSFUL", finished_at=now - timedelta(hours=25))
    new = a_task(status="SUCCESSFUL", finished_at=now - timedelta(hours=23))
    failed_before = a_task(status="FAILED", finished_at=now - timedelta(days=31))
    failed = a_task(status="FAILED", finished_at=now - timedelta(days=29))
    work()
    left = set(DBTaskResult.objects.values_list("pk", flat=True))
    assert {new.pk, failed.pk} <= left
    assert left.isdisjoint({old.pk, failed_before.pk})


@pytest.mark.parametrize(
    ("find", "index"),
    [
        (lambda now: DBTaskResult.objects.running(), "tasks_by_status"),
        (unverified, "upload_request_to_verify"),
        (without_preview, "stored_file_no_preview"),
        (lambda now: StoredFile.objects.waiting(), "stored_file_"),
    ],
)
def test_the_looks_of_a_worker_read_only_what_is_due(find, index):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET enable_seqscan = off")  # an empty table is read at once otherwise
    plan = find(timezone.now()).order_by().explain()
    assert index in plan, plan


def test_a_task_that_kills_its_workers_is_given_up(work):
    a_task(status="RUNNING", worker_ids=["dead/previews"] * MAX_ATTEMPTS)
    a_task(status="RUNNING", worker_ids=["dead/previews"])
    lock_path("dead").parent.mkdir(parents=True, exist_ok=True)
    lock_path("dead").touch()  # not locked any more
    work()
    assert sorted(DBTaskResult.objects.values_list("status", flat=True)) == ["FAILED", "SUCCESSFUL"]


@pytest.mark.slow
@pytest.mark.any_database
def test_an_idle_worker_asks_less_than_once_a_second_and_begins_at_once():
    command = [sys.executable, "-m", "benchmarks.idle", "--seconds", "5", "--tasks", "3"]
    found = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True).stdout
    queries, at_once, planned = (float(re.search(pattern, found)[1]) for pattern in (
        r"([\d.]+) queries a second", r"new task starts after ([\d.]+) s", r"later starts after ([\d.]+) s",
    ))  # fmt: skip
    assert queries < 1
    assert max(at_once, planned) < 0.3
