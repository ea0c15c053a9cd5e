"""What viewers and managers may do. tests/test_access_matrix.py walks every page."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from assets import permissions
from assets.models import Asset, Collection, LinkStatus, State, StoredFile, User, Visibility
from assets.models.links import AT_ONCE
from tests.conftest import client_of
from tests.support.factories import a_picture, an_administrator, an_asset

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}


# --- Viewers -----------------------------------------------------------------------------------------------------


def test_a_viewer_sees_no_actions_they_may_not_use(as_viewer):
    asset = an_asset(title="Bird", tags=("sea",))
    library = as_viewer.get("/").content.decode()
    assert "Bird" in library
    assert "Copy URLs" in library
    assert "Download as ZIP" in library
    assert "Favourite" in library
    for words in ("/upload/", "upload-start", 'value="tag"', 'value="trash"', 'value="visibility"', "Administration"):
        assert words not in library
    page = as_viewer.get(asset.get_absolute_url()).content.decode()
    assert "data-edit" not in page
    assert "Move to trash" not in page
    assert "New collection" not in as_viewer.get("/collections/").content.decode()
    assert "Upload the first file" not in as_viewer.get("/?q=").content.decode()


def test_a_viewer_is_told_why_they_cannot_upload(as_viewer):
    for response in (as_viewer.get("/upload/"), as_viewer.post("/upload/", {"files": [io.BytesIO(a_picture())]})):
        assert response.status_code == 403
        assert "You are a viewer" in response.content.decode()
    answer = as_viewer.post("/upload/", headers=JSON)
    assert answer.status_code == 403
    assert answer.json()["error"]["message"] == permissions.NOT_AS_VIEWER
    assert not StoredFile.objects.exists()


def test_a_viewer_cannot_change_assets_they_uploaded_earlier(as_viewer):
    own = an_asset(owner=User.objects.get(username="vera"), title="Bird")
    assert as_viewer.post(own.get_absolute_url(), {"title": "Fish"}).status_code == 403
    sent = {"action": "trash", "id": [own.pk], "confirmed": "1"}
    assert as_viewer.post("/assets/bulk/", sent).status_code == 403
    own.refresh_from_db()
    assert (own.title, own.trashed_at) == ("Bird", None)


def test_a_viewer_can_use_favourites_and_download(as_viewer):
    asset = an_asset()
    chosen = {"id": [asset.pk], "confirmed": "1"}
    assert as_viewer.post("/assets/bulk/", {"action": "favourite", **chosen}, headers=JSON).json()["changed"] == 1
    assert as_viewer.get("/assets/export/csv/", {"id": [asset.pk]}).status_code == 200
    assert as_viewer.get("/assets/copy/", {"id": [asset.pk], "as": "lines"}).content.decode() == asset.stored_file.url


def test_import_files_refuses_a_viewer_as_owner(as_viewer, tmp_path):
    (tmp_path / "a.png").write_bytes(a_picture())
    with pytest.raises(CommandError, match="is a viewer"):
        call_command("import_files", str(tmp_path), "--owner", "vera")


# --- Managers ----------------------------------------------------------------------------------------------------


def test_a_manager_edits_team_assets_but_not_their_visibility(as_manager, ana):
    asset = an_asset(owner=ana, title="Brid")
    as_manager.post(asset.get_absolute_url(), {"title": "Bird", "tags": "sea", "visibility": "private"})
    asset.refresh_from_db()
    assert (asset.title, asset.visibility, str(asset.tags.get())) == ("Bird", Visibility.TEAM, "sea")
    sent = {"action": "visibility", "visibility": "private", "id": [asset.pk], "confirmed": "1"}
    assert as_manager.post("/assets/bulk/", sent, headers=JSON).json()["not_allowed"] == 1


def test_a_manager_bulk_edits_assets_of_others_and_a_member_does_not(as_manager, as_ana, ben):
    assets = [an_asset(owner=ben), an_asset(owner=ben, visibility=Visibility.PRIVATE)]
    sent = {"action": "tag", "tags": "sea", "id": [asset.pk for asset in assets], "confirmed": "1"}
    counts = [as_one.post("/assets/bulk/", sent, headers=JSON).json() for as_one in (as_ana, as_manager)]
    assert [(count["changed"], count["not_allowed"]) for count in counts] == [(0, 1), (1, 0)]
    assert Asset.objects.filter(tags__name="sea").get() == assets[0]


def test_private_assets_are_hidden_from_managers_and_administrators(as_manager, ana):
    secret = an_asset(owner=ana, title="Secret", visibility=Visibility.PRIVATE, tags=("hidden",))
    for client in (as_manager, client_of(an_administrator())):
        assert client.get(secret.get_absolute_url()).status_code == 404
        assert client.get("/", {"q": "secret"}, headers=JSON).json()["assets"] == []
        assert client.get("/tags/complete/?q=h").json()["names"] == []
        assert client.get("/", {"q": "secret", "part": "total"}).content.strip() == b"0 assets"
    assert client.get(f"/admin/assets/asset/{secret.pk}/change/").status_code == 200


def test_managers_see_the_trash_of_the_team_without_private_assets(as_manager, as_ana, ana, ben):
    now = timezone.now()
    hers = an_asset(owner=ana, title="Hers", trashed_at=now)
    an_asset(owner=ana, title="Her secret", trashed_at=now, visibility=Visibility.PRIVATE)
    assert as_manager.get("/trash/", headers=JSON).json()["assets"] == []
    found = as_manager.get("/trash/everyone/", headers=JSON).json()["assets"]
    assert [asset["title"] for asset in found] == ["Hers"]
    assert as_ana.get("/trash/everyone/").status_code == 403
    page = as_manager.get("/trash/everyone/").content.decode()
    assert 'name="trash" value="everyones_trash"' in page
    assert "Empty trash" in page
    assert client_of(ben).get(hers.get_absolute_url()).status_code == 404
    assert "/trash/everyone/" in as_manager.get(hers.get_absolute_url()).content.decode()
    as_manager.post(f"/assets/{hers.pk}/restore/")
    hers.refresh_from_db()
    assert hers.trashed_at is None


def test_emptying_the_own_trash_keeps_that_of_others(as_manager, ana):
    now = timezone.now()
    manager = User.objects.get(username="max")
    an_asset(owner=manager, trashed_at=now)
    hers = an_asset(owner=ana, trashed_at=now)
    secret = an_asset(owner=ana, trashed_at=now, visibility=Visibility.PRIVATE)
    sent = {"action": "purge", "all": "1", "confirmed": "1"}
    as_manager.post("/assets/bulk/", {**sent, "trash": "trash"})
    assert set(Asset.objects.all()) == {hers, secret}
    as_manager.post("/assets/bulk/", {**sent, "trash": "everyones_trash"})
    assert set(Asset.objects.all()) == {secret}


def test_a_manager_retries_failed_files_and_renames_tags_of_others(as_manager, ana):
    asset = an_asset(owner=ana, state=State.FAILED, tags=("colour",))
    as_manager.post("/activity/retry/")
    assert StoredFile.objects.get().state == State.QUEUED
    as_manager.post(f"/tags/{asset.tags.get().pk}/", {"action": "rename", "name": "Farbe"})
    assert str(asset.tags.get()) == "Farbe"


def test_failed_and_broken_files_are_retried_in_bulk_by_people_who_may_change_them(as_manager, as_ana, ana, ben):
    failed = [an_asset(owner=owner, state=State.FAILED) for owner in (ana, ben)]
    lost = [an_asset(owner=owner) for owner in (ana, ben)]
    StoredFile.objects.filter(assets__in=lost).update(link_status=LinkStatus.BROKEN)
    secret = an_asset(owner=ben, state=State.FAILED, visibility=Visibility.PRIVATE)
    sent = {"id": [asset.pk for asset in (*failed, *lost, secret)], "confirmed": "1"}

    def counts(client, action):
        answer = client.post("/assets/bulk/", {"action": action, **sent}, headers=JSON).json()
        return answer["changed"], answer["unchanged"], answer["not_allowed"]

    assert counts(as_ana, "retry") == counts(as_ana, "heal") == (1, 1, 2)
    assert counts(as_manager, "retry") == counts(as_manager, "heal") == (1, 3, 0)
    states = [asset.stored_file.state for asset in Asset.objects.exclude(pk=secret.pk).select_related("stored_file")]
    assert set(states) == {State.QUEUED}
    assert StoredFile.objects.get(assets=secret).state == State.FAILED


def test_a_manager_can_check_links_now(as_manager, as_ana, ana):
    asset = an_asset(owner=ana)
    sent = {"action": "check", "id": [asset.pk], "confirmed": "1"}
    assert as_ana.post("/assets/bulk/", sent, headers=JSON).json()["not_allowed"] == 1
    assert as_manager.post("/assets/bulk/", sent, headers=JSON).json()["changed"] == 1
    assert StoredFile.objects.get().link_check_at == AT_ONCE
    assert 'value="check"' in as_manager.get("/").content.decode()
    assert 'value="check"' not in as_ana.get("/").content.decode()


def test_renaming_a_label_does_not_reveal_private_assets(as_manager, ana):
    an_asset(owner=ana, tags=("sea",))
    secret = an_asset(owner=ana, tags=("sea",), visibility=Visibility.PRIVATE)
    tag = secret.tags.get()
    assert "1 asset" in as_manager.post(f"/tags/{tag.pk}/", {"action": "delete"}).content.decode()
    secret.set_labels(collections=["Trips/Secret"])
    an_asset(owner=ana).set_labels(collections=["Trips"])
    page = as_manager.post(f"/collections/{Collection.objects.get(path='Trips').pk}/", {"action": "delete"})
    assert "Secret" not in page.content.decode()


def test_managers_see_the_queue_and_administrators_the_request_log(as_manager, as_ana):
    assert "Requests to Segmind" not in as_manager.get("/activity/").content.decode()
    assert "Requests to Segmind" in client_of(an_administrator()).get("/activity/").content.decode()
    assert as_manager.post("/activity/try-now/").status_code == 302
    assert as_ana.post("/activity/try-now/").status_code == 403
