"""The trash: there and back, emptied in time, and what the library still knows afterwards."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone

from assets.models import Asset, State, StoredFile, Visibility
from assets.trash import release_content
from tests.support.factories import a_picture, a_request, a_stored_file, an_asset

pytestmark = pytest.mark.django_db(transaction=True)

JSON = {"accept": "application/json"}


def purge(client, *entries, **fields) -> dict:
    sent = {"action": "purge", "id": [entry.pk for entry in entries], "confirmed": "1", **fields}
    return client.post("/assets/bulk/", sent, headers=JSON).json()


def thrown(**fields) -> Asset:
    return an_asset(trashed_at=timezone.now(), **fields)


def files_of(stored_file: StoredFile) -> list[str]:
    return [str(file.name) for file in (stored_file.original, stored_file.preview) if file]


@pytest.fixture(autouse=True)
def _empty_storage():
    for folder in ("originals", "previews"):
        for path in Path(django_settings.MEDIA_ROOT, folder).rglob("*"):
            if path.is_file():
                path.unlink()


def test_only_what_is_in_the_trash_can_be_deleted_for_good(as_ana, ana, ben):
    kept, gone, his = an_asset(owner=ana), thrown(owner=ana), thrown(owner=ben)
    answer = purge(as_ana, kept, gone, his)
    assert (answer["changed"], answer["unchanged"]) == (1, 1)
    assert set(Asset.objects.all()) == {kept, his}


def test_of_a_stored_content_that_nobody_has_only_hash_and_url_are_kept(as_ana, ana, upload, segmind, work, capsys):
    upload(as_ana, ("a.png", a_picture()))
    work()
    before = StoredFile.objects.get()
    names = files_of(before)
    assert len(names) == 2
    entry = Asset.objects.get()
    as_ana.post(f"/assets/{entry.pk}/trash/")
    purge(as_ana, entry)
    work()
    after = StoredFile.objects.get()
    assert (after.sha256, after.url, after.state) == (before.sha256, before.url, State.STORED)
    assert (after.media_type, after.size) == (before.media_type, before.size)
    assert (after.original, after.preview, after.width, after.height) == ("", "", None, None)
    assert not any(map(default_storage.exists, names))
    call_command("check_library")
    assert "fit together" in capsys.readouterr().out


def test_the_same_content_uploaded_again_is_recognised_and_not_sent_again(as_ana, ana, upload, segmind, work):
    content = a_picture(size=(40, 30))
    upload(as_ana, ("a.png", content))
    work()
    url = StoredFile.objects.get().url
    entry = Asset.objects.get()
    as_ana.post(f"/assets/{entry.pk}/trash/")
    purge(as_ana, entry)
    work()
    (result,) = upload(as_ana, ("again.png", content))["results"]
    work()
    assert result["asset"]["url"] == url and len(segmind.contents) == 1
    file = StoredFile.objects.get()
    assert (file.width, file.height) == (40, 30) and all(map(default_storage.exists, files_of(file)))
    assert len(files_of(file)) == 2


def test_a_content_that_never_was_stored_goes_entirely(as_ana, ana, segmind, work):
    waiting = thrown(
        owner=ana, stored_file=a_stored_file(state=State.QUEUED, next_attempt_at=timezone.now() + timedelta(days=1))
    )
    failed = thrown(owner=ana, stored_file=a_stored_file(state=State.FAILED))
    names = [name for entry in (waiting, failed) for name in files_of(entry.stored_file)]
    purge(as_ana, waiting, failed)
    work()
    assert not StoredFile.objects.exists() and not any(map(default_storage.exists, names))
    assert segmind.contents == []


def test_a_content_that_is_being_sent_is_looked_at_again_later(as_ana, ana):
    entry = thrown(owner=ana, stored_file=a_stored_file(state=State.SENDING))
    file = entry.stored_file
    purge(as_ana, entry)
    assert release_content([str(file.pk)]) == [str(file.pk)]
    assert StoredFile.objects.get().state == State.SENDING and default_storage.exists(file.original.name)
    StoredFile.objects.mark_stored({file.pk: "https://images.segmind.com/1.png"}, timezone.now())
    assert release_content([str(file.pk)]) == []
    assert not StoredFile.objects.get().original and not default_storage.exists(file.original.name)


def test_a_content_that_somebody_still_has_is_not_touched(as_ana, ana, ben, work):
    file = a_stored_file()
    mine, his = thrown(owner=ana, stored_file=file), an_asset(owner=ben, stored_file=file)
    his.visibility = Visibility.PRIVATE
    his.save()
    purge(as_ana, mine)
    work()
    file.refresh_from_db()
    assert file.original and default_storage.exists(file.original.name)


def test_a_content_that_comes_again_before_it_is_forgotten_stays(as_ana, ana, upload, segmind, work):
    content = a_picture()
    upload(as_ana, ("a.png", content))
    entry = Asset.objects.get()
    entry.trash(timezone.now())
    purge(as_ana, entry)
    upload(as_ana, ("b.png", content))
    work()
    file = StoredFile.objects.get()
    assert file.state == State.STORED and default_storage.exists(file.original.name)
    assert segmind.contents == [file.sha256]


@pytest.mark.parametrize(
    ("days", "left"), [(30, {"yesterday", "not at all"}), (0, {"yesterday", "long ago", "not at all"})]
)
def test_the_worker_empties_the_trash_in_time(ana, work, settings, days, left):
    settings.TRASH_DAYS = days
    now = timezone.now()
    an_asset(owner=ana, title="long ago", trashed_at=now - timedelta(days=31))
    an_asset(owner=ana, title="yesterday", trashed_at=now - timedelta(days=1))
    an_asset(owner=ana, title="not at all")
    work()
    assert set(Asset.objects.values_list("title", flat=True)) == left
    assert StoredFile.objects.exclude(original="").count() == len(left)


def test_the_pages_tell_the_truth_about_urls_and_days(as_ana, ana, settings):
    entry = thrown(owner=ana)
    page = as_ana.get("/trash/").content.decode()
    assert "After 30 days" in page and "stay public" in page and "Empty trash" in page
    settings.TRASH_DAYS = 0
    assert "days" not in as_ana.get("/trash/").content.decode()
    page = as_ana.post("/assets/bulk/", {"action": "purge", "all": "1", "trash": "1"}).content.decode()
    assert "cannot be undone" in page and "stay public" in page and "1 of 1" in page
    assert "Delete for good" in as_ana.get(entry.get_absolute_url()).content.decode()


def test_a_request_that_carried_a_forgotten_file_stays_in_the_ledger(as_ana, ana, work):
    entry = thrown(owner=ana, stored_file=a_stored_file(state=State.FAILED))
    request = a_request(outcome="rejected")
    request.files.add(entry.stored_file)
    purge(as_ana, entry)
    work()
    request.refresh_from_db()
    assert request.file_count == 1
