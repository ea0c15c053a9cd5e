"""Every fault by its name: the file ends stored, once in the library, and its neighbours are unharmed."""

import hashlib
import random
import socket

import pytest

from assets.models import Outcome, State, StoredFile, UploadRequest
from tests.conftest import age_requests
from tests.support import replies
from tests.support.factories import a_file_of, a_picture
from tests.worker.test_worker import start_worker, until

__all__ = ["start_worker"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

GOOD = 6
SIZE = 400_000  # more than the sockets' buffers hold, so that a break in the body is one


def upload_some(client, upload) -> None:
    answer = upload(client, *[(f"{number}.pdf", a_file_of(SIZE)) for number in range(GOOD)])
    assert {result["status"] for result in answer["results"]} == {"received"}


def everything_is_stored_and_right(segmind) -> None:
    files = list(StoredFile.objects.all())
    assert [file.state for file in files] == [State.STORED] * len(files), [file.error for file in files]
    for file in files:
        _, content = segmind.stored[file.url.removeprefix(segmind.address)]
        assert hashlib.sha256(content).hexdigest() == file.sha256


REPLIES = {
    "lost answer": (replies.cuts_after_storing, Outcome.UNKNOWN),
    "stalled answer": (replies.waits, Outcome.UNKNOWN),
    "slow drip": (replies.drips, Outcome.UNKNOWN),
    "400 with JSON of the authentication layer": (
        replies.raw(401, b'{"error":"x","error_description":"bad key","status_code":401}'),
        Outcome.ACCOUNT_REFUSED,
    ),
    "401": (replies.error(401), Outcome.ACCOUNT_REFUSED),
    "403": (replies.error(403), Outcome.ACCOUNT_REFUSED),
    "406": (replies.error(406, "Insufficient credits"), Outcome.ACCOUNT_REFUSED),
    "413": (replies.raw(413, b"<h1>x</h1>"), Outcome.TOO_LARGE),
    "429 with a reset": (replies.error(429, x_rate_limit_reset_at_utc="2020-01-01T00:00:00Z"), Outcome.RATE_LIMITED),
    "429 with Retry-After": (replies.error(429, retry_after="1"), Outcome.RATE_LIMITED),
    "429 with neither": (replies.error(429), Outcome.RATE_LIMITED),
    "500 with JSON": (replies.error(500), Outcome.UNAVAILABLE),
    "502 with HTML": (replies.raw(502, b"<h1>x</h1>"), Outcome.UNAVAILABLE),
    "503 without a body": (replies.raw(503, b""), Outcome.UNAVAILABLE),
    "504": (replies.error(504), Outcome.UNAVAILABLE),
    "invalid JSON": (replies.raw(200, b'{"urls": ['), Outcome.UNKNOWN),
    "fewer URLs than files": (replies.urls("https://images.segmind.com/1"), Outcome.UNKNOWN),
    "more URLs than files": (
        replies.urls(*[f"https://images.segmind.com/{n}" for n in range(GOOD + 1)]), Outcome.UNKNOWN,
    ),
    "a URL twice": (replies.urls(*["https://images.segmind.com/1"] * GOOD), Outcome.UNKNOWN),
    "a foreign host": (replies.urls(*[f"https://evil.example/{n}" for n in range(GOOD)]), Outcome.UNKNOWN),
    "a foreign scheme": (replies.urls(*[f"ftp://images.segmind.com/{n}" for n in range(GOOD)]), Outcome.UNKNOWN),
    "an answer of 100 MB": (replies.raw(200, b" " * 100_000_000), Outcome.UNKNOWN),
    "a redirect": (replies.raw(307, b"", location="/elsewhere"), Outcome.UNAVAILABLE),
    "405 with HTML": (replies.raw(405, b"<h1>405</h1>"), Outcome.UNAVAILABLE),
}  # fmt: skip


@pytest.mark.parametrize("name", REPLIES)
def test_every_file_is_stored_after_a_fault_in_the_response(as_ana, upload, segmind, work, settings, name):
    settings.SEGMIND_READ_TIMEOUT = 0.5 if name in ("stalled answer", "slow drip") else 5
    reply, outcome = REPLIES[name]
    segmind.answers(reply)
    upload_some(as_ana, upload)
    work()
    first = UploadRequest.objects.order_by("started_at").first()
    assert (first.outcome, first.file_count) == (outcome, GOOD)
    if StoredFile.objects.unfinished().exists():  # a pause that is kept: it is over now
        age_requests(minutes=3)
        work()
    everything_is_stored_and_right(segmind)
    # Twice at Segmind only what may have been stored when the answer was lost, which the ledger shows.
    once = set(segmind.contents)
    assert len(segmind.contents) == len(once) or outcome == Outcome.UNKNOWN


RUDE = {
    "reset before the body": (replies.resets_before_the_body, Outcome.UNAVAILABLE),
    "reset during the body": (replies.resets_during_the_body, Outcome.UNAVAILABLE),
    "stall during the body": (replies.stalls_during_the_body, Outcome.UNAVAILABLE),
    "413 before the body": (replies.refuses_before_the_body, None),
}


@pytest.mark.parametrize("name", RUDE)
def test_every_file_is_stored_after_a_fault_in_the_request_body(as_ana, upload, segmind, work, settings, name):
    settings.SEGMIND_CONNECT_TIMEOUT = 0.5
    fault, outcome = RUDE[name]
    segmind.early_faults.append(fault)
    upload_some(as_ana, upload)
    work()
    first = UploadRequest.objects.order_by("started_at").first()
    assert outcome is None or first.outcome == outcome
    everything_is_stored_and_right(segmind)
    assert len(segmind.contents) == GOOD


def test_files_wait_while_segmind_cannot_be_reached(as_ana, upload, segmind, work, settings):
    right = settings.SEGMIND_UPLOAD_URL
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        wrong = {
            "refused": f"http://127.0.0.1:{port}/upload-asset",
            "no such name": "https://segmind.invalid/upload-asset",
            "no TLS": segmind.upload_url.replace("http:", "https:"),
        }
        settings.SEGMIND_RETRY_SECONDS = 60
        upload_some(as_ana, upload)
        for address in wrong.values():
            settings.SEGMIND_UPLOAD_URL = address
            work()
            age_requests(minutes=20)
    assert set(UploadRequest.objects.values_list("outcome", flat=True)) == {Outcome.UNAVAILABLE}
    assert UploadRequest.objects.count() == len(wrong)
    settings.SEGMIND_UPLOAD_URL = right
    work()
    everything_is_stored_and_right(segmind)


def test_a_file_that_breaks_every_request_does_not_stop_the_others(as_ana, upload, segmind, work, settings):
    poison = a_picture()

    def chokes(handler, received):
        if any(content == poison for _, content in received.files):
            handler.answer(500, {"error": "Internal error"})
        else:
            replies.stored(handler, received)

    segmind.always = chokes
    upload(as_ana, ("poison.png", poison), *[(f"{n}.png", a_picture()) for n in range(20)])
    settings.SEGMIND_RETRY_SECONDS = 60
    for _ in range(12):
        work()
        age_requests(minutes=11)
    assert StoredFile.objects.filter(state=State.STORED).count() == 20
    assert StoredFile.objects.unfinished().get().sha256 == hashlib.sha256(poison).hexdigest()


def test_hundreds_of_files_survive_random_faults_and_killed_workers(as_ana, upload, segmind, start_worker):
    """A soak, bounded: two hundred files, a third of the answers bad, workers killed on the way."""
    from django.db import connection

    dice = random.Random(20261123)
    # Not those that pause the queue, nor 413, which is the end of a file that is alone in its request.
    bad = [reply for name, (reply, _) in REPLIES.items() if name[:3] not in ("400", "401", "403", "406", "413", "429")]
    # Nor made-up URLs, whose number is right for a request of another size; one too few is made for each instead.
    made_up = {REPLIES[name][0] for name in ("fewer URLs than files", "more URLs than files")}
    bad = [reply for reply in bad if reply not in {replies.waits, replies.drips, *made_up}] + [replies.one_url_less]

    def moody(handler, received):
        (dice.choice(bad) if dice.random() < 0.33 else replies.stored)(handler, received)

    segmind.always = moody
    count = 3 if connection.vendor == "postgresql" else 1
    workers = [start_worker(SEGMIND_MAX_REQUEST_FILES="7") for _ in range(count)]
    for start in range(0, 200, 40):
        upload(as_ana, *[(f"{start + n}.pdf", a_file_of(2000)) for n in range(40)])
        workers[0].kill()
        workers[0] = start_worker(SEGMIND_MAX_REQUEST_FILES="7")
    until(lambda: not StoredFile.objects.exclude(state=State.STORED).exists(), seconds=90)
    everything_is_stored_and_right(segmind)
    traced = UploadRequest.objects.exclude(outcome__in=[Outcome.REJECTED, Outcome.RATE_LIMITED])
    for digest in set(segmind.contents):
        assert segmind.contents.count(digest) <= traced.filter(files__sha256=digest).count()
