"""A damaged original is told from a damaged link, and restored from a good one."""

from pathlib import Path

import pytest
from django.core.management import call_command

from assets import originals
from assets.models import LinkStatus, StoredFile
from tests.conftest import client_of
from tests.links.conftest import check_links, make_due, statuses
from tests.support import replies
from tests.support.factories import a_file_of, an_asset, damage

pytestmark = pytest.mark.django_db(transaction=True)

DAMAGED = "The copy on this server is damaged. Upload the file again."


def unlink(file: StoredFile) -> None:
    Path(file.original.path).unlink()


def truncate(file: StoredFile) -> None:
    Path(file.original.path).write_bytes(b"%PDF")


@pytest.mark.parametrize("harm", [damage, unlink, truncate])
def test_a_good_link_stays_verified_and_gives_back_its_original(segmind, stored, harm):
    files = stored(3)
    harm(files[1])
    check_links()
    assert statuses() == ["verified"] * 3
    assert all(originals.is_intact(file) for file in StoredFile.objects.all())
    asked = len(segmind.asked)
    check_links()
    assert len(segmind.asked) == asked + 9  # for each its header and its ends


def test_a_good_link_stays_verified_if_the_disk_has_no_room_for_its_original(segmind, stored, settings, tmp_path):
    (file,) = stored(1)
    damage(file)
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "nowhere"
    check_links()
    assert statuses() == ["verified"]


def test_a_link_that_serves_something_else_is_changed_and_restores_nothing(segmind, stored):
    (file,) = stored(1)
    damage(file)
    segmind.change(file.url, a_file_of(file.size), file.media_type)
    check_links()
    assert statuses() == ["changed"]
    assert not originals.is_intact(file)


@pytest.mark.parametrize("is_link_good", [True, False])
def test_a_damaged_original_replaces_no_link(segmind, stored, work, ana, is_link_good, capsys):
    (file,) = stored(1, link_status=LinkStatus.CHANGED)
    asset = an_asset(owner=ana, stored_file=file)
    damage(file)
    if not is_link_good:
        segmind.kill(file.url)
    client = client_of(ana)
    answer = client.post(f"{asset.get_absolute_url()}heal/", follow=True)
    assert "The copy on this server is damaged" in answer.content.decode()
    sent = {"action": "heal", "id": asset.pk, "confirmed": "1"}
    assert client.post("/assets/bulk/", sent, headers={"accept": "application/json"}).json()["changed"] == 1
    for _ in range(2):
        work()
        make_due()
    work()
    now = StoredFile.objects.get()
    assert now.url == file.url
    assert segmind.received == []
    assert originals.is_intact(now) is is_link_good
    if is_link_good:
        assert (now.link_status, now.error) == (LinkStatus.VERIFIED, "")
    else:
        assert (now.link_status, now.error) == (LinkStatus.BROKEN, DAMAGED)
        with pytest.raises(SystemExit):
            call_command("check_links", "--broken", "--reupload")
        assert "The copy on this server is damaged" in capsys.readouterr().out
        assert StoredFile.objects.get().state == "stored"


def test_an_original_that_is_damaged_while_segmind_answers_takes_no_url_from_its_file(segmind, work, upload, as_ana):
    def damages_and_stores(handler, received) -> None:
        damage(files[1])
        replies.stored(handler, received)

    upload(as_ana, *[(f"{number}.pdf", a_file_of(9000)) for number in range(3)])
    files = list(StoredFile.objects.oldest_first())
    segmind.answers(damages_and_stores)
    work()
    assert statuses() == ["verified"] * 3
    assert all(originals.is_intact(file) for file in StoredFile.objects.all())
