"""One asset: who sees it, who edits it, its JSON, and its way to the trash and back."""

import uuid

import pytest
from django.utils import timezone

from assets.models import State, StoredFile, Visibility
from tests.support.factories import a_stored_file, an_asset

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}


def titles(client, url: str = "/") -> list[str]:
    return [asset["title"] for asset in client.get(url, headers=JSON).json()["assets"]]


def test_only_its_owner_sees_a_private_asset(as_ana, as_ben, ana):
    asset = an_asset(owner=ana, title="secret plan", tags=("hush",), visibility=Visibility.PRIVATE)
    assert titles(as_ana) == ["secret plan"]
    assert titles(as_ben) == titles(as_ben, "/?q=secret") == titles(as_ben, "/?q=hush") == []
    url = asset.get_absolute_url()
    for path in ["", "preview/", "original/"]:
        assert as_ben.get(url + path).status_code == 404
    for path in ["", "trash/", "restore/", "retry/"]:
        assert as_ben.post(url + path).status_code == 404
    assert b"secret" not in as_ben.get(f"/assets/cards/?id={asset.pk}").content
    assert b"hush" not in as_ben.get("/upload/").content


def test_other_peoples_assets_can_be_seen_but_not_changed(as_ben, ana):
    asset = an_asset(owner=ana, title="hers")
    url = asset.get_absolute_url()
    page = as_ben.get(url).content.decode()
    assert asset.stored_file.url in page
    assert "Move to trash" not in page
    assert as_ben.post(url, {"title": "mine now"}).status_code == 403
    assert as_ben.post(url + "trash/").status_code == 403
    asset.refresh_from_db()
    assert (asset.title, asset.trashed_at) == ("hers", None)


def test_the_json_of_an_asset_has_all_its_fields(as_ana, ana):
    asset = an_asset(owner=ana, tags=("one",))
    answer = as_ana.get(asset.get_absolute_url(), headers=JSON).json()
    assert set(answer) >= {
        "id", "title", "file_name", "kind", "media_type", "size", "sha256", "width", "height", "duration", "state",
        "url", "link_status", "error", "owner", "tags", "collections", "visibility", "created_at", "page", "preview",
    }  # fmt: skip
    assert (answer["owner"], answer["tags"], answer["link_status"]) == ("ana", ["one"], "unchecked")
    assert answer["page"] == asset.get_absolute_url()


def test_an_asset_can_be_trashed_and_restored(as_ana, as_ben, ana):
    asset = an_asset(owner=ana, title="old thing")
    as_ana.post(f"/assets/{asset.pk}/trash/")
    assert titles(as_ana) == titles(as_ben) == titles(as_ben, "/trash/") == []
    assert as_ben.get(asset.get_absolute_url()).status_code == 404
    assert titles(as_ana, "/trash/") == ["old thing"]
    assert "can’t delete files" in as_ana.get(asset.get_absolute_url()).content.decode()
    as_ana.post(f"/assets/{asset.pk}/restore/")
    assert titles(as_ana) == ["old thing"]


def test_an_invalid_edit_is_refused_with_the_reason(as_ana, ana):
    asset = an_asset(owner=ana, title="good")
    response = as_ana.post(asset.get_absolute_url(), {"title": "x" * 300, "visibility": "team"})
    assert response.status_code == 400
    assert "at most 200" in response.content.decode()
    asset.refresh_from_db()
    assert asset.title == "good"


def test_an_edit_changes_only_the_fields_it_sends(as_ana, ana):
    asset = an_asset(owner=ana, title="kept", description="words", tags=("old",), visibility=Visibility.PRIVATE)
    version = as_ana.get(asset.get_absolute_url(), headers=JSON).json()["version"]
    as_ana.post(asset.get_absolute_url(), {"version": version, "tags": "new"}, headers=JSON)
    answer = as_ana.get(asset.get_absolute_url(), headers=JSON).json()
    assert (answer["title"], answer["description"], answer["visibility"]) == ("kept", "words", "private")
    assert answer["tags"] == ["new"]


def test_an_empty_title_becomes_the_file_name(as_ana, ana):
    asset = an_asset(owner=ana, file_name="sea at noon.png")
    as_ana.post(asset.get_absolute_url(), {"title": " ", "visibility": "team"})
    asset.refresh_from_db()
    assert asset.title == "sea at noon"


def test_unfinished_cards_refresh_until_they_are_done(as_ana, ana):
    waiting = an_asset(owner=ana, stored_file=a_stored_file(state=State.QUEUED))
    page = as_ana.get("/").content.decode()
    assert f"id={waiting.pk}" in page
    assert "hx-trigger" in page
    answer = as_ana.get(f"/assets/cards/?id={waiting.pk}").content.decode()
    assert "hx-trigger" in answer
    assert "Waiting" in answer
    StoredFile.objects.mark_stored({waiting.stored_file_id: "https://images.segmind.com/1.png"}, timezone.now())
    answer = as_ana.get(f"/assets/cards/?id={waiting.pk}").content.decode()
    assert "hx-trigger" not in answer
    assert "https://images.segmind.com/1.png" in answer
    assert as_ana.get("/assets/cards/?id=x").status_code == 404


def test_the_card_of_a_failed_file_says_why(as_ana, ana):
    an_asset(owner=ana, stored_file=a_stored_file(state=State.FAILED, error="Segmind refused the file: too odd"))
    assert "too odd" in as_ana.get("/").content.decode()


def test_an_unknown_asset_is_404(as_ana):
    assert as_ana.get(f"/assets/{uuid.uuid4()}/").status_code == 404
