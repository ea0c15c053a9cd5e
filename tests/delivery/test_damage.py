"""Originals that change after they were received: they are not sent, and uploading the same file again mends them."""

import hashlib
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from assets.delivery import run
from assets.delivery.record import record_failure
from assets.models import LinkStatus, Outcome, State, StoredFile, UploadRequest
from assets.segmind.responses import DamagedFileError
from tests.conftest import age_requests
from tests.support.factories import a_file_of, a_picture, damage

pytestmark = pytest.mark.django_db(transaction=True)

DAMAGED = "The copy on this server is damaged. Upload the file again."


def make_unreadable(file: StoredFile) -> None:
    path = Path(file.original.path)
    path.unlink()
    path.mkdir()


WAYS = {
    "flipped": damage,
    "longer": lambda file: Path(file.original.path).write_bytes(b"x" * (file.size + 1)),
    "empty": lambda file: Path(file.original.path).write_bytes(b""),
    "missing": lambda file: Path(file.original.path).unlink(),
    "unreadable": make_unreadable,
}


@pytest.mark.parametrize("way", WAYS)
def test_a_damaged_original_is_not_sent_and_its_neighbours_are(as_ana, upload, segmind, work, way):
    contents = [a_picture() for _ in range(5)]
    upload(as_ana, *[(f"{number}.png", content) for number, content in enumerate(contents)])
    files = list(StoredFile.objects.oldest_first())
    for file in (files[1], files[4]):
        WAYS[way](file)
    work()
    states = [(file.state, file.error) for file in StoredFile.objects.oldest_first()]
    assert states == [("stored", ""), ("failed", DAMAGED), ("stored", ""), ("stored", ""), ("failed", DAMAGED)]
    assert segmind.contents == [hashlib.sha256(contents[number]).hexdigest() for number in (0, 2, 3)]
    assert [len(received.files) for received in segmind.received] == [3]
    assert [request.outcome for request in UploadRequest.objects.latest_first()] == [Outcome.STORED, Outcome.REJECTED]


def test_a_large_damaged_file_does_not_reach_segmind_whole(as_ana, upload, segmind, work):
    upload(as_ana, ("a.pdf", a_file_of(3_000_000)))
    damage(StoredFile.objects.get())
    work()
    assert segmind.received == []
    assert StoredFile.objects.get().error == DAMAGED


def test_uploading_a_file_again_mends_its_damaged_original_before_it_is_sent(as_ana, as_ben, upload, segmind, work):
    content = a_picture()
    upload(as_ana, ("a.png", content))
    damage(StoredFile.objects.get())
    upload(as_ben, ("b.png", content))
    work()
    assert segmind.contents == [hashlib.sha256(content).hexdigest()]
    assert StoredFile.objects.get().link_status == LinkStatus.VERIFIED


@pytest.mark.parametrize("way", WAYS)
def test_uploading_a_file_again_queues_one_that_failed_because_of_damage(as_ana, as_ben, upload, segmind, work, way):
    content = a_picture()
    upload(as_ana, ("a.png", content))
    WAYS[way](StoredFile.objects.get())
    work()
    upload(as_ben, ("b.png", content))
    work()
    file = StoredFile.objects.get()
    assert (file.state, bool(file.preview)) == (State.STORED, True)
    assert segmind.contents == [hashlib.sha256(content).hexdigest()]


def test_the_preview_of_a_damaged_original_is_made_again(as_ana, upload, segmind, work):
    content, other = a_picture(format="BMP", text="right"), a_picture(format="BMP", text="wrong")
    upload(as_ana, ("a.bmp", content))
    Path(StoredFile.objects.get().original.path).write_bytes(other)
    work()
    preview = Path(StoredFile.objects.get().preview.path)
    of_other = preview.read_bytes()
    upload(as_ana, ("a.bmp", content))
    work()
    assert preview.read_bytes() != of_other


def test_a_file_that_is_uploaded_again_while_its_damaged_original_is_being_sent_is_not_lost(
    as_ana, as_ben, upload, segmind, work
):
    content = a_file_of(3_000_000)

    def uploads_again(handler) -> None:
        try:
            upload(as_ben, ("b.pdf", content))
        finally:
            connection.close()
        assert len(handler.rfile.read()) < int(handler.headers["content-length"])
        handler.hang_up()

    upload(as_ana, ("a.pdf", content))
    damage(StoredFile.objects.get())
    segmind.has_a_narrow_line()
    segmind.early_faults.append(uploads_again)
    work()
    age_requests(minutes=2)
    work()
    assert UploadRequest.objects.earliest("started_at").outcome == Outcome.UNAVAILABLE
    assert segmind.contents == [hashlib.sha256(content).hexdigest()]


def test_a_file_that_is_uploaded_again_before_its_damage_is_recorded_is_not_lost(as_ana, upload, segmind, work):
    content = a_picture()
    upload(as_ana, ("a.png", content))
    damage(StoredFile.objects.get())
    exchange = run.claim_next()
    upload(as_ana, ("a.png", content))
    with transaction.atomic():
        record_failure(exchange, DamagedFileError([0]), timezone.now())
    work()
    assert segmind.contents == [hashlib.sha256(content).hexdigest()]
