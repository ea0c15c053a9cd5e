"""Deleting assets permanently, emptying the trash, and what the library keeps of released content."""

import re
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


def purge(client, *assets, **fields) -> dict:
    sent = {"action": "purge", "id": [asset.pk for asset in assets], "confirmed": "1", **fields}
    return client.post("/assets/bulk/", sent, headers=JSON).json()


def a_trashed_asset(**fields) -> Asset:
    return an_asset(trashed_at=timezone.now(), **fields)


def files_of(stored_file: StoredFile) -> list[str]:
    return [str(file.name) for file in (stored_file.original, stored_file.preview) if file]


@pytest.fixture(autouse=True)
def _delete_stored_files():
    for folder in ("originals", "previews"):
        for path in Path(django_settings.MEDIA_ROOT, folder).rglob("*"):
            if path.is_file():
                path.unlink()


def test_the_trash_is_sorted_filtered_and_searched(as_ana, ana):
    now = timezone.now()
    for age, title in ((2, "first"), (0, "last"), (1, "between")):
        tags = ("sea",) if age else ()
        an_asset(owner=ana, title=title, tags=tags, created_at=now - timedelta(days=age)).trash(
            now - timedelta(hours=[1, 2, 3][age])
        )

    def titles(**query) -> list[str]:
        return [asset["title"] for asset in as_ana.get("/trash/", query, headers=JSON).json()["assets"]]

    assert titles() == titles(sort="newest") == ["last", "between", "first"]
    assert titles(sort="trashed_first") == ["first", "between", "last"]
    assert titles(q="tag:sea", sort="name") == ["between", "first"]
    page = as_ana.get("/trash/", {"q": "tag:sea", "sort": "name"}).content.decode()
    menus = re.findall(r'data-filter="(\w+)"', page)
    assert menus == ["type", "collection", "tag", "date", "size", "dimensions", "shape"]
    assert 'name="sort" value="name"' in page
    assert "Empty trash" not in page
    assert ">2<" in as_ana.get("/trash/", {"part": "filter", "filter": "tag"}).content.decode()
    # Where one that was restored would stand, nothing is known.
    restored = Asset.objects.get(title="last")
    restored.restore()
    assert as_ana.get("/trash/", {"at": restored.pk}).status_code == 200


def test_only_trashed_assets_can_be_deleted_permanently(as_ana, ana, ben):
    kept, trashed, foreign = an_asset(owner=ana), a_trashed_asset(owner=ana), a_trashed_asset(owner=ben)
    answer = purge(as_ana, kept, trashed, foreign)
    assert (answer["changed"], answer["unchanged"]) == (1, 1)
    assert set(Asset.objects.all()) == {kept, foreign}


def test_the_library_keeps_hash_and_url_of_released_content(as_ana, ana, upload, segmind, work, capsys):
    upload(as_ana, ("a.png", a_picture()))
    work()
    before = StoredFile.objects.get()
    names = files_of(before)
    assert len(names) == 2
    asset = Asset.objects.get()
    as_ana.post(f"/assets/{asset.pk}/trash/")
    purge(as_ana, asset)
    work()
    after = StoredFile.objects.get()
    assert (after.sha256, after.url, after.state) == (before.sha256, before.url, State.STORED)
    assert (after.media_type, after.size) == (before.media_type, before.size)
    assert (after.original, after.preview, after.width, after.height) == ("", "", None, None)
    assert not any(map(default_storage.exists, names))
    call_command("check_library")
    assert "No problems found." in capsys.readouterr().out


def test_released_content_that_is_uploaded_again_is_not_sent_again(as_ana, ana, upload, segmind, work):
    content = a_picture(size=(40, 30))
    upload(as_ana, ("a.png", content))
    work()
    url = StoredFile.objects.get().url
    asset = Asset.objects.get()
    as_ana.post(f"/assets/{asset.pk}/trash/")
    purge(as_ana, asset)
    work()
    (result,) = upload(as_ana, ("again.png", content))["results"]
    work()
    assert result["asset"]["url"] == url
    assert len(segmind.contents) == 1
    file = StoredFile.objects.get()
    assert (file.width, file.height) == (40, 30)
    assert all(map(default_storage.exists, files_of(file)))
    assert len(files_of(file)) == 2


def test_content_that_was_never_stored_is_deleted_entirely(as_ana, ana, segmind, work):
    waiting = a_trashed_asset(
        owner=ana, stored_file=a_stored_file(state=State.QUEUED, next_attempt_at=timezone.now() + timedelta(days=1))
    )
    failed = a_trashed_asset(owner=ana, stored_file=a_stored_file(state=State.FAILED))
    names = [name for asset in (waiting, failed) for name in files_of(asset.stored_file)]
    purge(as_ana, waiting, failed)
    work()
    assert not StoredFile.objects.exists()
    assert not any(map(default_storage.exists, names))
    assert segmind.contents == []


def test_content_that_is_being_sent_is_released_later(as_ana, ana):
    asset = a_trashed_asset(owner=ana, stored_file=a_stored_file(state=State.SENDING))
    file = asset.stored_file
    purge(as_ana, asset)
    assert release_content([str(file.pk)]) == [str(file.pk)]
    assert StoredFile.objects.get().state == State.SENDING
    assert default_storage.exists(file.original.name)
    StoredFile.objects.mark_stored({file.pk: "https://images.segmind.com/1.png"}, timezone.now())
    assert release_content([str(file.pk)]) == []
    assert not StoredFile.objects.get().original
    assert not default_storage.exists(file.original.name)


def test_content_that_another_asset_uses_is_kept(as_ana, ana, ben, work):
    file = a_stored_file()
    trashed, foreign = a_trashed_asset(owner=ana, stored_file=file), an_asset(owner=ben, stored_file=file)
    foreign.visibility = Visibility.PRIVATE
    foreign.save()
    purge(as_ana, trashed)
    work()
    file.refresh_from_db()
    assert file.original
    assert default_storage.exists(file.original.name)


def test_content_that_is_uploaded_again_before_its_release_is_kept(as_ana, ana, upload, segmind, work):
    content = a_picture()
    upload(as_ana, ("a.png", content))
    asset = Asset.objects.get()
    asset.trash(timezone.now())
    purge(as_ana, asset)
    upload(as_ana, ("b.png", content))
    work()
    file = StoredFile.objects.get()
    assert file.state == State.STORED
    assert default_storage.exists(file.original.name)
    assert segmind.contents == [file.sha256]


@pytest.mark.parametrize(
    ("days", "left"), [(30, {"yesterday", "not at all"}), (0, {"yesterday", "long ago", "not at all"})]
)
def test_the_worker_empties_the_trash_after_a_number_of_days(ana, work, settings, days, left):
    settings.TRASH_DAYS = days
    now = timezone.now()
    an_asset(owner=ana, title="long ago", trashed_at=now - timedelta(days=31))
    an_asset(owner=ana, title="yesterday", trashed_at=now - timedelta(days=1))
    an_asset(owner=ana, title="not at all")
    work()
    assert set(Asset.objects.values_list("title", flat=True)) == left
    assert StoredFile.objects.exclude(original="").count() == len(left)


def test_files_of_expired_assets_move_to_quarantine(ana, work, settings):
    """A database restored from an older copy does not know what has left the trash since."""
    settings.TRASH_DAYS = 5
    asset = an_asset(owner=ana, trashed_at=timezone.now() - timedelta(days=6))
    name = asset.stored_file.original.name
    work()
    assert not Asset.objects.exists()
    assert not default_storage.exists(name)
    assert default_storage.exists(f"quarantine/{timezone.localdate()}/{name}")


def test_the_pages_say_when_assets_are_deleted_and_that_urls_stay_public(as_ana, ana, settings):
    asset = a_trashed_asset(owner=ana)
    page = as_ana.get("/trash/").content.decode()
    assert "after 30 days" in page
    assert "can’t delete files" in page
    assert "Empty trash" in page
    settings.TRASH_DAYS = 0
    assert "days" not in as_ana.get("/trash/").content.decode()
    page = as_ana.post("/assets/bulk/", {"action": "purge", "all": "1", "trash": "1"}).content.decode()
    assert "cannot be undone" in page
    assert "stay public" in page
    assert "Delete 1 asset permanently" in page
    assert "Delete permanently" in as_ana.get(asset.get_absolute_url()).content.decode()


def test_the_request_that_sent_a_released_file_is_kept(as_ana, ana, work):
    asset = a_trashed_asset(owner=ana, stored_file=a_stored_file(state=State.FAILED))
    request = a_request(outcome="rejected")
    request.files.add(asset.stored_file)
    purge(as_ana, asset)
    work()
    request.refresh_from_db()
    assert request.file_count == 1
