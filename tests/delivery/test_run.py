"""From the queue to Segmind and back, with a real server on the other side."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from assets.delivery import run
from assets.delivery.run import plan_delivery
from assets.models import Asset, DeliveryRun, Outcome, State, StoredFile, UploadRequest
from tests.conftest import age_requests
from tests.support import replies
from tests.support.factories import a_file_of, a_picture, a_request, a_stored_file, an_asset

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_received_file_gets_its_url_and_its_preview(as_ana, upload, segmind, work):
    content = a_picture(size=(2000, 1000))
    asset = upload(as_ana, ("a.png", content))["results"][0]["asset"]
    work()
    asset = as_ana.get(asset["page"], headers={"accept": "application/json"}).json()
    assert asset["state"] == "stored"
    assert segmind.stored[asset["url"].removeprefix(segmind.address)] == ("image/png", content)
    preview = as_ana.get(asset["preview"])
    assert preview["content-type"] == "image/webp"
    assert b"".join(preview.streaming_content)[8:12] == b"WEBP"


def test_files_of_several_people_share_a_request_oldest_first(as_ana, as_ben, upload, segmind, work):
    upload(as_ana, ("a.png", a_picture()), ("b.png", a_picture()))
    upload(as_ben, ("c.png", a_picture()))
    work()
    (request,) = segmind.received
    oldest = StoredFile.objects.oldest_first().values_list("sha256", flat=True)
    assert request.hashes == list(oldest)
    row = UploadRequest.objects.get()
    assert (row.outcome, row.status, row.file_count, row.body_bytes) == ("stored", 200, 3, len(request.body))


def test_requests_keep_to_the_size_and_count_limits(as_ana, upload, segmind, work, settings):
    settings.SEGMIND_MAX_REQUEST_BYTES = 10_000
    settings.SEGMIND_MAX_REQUEST_FILES = 3
    upload(as_ana, *[(f"{i}.pdf", a_file_of(1000)) for i in range(7)], ("big.pdf", a_file_of(20_000)))
    work()
    assert sorted(len(r.files) for r in segmind.received) == [1, 1, 3, 3]
    assert all(len(r.body) <= 10_000 or len(r.files) == 1 for r in segmind.received)
    assert not StoredFile.objects.exclude(state=State.STORED).exists()


@pytest.mark.slow
def test_one_bad_file_among_twenty_is_found_and_the_others_are_stored(as_ana, upload, segmind, work):
    bad = a_picture()
    files = [(f"{i}.png", a_picture()) for i in range(20)]
    files[13] = ("bad.png", bad)
    segmind.always = replies.refuses(bad)
    upload(as_ana, *files)
    work()
    assert StoredFile.objects.filter(state=State.STORED).count() == 20 - 1
    assert StoredFile.objects.get(state=State.FAILED).error == "Segmind refused the file: Invalid image"
    assert len(segmind.received) <= 11
    assert len(segmind.contents) == len(set(segmind.contents))


@pytest.mark.slow
def test_two_bad_files_are_found(as_ana, upload, segmind, work):
    bad = [a_picture(), a_picture()]

    def refuses_both(handler, received):
        if any(content in bad for _, content in received.files):
            handler.answer(422, {"error": "Bad"})
        else:
            replies.stored(handler, received)

    segmind.always = refuses_both
    upload(as_ana, *[(f"{i}.png", a_picture()) for i in range(8)], *[("bad.png", content) for content in bad])
    work()
    assert StoredFile.objects.filter(state=State.STORED).count() == 8
    assert StoredFile.objects.filter(state=State.FAILED).count() == 2


@pytest.mark.slow
def test_many_bad_files_of_one_person_do_not_delay_a_good_one_of_another(
    as_ana, as_ben, upload, segmind, work, settings
):
    bad = {a_picture() for _ in range(12)}

    def picky(handler, received):
        if any(content in bad for _, content in received.files):
            handler.answer(400, {"error": "Bad"})
        else:
            replies.stored(handler, received)

    settings.SEGMIND_REQUESTS_PER_MINUTE = 3
    segmind.always = picky
    upload(as_ana, *[("bad.png", content) for content in bad])
    work()
    upload(as_ben, ("good.png", a_picture()))
    age_requests(minutes=2)
    work()
    assert StoredFile.objects.get(state=State.STORED).assets.get().owner.username == "ben"
    settings.SEGMIND_REQUESTS_PER_MINUTE = 1000
    age_requests(minutes=2)
    work()
    assert StoredFile.objects.failed().count() == 12
    assert len(segmind.received) <= 2 * 12 + 20


@pytest.mark.slow
def test_a_body_that_is_too_large_is_split(as_ana, upload, segmind, work):
    def at_most(handler, received):
        if len(received.body) > 30_000:
            handler.send(413, b"<h1>Too large</h1>", {})
        else:
            replies.stored(handler, received)

    segmind.always = at_most
    upload(as_ana, *[(f"{i}.pdf", a_file_of(5_000)) for i in range(12)], ("big.pdf", a_file_of(40_000)))
    work()
    assert StoredFile.objects.filter(state=State.STORED).count() == 12
    assert "too large" in StoredFile.objects.get(state=State.FAILED).error


@pytest.mark.parametrize(
    "reply",
    [
        replies.error(500), replies.raw(502, b"<h1>x</h1>"), replies.raw(503, b""), replies.raw(302, b"", location="/"),
        replies.hangs_up, replies.cuts_after_storing, replies.raw(200, b"<h1>x</h1>"),
        replies.urls("https://evil.example/1"), replies.urls(),
    ],
)  # fmt: skip
def test_a_file_is_sent_again_after_a_problem_at_segmind(as_ana, upload, segmind, work, reply):
    segmind.answers(reply)
    asset = upload(as_ana, ("a.png", a_picture()))["results"][0]["asset"]
    work()
    asset = as_ana.get(asset["page"], headers={"accept": "application/json"}).json()
    assert (asset["state"], asset["error"]) == ("stored", None)
    outcomes = list(UploadRequest.objects.order_by("started_at").values_list("outcome", flat=True))
    assert outcomes[-1] == "stored"
    assert outcomes[0] in ("unavailable", "unknown")


def test_a_lost_response_can_be_traced_to_its_files(as_ana, upload, segmind, work):
    segmind.answers(replies.cuts_after_storing)
    upload(as_ana, ("a.png", a_picture()))
    work()
    lost = UploadRequest.objects.get(outcome=Outcome.UNKNOWN)
    assert list(lost.files.all()) == [StoredFile.objects.get()]


def test_a_file_fails_after_several_responses_that_make_no_sense(as_ana, upload, segmind, work):
    answers = []

    def stores_and_tells_nothing(handler, received):
        answers.append(received)
        if len(answers) == 5:  # what this request then finds is from before
            StoredFile.objects.update(queued_at=timezone.now() - timedelta(minutes=16))
            connection.close()  # this is the server's thread
        handler.answer(200, {})

    segmind.always = stores_and_tells_nothing
    upload(as_ana, ("a.png", a_picture()))
    work()
    file = StoredFile.objects.get()
    assert file.state == State.FAILED
    assert "Failed after 6 attempts" in file.error


def test_a_person_can_retry_a_failed_file(as_ana, upload, segmind, work):
    segmind.answers(replies.error(400, "Not today"))
    asset = upload(as_ana, ("a.png", a_picture()))["results"][0]["asset"]
    work()
    page = as_ana.get(asset["page"]).content.decode()
    assert "Segmind refused the file: Not today" in page
    assert "Retry upload" in page
    as_ana.post(f"{asset['page']}retry/")
    work()
    assert StoredFile.objects.get().state == State.STORED


def test_a_missing_original_fails_with_a_reason_and_the_others_are_stored(as_ana, upload, segmind, work):
    upload(as_ana, ("a.png", a_picture()), ("b.png", a_picture()), ("c.png", a_picture()))
    lost = StoredFile.objects.oldest_first()[1]
    lost.original.storage.delete(lost.original.name)
    work()
    assert StoredFile.objects.filter(state=State.STORED).count() == 2
    lost.refresh_from_db()
    assert lost.state == State.FAILED
    assert "Upload the file again" in lost.error


def test_files_of_a_dead_worker_are_sent_again_after_its_lease(segmind, work, ana):
    gone = a_request(worker="elsewhere", lease_expires_at=timezone.now() - timedelta(seconds=1))
    file = a_stored_file(state=State.SENDING, request=gone)
    an_asset(owner=ana, stored_file=file)
    plan_delivery(timezone.now())
    work()
    file.refresh_from_db()
    gone.refresh_from_db()
    assert (file.state, gone.outcome) == (State.STORED, Outcome.UNKNOWN)


def test_a_running_lease_is_respected(segmind, work, ana):
    held = a_request(worker="elsewhere", lease_expires_at=timezone.now() + timedelta(seconds=60))
    a_stored_file(state=State.SENDING, request=held)
    plan_delivery(timezone.now())
    work()
    assert segmind.received == []
    assert DeliveryRun.objects.get().at == held.lease_expires_at


def test_a_response_after_the_lease_still_counts(as_ana, upload, segmind, work):
    """The worker was slow, another took its files back to the queue; nobody has sent them again yet."""

    def lease_runs_out(handler, received):
        row = UploadRequest.objects.get()
        row.finish(timezone.now(), Outcome.UNKNOWN)
        StoredFile.objects.held_by(row).requeue(timezone.now() + timedelta(minutes=1))
        connection.close()  # this is the server's thread
        replies.stored(handler, received)

    segmind.answers(lease_runs_out)
    upload(as_ana, ("a.png", a_picture()))
    work()
    assert StoredFile.objects.get().state == State.STORED
    assert UploadRequest.objects.get().outcome == Outcome.STORED
    assert len(segmind.received) == 1


def test_a_request_that_was_closed_before_it_started_sends_nothing(as_ana, upload, segmind):
    """The worker slept between the claim and the first byte; another may be sending its files already."""
    upload(as_ana, ("a.png", a_picture()))
    exchange = run.claim_next()
    exchange.request.finish(timezone.now(), Outcome.UNKNOWN)
    StoredFile.objects.held_by(exchange.request).requeue(timezone.now())
    run.send(exchange)
    assert segmind.received == []
    assert StoredFile.objects.get().state == State.QUEUED


def test_originals_are_deleted_if_they_are_not_kept(as_ana, upload, segmind, work, settings):
    settings.KEEP_ORIGINALS = False
    content = a_picture()
    upload(as_ana, ("a.png", content), ("b.pdf", a_file_of(100)))
    work()
    for file in StoredFile.objects.all():
        assert (file.state, file.original) == (State.STORED, "")
        assert not file.original.storage.exists(f"originals/{file.sha256[:2]}/{file.sha256}")
    assert upload(as_ana, ("a.png", content))["results"][0]["status"] == "known"
    work()
    assert len(segmind.received) == 1


def test_an_asset_of_known_content_has_its_url_at_once(as_ana, as_ben, upload, segmind, work):
    content = a_picture()
    upload(as_ana, ("a.png", content), visibility="private")
    work()
    asset = upload(as_ben, ("b.png", content))["results"][0]["asset"]
    assert asset["url"] == StoredFile.objects.get().url
    work()
    assert len(segmind.received) == 1
    assert Asset.objects.count() == 2
