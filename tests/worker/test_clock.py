"""A clock that is set back or forward neither stops the queue nor sends anything twice."""

import time
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from assets.models import DeliveryRun, LinkHost, State, StoredFile, UploadRequest, WorkerHeartbeat
from assets.models.tasks import AT_ONCE
from tests.support.factories import a_picture, a_request, a_stored_file

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)


def set_the_clock_back() -> None:
    """For every row alike: what was just now is in an hour."""
    columns = {
        UploadRequest: ("started_at", "lease_expires_at", "finished_at", "retry_at", "verify_at"),
        StoredFile: ("created_at", "queued_at", "next_attempt_at", "preview_at", "stored_at"),
        DeliveryRun: ("at",),
        LinkHost: ("free_at",),
        WorkerHeartbeat: ("seen_at",),
        DBTaskResult: ("enqueued_at", "started_at", "finished_at"),
    }
    for model, names in columns.items():
        for name in names:
            model.objects.filter(**{f"{name}__isnull": False}).update(**{name: F(name) + HOUR})
    DBTaskResult.objects.filter(run_after__lt=AT_ONCE).update(run_after=F("run_after") + HOUR)


@pytest.fixture
def work_for_a_while(work):
    def wait() -> None:
        until = time.monotonic() + 5
        while time.monotonic() < until and StoredFile.objects.unfinished().exists():
            work()
            time.sleep(0.1)

    return wait


def test_a_clock_set_back_stops_neither_the_queue_nor_verifications(
    as_ana, upload, segmind, settings, work, work_for_a_while
):
    settings.SEGMIND_REQUESTS_PER_MINUTE, settings.SEGMIND_RATE_WINDOW_SECONDS = 1, 0
    segmind.host_status = 503  # so that the verification is planned for later
    upload(as_ana, ("a.png", a_picture()))
    work()
    upload(as_ana, ("b.png", a_picture()))
    segmind.host_status = 200
    set_the_clock_back()
    work_for_a_while()
    work()
    assert set(StoredFile.objects.values_list("state", "link_status")) == {(State.STORED, "verified")}


@pytest.mark.parametrize("when", ["the file", "the ledger"])
def test_people_are_told_of_a_clock_that_was_set_back(as_ana, client, when):
    later = timezone.now() + HOUR
    if when == "the file":
        a_stored_file(created_at=later)
    else:
        a_request(started_at=later)
    sentence = "the latest upload seems to be 60 minutes in the future"
    assert sentence in as_ana.get("/activity/").content.decode()
    assert any(sentence in warning for warning in client.get("/readyz").json()["warnings"])


def test_a_heartbeat_from_the_future_is_not_that_of_a_living_worker(client):
    WorkerHeartbeat.objects.beat("gone", timezone.now() + HOUR)
    assert client.get("/readyz").status_code == 503


def test_a_living_worker_keeps_its_files_though_a_clock_was_set_forward(segmind, work):
    request = a_request(worker="elsewhere", lease_expires_at=timezone.now() - HOUR)
    a_stored_file(content=a_picture(), state=State.SENDING, request=request)
    WorkerHeartbeat.objects.beat("elsewhere", timezone.now() - HOUR)
    work()
    assert StoredFile.objects.get().state == State.SENDING
    WorkerHeartbeat.objects.all().delete()  # as when it ends, or is found silent
    DBTaskResult.objects.filter(status="READY").update(run_after=timezone.now())  # the next look is in ten seconds
    work()
    assert StoredFile.objects.get().state == State.STORED
