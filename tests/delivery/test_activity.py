"""What the queue says of itself: page, JSON, command, notice; and the words that make it go on."""

import json
from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone

from assets.delivery import rate_limit
from assets.delivery.status import end_pause
from assets.models import State, StoredFile, WorkerHeartbeat
from tests.conftest import client_of
from tests.support import replies
from tests.support.factories import a_file_of, a_picture, a_stored_file, an_administrator, an_asset

pytestmark = pytest.mark.django_db(transaction=True)

JSON = {"accept": "application/json"}
QUIET = {
    "queued": 0, "sending": 0, "failed": 0, "requests_in_window": 0, "requests_per_window": 1000,
    "next_request_at": None, "paused": None, "done_at": None,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _no_cached_notice():
    cache.clear()


@pytest.fixture
def alive():
    WorkerHeartbeat.objects.beat("w", timezone.now())


@pytest.fixture
def as_root():
    return client_of(an_administrator())


def test_a_quiet_queue(as_ana):
    assert as_ana.get("/activity/", headers=JSON).json() == QUIET
    assert "Queue is empty" in as_ana.get("/activity/").content.decode()


def test_waiting_files_are_counted_and_their_end_is_estimated(as_ana, upload, segmind, work, alive, settings):
    settings.SEGMIND_REQUESTS_PER_MINUTE = 2
    settings.SEGMIND_MAX_REQUEST_FILES = 5
    settings.SEGMIND_MAX_REQUEST_BYTES = 100_000
    settings.UPLOAD_MEDIA_TYPES = ["application/gzip"]  # no previews: what is timed here is the queue
    files = [(f"{i}.gz", b"\x1f\x8b\x08\x00" + a_file_of(996)) for i in range(33)]
    upload(as_ana, *files, ("big.gz", b"\x1f\x8b\x08\x00" + a_file_of(90_000)))
    work()
    # Two requests of five are gone; 23 small files and the large one take five and one more.
    answer = as_ana.get("/activity/", headers=JSON).json()
    assert (answer["queued"], answer["requests_in_window"], answer["requests_per_window"]) == (24, 2, 2)
    assert answer["paused"] is None
    opens, done = datetime.fromisoformat(answer["next_request_at"]), datetime.fromisoformat(answer["done_at"])
    assert timedelta(seconds=50) < opens - timezone.now() < timedelta(seconds=62)
    # Six requests, two in a window: three windows, of which the first opens after one.
    assert timedelta(seconds=170) < done - timezone.now() < timedelta(seconds=200)
    page = as_ana.get("/activity/").content.decode()
    assert "Next request at" in page
    assert "Done at about" in page


def test_the_command_prints_the_same_status(as_ana, upload, alive, capsys):
    upload(as_ana, ("a.png", a_picture()))
    call_command("upload_status", "--json")
    said = json.loads(capsys.readouterr().out)
    asked = as_ana.get("/activity/", headers=JSON).json()
    assert {name: value for name, value in said.items() if not name.endswith("_at")} == {
        name: value for name, value in asked.items() if not name.endswith("_at")
    }
    call_command("upload_status")
    assert "1 waiting, 0 sending, 0 failed" in capsys.readouterr().out


def test_a_missing_worker_is_the_reason_for_a_pause(as_ana, upload, capsys):
    upload(as_ana, ("a.png", a_picture()))
    assert "No worker is running" in as_ana.get("/activity/", headers=JSON).json()["paused"]["reason"]
    call_command("upload_status")
    printed = capsys.readouterr().out
    assert "No worker is running" in printed
    assert "Done at" not in printed


def test_administrators_see_a_refused_account_on_every_page_and_can_end_the_pause(
    as_ana, as_root, upload, segmind, work, alive
):
    segmind.answers(replies.error(406, "Insufficient credits"))
    upload(as_ana, ("a.png", a_picture()))
    work()
    reason = as_ana.get("/activity/", headers=JSON).json()["paused"]["reason"]
    assert reason == "Segmind refused the account: Insufficient credits"
    for address in ["/", "/upload/", "/activity/", "/trash/", "/admin/", "/admin/assets/asset/"]:
        assert reason in as_root.get(address).content.decode()
    assert reason not in as_ana.get("/").content.decode().replace("card-reason", "")
    assert as_ana.post("/activity/try-now/").status_code == 403
    work()
    assert len(segmind.received) == 1
    as_root.post("/activity/try-now/")
    work()
    assert StoredFile.objects.get().state == State.STORED
    cache.clear()
    assert "paused" not in as_root.get("/").content.decode()


def test_pauses_of_a_refused_account_grow(as_ana, upload, segmind, work, alive):
    segmind.always = replies.error(401, "No")
    upload(as_ana, ("a.png", a_picture()))
    pauses = []
    for _ in range(3):
        work()
        now = timezone.now()
        pauses.append(rate_limit.get_pause(now).until - now)
        end_pause(now)
    work()
    now = timezone.now()
    assert rate_limit.get_pause(now).until - now > pauses[0] * 4


def test_failed_files_can_be_retried_one_by_one_selected_or_all(as_ana, as_ben, as_root, ana):
    entries = [an_asset(owner=ana, stored_file=a_stored_file(state=State.FAILED)) for _ in range(4)]
    states = StoredFile.objects.filter(assets__in=entries)
    page = as_ana.get("/activity/").content.decode()
    assert "Segmind refused the file" in page
    assert "Retry all" in page
    as_ben.post("/activity/retry/")
    as_ben.post(f"/assets/{entries[0].pk}/retry/")
    assert states.failed().count() == 4
    as_ana.post(f"/assets/{entries[0].pk}/retry/")
    as_ana.post("/activity/retry/", {"id": [str(entries[1].pk), "nonsense"]})
    assert states.failed().count() == 2
    as_root.post("/activity/retry/")
    assert states.failed().count() == 0


def test_private_files_of_others_are_counted_but_not_named(as_ana, as_ben, upload, alive):
    upload(as_ana, ("secret plan.png", a_picture()), visibility="private")
    assert "secret plan" in as_ana.get("/activity/").content.decode()
    assert "secret plan" not in as_ben.get("/activity/").content.decode()
    assert as_ben.get("/activity/", headers=JSON).json()["queued"] == 1


def test_only_administrators_see_upload_requests_and_can_filter_them(as_ana, as_root, upload, segmind, work):
    segmind.answers(replies.error(503, "Busy bees"))
    upload(as_ana, ("a.png", a_picture()))
    work()
    assert "Busy bees" not in as_ana.get("/activity/").content.decode()
    assert "Busy bees" in as_root.get("/activity/").content.decode()
    assert "Busy bees" in as_root.get("/activity/?outcome=unavailable").content.decode()
    assert "Busy bees" not in as_root.get("/activity/?outcome=stored").content.decode()
    assert as_root.get("/activity/?outcome=nonsense").status_code == 200
