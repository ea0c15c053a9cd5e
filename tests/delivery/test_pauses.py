"""When nothing is sent: the rate, the server's word on when to come back, an account that is refused."""

from datetime import timedelta

import pytest
from django.utils import timezone

from assets.delivery import rate_limit, run
from assets.models import DeliveryRun, Outcome, State, StoredFile, UploadRequest
from tests.conftest import age_requests
from tests.support import replies
from tests.support.factories import a_picture
from tests.support.segmind_server import KEY

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_the_rate_limit_is_kept_and_waiting_files_go_when_the_window_opens(as_ana, upload, segmind, work, settings):
    settings.SEGMIND_REQUESTS_PER_MINUTE = 2
    settings.SEGMIND_MAX_REQUEST_FILES = 1
    upload(as_ana, *[(f"{i}.png", a_picture()) for i in range(5)])
    work()
    assert len(segmind.received) == 2
    # The next look is a planned task; nobody polls.
    opens = UploadRequest.objects.latest_first().last().finished_at + timedelta(seconds=61)
    assert timezone.now() < DeliveryRun.objects.earliest("at").at <= opens
    age_requests(seconds=62)
    work()
    assert len(segmind.received) == 4


def test_a_refused_account_pauses_the_queue_and_fails_no_file(as_ana, upload, segmind, work):
    segmind.answers(replies.error(406, "Insufficient credits"))
    upload(as_ana, ("a.png", a_picture()))
    work()
    upload(as_ana, ("b.png", a_picture()))
    work()
    assert len(segmind.received) == 1
    assert set(StoredFile.objects.values_list("state", flat=True)) == {State.QUEUED}
    held = rate_limit.get_pause(timezone.now())
    assert (held.outcome, held.reason) == (Outcome.ACCOUNT_REFUSED, "Insufficient credits")
    age_requests(seconds=60)
    work()
    assert not StoredFile.objects.exclude(state=State.STORED).exists()


def test_a_new_key_ends_the_pause(as_ana, upload, segmind, work, settings):
    settings.SEGMIND_API_KEY = "SG_ffffffffffffffff"
    segmind.answers(replies.error(401, "Invalid key"))
    upload(as_ana, ("a.png", a_picture()))
    work()
    segmind.violations.clear()  # the wrong key was the point
    assert rate_limit.get_pause(timezone.now())
    settings.SEGMIND_API_KEY = KEY
    assert rate_limit.get_pause(timezone.now()) is None


def test_the_reset_time_of_the_server_is_respected(as_ana, upload, segmind, work):
    reset = timezone.now() + timedelta(seconds=40)
    segmind.answers(replies.error(429, x_rate_limit_reset_at_utc=reset.isoformat()))
    upload(as_ana, ("a.png", a_picture()))
    work()
    assert reset <= rate_limit.get_pause(timezone.now()).until <= reset + timedelta(seconds=5)
    age_requests(seconds=30)
    assert rate_limit.get_pause(timezone.now())


def test_a_success_of_an_earlier_request_does_not_end_a_rate_limit(as_ana, upload, segmind, settings):
    settings.SEGMIND_MAX_REQUEST_FILES = 1
    upload(as_ana, *((f"{number}.png", a_picture()) for number in range(3)))
    refused, on_its_way = (run.claim_next() for _ in range(2))
    reset = timezone.now() + timedelta(seconds=40)
    segmind.answers(replies.error(429, x_rate_limit_reset_at_utc=reset.isoformat()))
    run.send(refused)
    run.send(on_its_way)
    assert StoredFile.objects.filter(state=State.STORED).count() == 1
    assert reset <= rate_limit.get_pause(timezone.now()).until <= reset + timedelta(seconds=5)
    assert run.claim_next() is None


def test_a_reset_time_in_the_past_does_not_shorten_pauses(as_ana, upload, segmind, work, settings):
    settings.SEGMIND_RETRY_SECONDS = 2
    segmind.always = replies.error(429, x_rate_limit_reset_at_utc="2020-01-01T00:00:00Z")
    upload(as_ana, ("a.png", a_picture()))
    pauses = []
    for _ in range(4):
        work()
        pauses.append(rate_limit.get_pause(timezone.now()).until - timezone.now())
        age_requests(minutes=2)
    assert len(segmind.received) == 4
    assert pauses[0] > timedelta(seconds=1)
    assert pauses[3] > timedelta(seconds=12)


def test_a_reset_time_hours_away_does_not_stop_the_queue_for_hours(as_ana, upload, segmind, work):
    reset = timezone.now() + timedelta(hours=5)
    segmind.answers(replies.error(429, x_rate_limit_reset_at_utc=reset.isoformat()))
    upload(as_ana, ("a.png", a_picture()))
    work()
    assert rate_limit.get_pause(timezone.now()).until < timezone.now() + timedelta(minutes=11)
