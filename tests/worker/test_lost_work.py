"""What follows from the state of rows is done in the end, whatever has become of its task."""

import hashlib
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from assets.delivery import run
from assets.models import LinkStatus, StoredFile, UploadRequest
from assets.previews import limited_process
from tests.support import replies
from tests.support.factories import a_file_of, a_picture
from tests.support.trouble import WORKERS, cut_database
from tests.worker.test_worker import start_worker, until

__all__ = ["start_worker"]

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE_AGO = timedelta(minutes=1)


def every_url_is_verified_and_right(segmind) -> bool:
    files = list(StoredFile.objects.all())
    return all(
        file.link_status == LinkStatus.VERIFIED
        and hashlib.sha256(segmind.stored[file.url.removeprefix(segmind.address)][1]).hexdigest() == file.sha256
        for file in files
    )


@pytest.mark.slow
def test_a_database_that_goes_away_during_verification_leaves_no_wrong_url(as_ana, upload, segmind, start_worker):
    segmind.answers(replies.stored_out_of_order)
    cuts = iter(range(3))

    def goes_away(handler):
        if handler.command == "GET" and next(cuts, None) is not None:
            cut_database()

    segmind.on_serve = goes_away
    for _ in range(3 if connection.vendor == "postgresql" else 1):
        start_worker(SQLITE_TIMEOUT="0.2", PGAPPNAME=WORKERS)
    upload(as_ana, *[(f"{size}.pdf", a_file_of(size)) for size in (9000, 9000, 3000)])
    until(lambda: StoredFile.objects.exclude(url="").count() == 3)
    until(lambda: every_url_is_verified_and_right(segmind), seconds=40)
    assert next(cuts, None) is None


def test_a_late_answer_in_another_order_gives_no_file_the_url_of_another(as_ana, upload, segmind, work, settings):
    taken = []

    def comes_too_late(handler, received):
        UploadRequest.objects.update(lease_expires_at=timezone.now() - MINUTE_AGO)
        settings.SEGMIND_MAX_REQUEST_FILES = 1
        taken.append(run.claim_next())  # by another worker
        connection.close()  # this thread's own
        replies.stored_out_of_order(handler, received)

    upload(as_ana, *[(f"{size}.pdf", a_file_of(size)) for size in (1000, 2000)])
    segmind.answers(comes_too_late)
    run.send(run.claim_next())
    run.send(taken[0])
    work()
    assert every_url_is_verified_and_right(segmind)


@pytest.mark.parametrize("left", [[], ["FAILED"]])
def test_verifications_whose_task_is_lost_are_found_again(as_ana, upload, segmind, work, left):
    segmind.answers(replies.stored_out_of_order)
    segmind.host_status = 503
    upload(as_ana, *[(f"{size}.pdf", a_file_of(size)) for size in (1000, 2000, 3000)])
    work()
    segmind.host_status = 200
    tasks = DBTaskResult.objects.filter(task_path="assets.delivery.verify.verify")
    tasks.update(status="FAILED", finished_at=timezone.now())
    tasks.exclude(status__in=left).delete()
    UploadRequest.objects.update(verify_at=timezone.now() - MINUTE_AGO)
    work()
    assert every_url_is_verified_and_right(segmind)
    assert not DBTaskResult.objects.filter(status="FAILED").exists()
    assert UploadRequest.objects.get().verify_at is None


def test_a_finished_library_costs_the_search_for_lost_work_one_look(as_ana, upload, segmind, work):
    upload(as_ana, ("a.png", a_picture()))
    work()
    assert not UploadRequest.objects.exclude(verify_at=None).exists()
    assert not StoredFile.objects.exclude(preview_at=None).exists()


def test_a_preview_whose_task_is_lost_is_found_again(as_ana, upload, segmind, work):
    upload(as_ana, ("a.png", a_picture()))
    DBTaskResult.objects.filter(task_path__endswith="make_preview").delete()
    work()
    assert not StoredFile.objects.get().preview
    StoredFile.objects.update(preview_at=timezone.now() - MINUTE_AGO)
    work()
    assert StoredFile.objects.get().preview


def test_a_preview_that_could_not_be_written_is_made_later(as_ana, upload, segmind, work):
    folder = Path(django_settings.MEDIA_ROOT, "previews")
    if folder.exists():
        folder.rename(folder.with_name("previews-aside"))
    folder.write_bytes(b"not a folder")
    try:
        upload(as_ana, ("a.png", a_picture()))
        work()
    finally:
        folder.unlink()
    file = StoredFile.objects.get()
    assert (str(file.preview), file.preview_error) == ("", "")
    DBTaskResult.objects.filter(status="READY").update(run_after=timezone.now())
    work()
    assert StoredFile.objects.get().preview


@pytest.mark.any_database
def test_a_full_disk_is_not_the_fault_of_the_file(tmp_path):
    (tmp_path / "a.png").write_bytes(a_picture())
    command = limited_process._command("preview", "image/png")
    with (tmp_path / "a.png").open("rb") as file, Path("/dev/full").open("wb") as full:
        status = subprocess.run(command, stdin=file, stdout=full, stderr=full, check=False)
    assert status.returncode == 74  # EX_IOERR
