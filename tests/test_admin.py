import pytest
from django.core.files.base import ContentFile

from assets.models import Asset, State, StoredFile
from tests.conftest import client_of
from tests.factories import a_request, a_stored_file, an_administrator, an_asset

pytestmark = pytest.mark.django_db

LISTS = ["storedfile", "asset", "tag", "collection", "uploadrequest"]


@pytest.fixture
def as_root():
    return client_of(an_administrator())


@pytest.mark.parametrize("name", LISTS)
def test_every_list_opens_and_can_be_searched(as_root, name):
    entry = an_asset(tags=("sea",))
    entry.label(collections=["Trip"])
    a_request(outcome="stored").files.add(entry.stored_file)
    assert as_root.get(f"/admin/assets/{name}/").status_code == 200
    assert as_root.get(f"/admin/assets/{name}/?q=sea").status_code == 200


def test_a_stored_file_is_found_by_its_url_hash_and_person(as_root):
    entry = an_asset(title="Harbour")
    an_asset()
    for text in [entry.stored_file.url, entry.stored_file.sha256, entry.owner.username, entry.title]:
        page = as_root.get("/admin/assets/storedfile/", {"q": text}).content.decode()
        assert "1 stored file" in page, text


def test_a_stored_file_shows_who_has_it_and_what_carried_it_and_cannot_be_edited(as_root):
    entry = an_asset(title="the one")
    a_request(outcome="stored").files.add(entry.stored_file)
    address = f"/admin/assets/storedfile/{entry.stored_file_id}/change/"
    page = as_root.get(address).content.decode()
    assert "the one" in page and "1 files, Stored" in page
    assert as_root.post(address, {"url": "https://evil.example/"}).status_code == 403


def test_pictures_are_shown_to_administrators_only(as_root, as_ana):
    file = a_stored_file()
    file.preview.save(f"previews/{file.sha256}.webp", ContentFile(b"RIFF....WEBP"))
    address = f"/admin/assets/storedfile/{file.pk}/preview/"
    assert address in as_root.get("/admin/assets/storedfile/").content.decode()
    response = as_root.get(address)
    assert response["content-type"] == "image/webp"
    assert b"".join(response.streaming_content)
    assert as_ana.get(address).status_code == 302


def test_failed_files_are_sent_again_by_an_action(as_root):
    failed, stored = a_stored_file(state=State.FAILED), a_stored_file()
    chosen = {"action": "retry", "_selected_action": [failed.pk, stored.pk]}
    page = as_root.post("/admin/assets/storedfile/", chosen, follow=True).content.decode()
    assert "1 failed files are sent again" in page
    assert StoredFile.objects.get(pk=failed.pk).state == State.QUEUED


def test_a_correction_by_hand_is_findable(as_root, as_ana):
    entry = an_asset(title="tpyo", tags=("old",))
    data = {"title": "typo", "description": "", "visibility": "team", "tags": [], "collections": []}
    response = as_root.post(f"/admin/assets/asset/{entry.pk}/change/", data)
    assert response.status_code == 302
    assert Asset.objects.get().search_text.splitlines()[0] == "typo"


def test_a_renamed_tag_is_findable_by_its_new_name(as_root):
    entry = an_asset(tags=("colour",))
    tag = entry.tags.get()
    as_root.post(f"/admin/assets/tag/{tag.pk}/change/", {"name": "Farbe"})
    entry.refresh_from_db()
    assert "farbe" in entry.search_text and "colour" not in entry.search_text


def test_a_member_is_no_administrator(as_ana):
    for name in LISTS:
        assert as_ana.get(f"/admin/assets/{name}/").status_code == 302
