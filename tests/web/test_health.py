"""What monitoring is told, and that it is what is really wrong."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from assets.delivery.run import deliver
from assets.models import State, StoredFile, WorkerHeartbeat
from tests.support.factories import a_stored_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def _running_worker(db) -> None:
    WorkerHeartbeat.objects.beat("worker", timezone.now())


def ask(client) -> tuple[int, dict]:
    response = client.get("/readyz")
    return response.status_code, response.json()


def files() -> set[Path]:
    return {path for path in Path(django_settings.MEDIA_ROOT).rglob("*") if path.is_file()}


@pytest.mark.usefixtures("_running_worker")
def test_a_library_that_works_is_ready_and_no_probe_is_left(client):
    before = files()
    assert ask(client) == (
        200, {"ready": True, "missing": [], "warnings": [], "queue_age_seconds": None, "failed_tasks": 0},
    )  # fmt: skip
    assert files() == before


def test_a_missing_worker_is_named(client):
    status, report = ask(client)
    assert (status, report["ready"]) == (503, False)
    assert report["missing"] == ["worker: no heartbeat for 15 seconds; start `python manage.py worker`"]


def test_too_little_free_space_is_the_problem_and_not_the_worker_that_it_stops(client, settings):
    settings.DISK_RESERVE_BYTES = 10**18
    status, report = ask(client)
    assert status == 503
    assert len(report["missing"]) == 1
    assert report["missing"][0].startswith("disk: ")
    assert "DISK_RESERVE_BYTES" in report["missing"][0]


@pytest.mark.usefixtures("_running_worker")
@pytest.mark.parametrize("folder", ["incoming", "originals"])
def test_a_folder_that_cannot_be_written_is_noticed(client, settings, tmp_path, folder):
    settings.MEDIA_ROOT, settings.FILE_UPLOAD_TEMP_DIR = tmp_path, tmp_path / "incoming"
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}},
    }
    for name in {"incoming", "originals"} - {folder}:
        (tmp_path / name).mkdir()
    (tmp_path / folder).write_text("not a folder")
    status, report = ask(client)
    assert status == 503
    assert report["missing"][0].startswith("storage: cannot be written (")
    assert str(tmp_path) not in report["missing"][0]


@pytest.mark.django_db(transaction=True)
def test_missing_tables_are_no_missing_worker(client):
    with connection.schema_editor() as editor:
        editor.alter_db_table(WorkerHeartbeat, "assets_workerheartbeat", "elsewhere")
    try:
        status, report = ask(client)
    finally:
        with connection.schema_editor() as editor:
            editor.alter_db_table(WorkerHeartbeat, "elsewhere", "assets_workerheartbeat")
    assert (status, report["missing"]) == (503, ["database: no tables; run `python manage.py migrate`"])


@pytest.mark.usefixtures("_running_worker")
def test_an_old_queue_and_failed_tasks_are_warnings(client):
    file = a_stored_file(state=State.QUEUED)
    StoredFile.objects.filter(pk=file.pk).update(queued_at=timezone.now() - timedelta(minutes=40))
    deliver.enqueue()
    DBTaskResult.objects.update(status=TaskResultStatus.FAILED, finished_at=timezone.now())
    status, report = ask(client)
    assert (status, report["ready"], report["failed_tasks"]) == (200, True, 1)
    assert 2400 <= report["queue_age_seconds"] < 2500
    assert report["warnings"] == [
        "queue: the oldest file has waited for 40 minutes; /activity/ says why",
        "tasks: 1 failed for good and will not run again by themselves",
    ]
