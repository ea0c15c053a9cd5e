"""The worker as a process of its own, with everything that can happen to one."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection

from assets.models import Outcome, State, StoredFile, UploadRequest, WorkerHeartbeat
from tests.support import replies
from tests.support.factories import a_file_of, a_picture, a_stored_file
from tests.support.trouble import WORKERS, cut_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

DEADLINE = 20  # seconds


def until(condition: Callable[[], bool], *, seconds: float = DEADLINE) -> None:
    """Wait for something another process does; it fails loudly where that does not happen."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def database_url() -> str:
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{values['NAME']}"
    password = f":{values['PASSWORD']}" if values["PASSWORD"] else ""
    return f"postgres://{values['USER']}{password}@{values['HOST'] or ''}:{values['PORT'] or ''}/{values['NAME']}"


@pytest.fixture
def start_worker(segmind) -> Iterator[Callable[[], subprocess.Popen]]:
    processes = []

    def start(**environment: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "worker"],
            cwd=django_settings.BASE_DIR,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "DATABASE_URL": database_url(),
                "SEGMIND_UPLOAD_URL": segmind.upload_url,
                **environment,
            },
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.wait()


def all_stored() -> bool:
    return not StoredFile.objects.exclude(state=State.STORED).exists()


def test_a_worker_that_is_killed_during_a_request_loses_nothing(as_ana, upload, segmind, start_worker):
    segmind.answers(replies.waits)
    first = start_worker(SEGMIND_READ_TIMEOUT="300")
    upload(as_ana, ("a.png", a_picture()), ("b.png", a_picture()))
    assert segmind.arrived.wait(DEADLINE)
    first.kill()
    first.wait()
    assert StoredFile.objects.filter(state=State.SENDING).count() == 2
    # At once, long before the lease of 310 seconds: the system has freed the dead worker's lock.
    start_worker()
    until(all_stored)
    assert set(UploadRequest.objects.values_list("outcome", flat=True)) == {Outcome.UNKNOWN, Outcome.STORED}
    until(lambda: all(file.preview for file in StoredFile.objects.all()))


def test_a_second_worker_leaves_files_alone_that_another_is_sending(as_ana, upload, segmind, start_worker):
    segmind.answers(replies.waits)
    start_worker(SEGMIND_READ_TIMEOUT="300")
    upload(as_ana, ("a.png", a_picture()))
    assert segmind.arrived.wait(DEADLINE)
    start_worker()
    until(lambda: WorkerHeartbeat.objects.count() == 2)
    upload(as_ana, ("b.png", a_picture()))
    until(lambda: StoredFile.objects.filter(state=State.STORED).count() == 1)
    assert StoredFile.objects.get(state=State.SENDING).attempts == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_stops_cleanly(start_worker, number):
    process = start_worker()
    until(lambda: WorkerHeartbeat.objects.exists())
    process.send_signal(number)
    assert process.wait(DEADLINE) == 0
    assert not WorkerHeartbeat.objects.exists()


def test_signals_in_quick_succession_stop_the_worker_too(start_worker):
    process = start_worker()
    until(lambda: WorkerHeartbeat.objects.exists())
    for _ in range(100):
        process.send_signal(signal.SIGTERM)
    assert process.wait(DEADLINE) == 0


def test_a_locked_database_does_not_end_the_worker(as_ana, upload, segmind, start_worker):
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite locks the whole database")
    process = start_worker(SQLITE_TIMEOUT="0.2")
    until(lambda: WorkerHeartbeat.objects.exists())
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    time.sleep(2)  # long enough for the worker to meet the lock many times
    other.execute("ROLLBACK")
    other.close()
    assert process.poll() is None
    upload(as_ana, ("a.png", a_picture()))
    until(all_stored)


def test_a_queue_without_a_task_continues_by_itself(as_ana, upload, segmind, start_worker):
    start_worker()
    until(lambda: WorkerHeartbeat.objects.exists())
    a_stored_file(content=a_picture(), state=State.QUEUED)  # with no run planned, as a failed task leaves it
    until(all_stored)


def test_a_worker_deletes_the_unfinished_upload_of_a_killed_web_process(start_worker):
    code = (
        "import django, time; django.setup()\n"
        "from assets.uploads.hashed_file import HashedFile\n"
        "file = HashedFile('x.png'); file.append(b'half'); print(file.temporary_file_path(), flush=True)\n"
        "time.sleep(60)"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-c", code]
    web = subprocess.Popen(command, cwd=django_settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, text=True)
    path = Path(web.stdout.readline().strip())
    minute_ago = time.time() - 60
    os.utime(path.parent, (minute_ago, minute_ago))
    start_worker()
    until(lambda: WorkerHeartbeat.objects.exists())
    assert path.exists()  # its process lives
    web.kill()
    web.communicate()
    start_worker()
    until(lambda: not path.parent.exists())


def test_readiness_needs_a_running_worker(client, start_worker):
    assert client.get("/healthz").content == b"ok"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "worker" in answer.json()["missing"][0]
    start_worker()
    until(lambda: client.get("/readyz").status_code == 200)


def test_what_segmind_refused_is_recorded_once_the_database_is_back(as_ana, upload, segmind, start_worker):
    def refuses_while_the_database_is_away(handler, received):
        cut_database()
        replies.error(429, retry_after="100")(handler, received)

    segmind.answers(refuses_while_the_database_is_away)
    start_worker(SEGMIND_READ_TIMEOUT="300", SQLITE_TIMEOUT="0.2", PGAPPNAME=WORKERS)
    upload(as_ana, ("a.png", a_picture()))
    until(lambda: UploadRequest.objects.filter(outcome=Outcome.RATE_LIMITED).exists())
    request = UploadRequest.objects.get()
    assert request.retry_at - request.started_at > timedelta(seconds=90)
    assert StoredFile.objects.get().state == State.QUEUED


def test_a_worker_that_is_stopped_while_it_sends_ends_soon_and_stores_nothing_twice(
    as_ana, upload, segmind, start_worker
):
    segmind.has_a_narrow_line()
    segmind.early_faults.append(replies.reads_slowly)
    process = start_worker(SEGMIND_READ_TIMEOUT="300")
    upload(as_ana, ("a.pdf", a_file_of(20_000_000)))
    until(lambda: StoredFile.objects.filter(state=State.SENDING).exists())
    process.terminate()
    assert process.wait(10) == 0
    assert StoredFile.objects.get().state == State.QUEUED
    assert set(UploadRequest.objects.values_list("outcome", flat=True)) == {Outcome.UNAVAILABLE}
    start_worker()
    until(all_stored)
    assert len(segmind.contents) == 1


def test_a_worker_that_was_paused_still_waits_for_the_answer(as_ana, upload, segmind, start_worker):
    def answers_after_a_pause(handler, received):
        worker.send_signal(signal.SIGSTOP)
        time.sleep(3)  # longer than the worker may wait
        worker.send_signal(signal.SIGCONT)
        time.sleep(0.5)
        replies.stored(handler, received)

    segmind.answers(answers_after_a_pause)
    worker = start_worker(SEGMIND_READ_TIMEOUT="2")
    upload(as_ana, ("a.png", a_picture()))
    until(all_stored)
    assert UploadRequest.objects.get().outcome == Outcome.STORED
