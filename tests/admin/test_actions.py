"""Actions on selected rows: each first says what it would do, then does it."""

import csv
import io
import json

import pytest
from django.utils import timezone

from assets.models import Asset, Collection, LinkStatus, State, StoredFile, Tag, Visibility
from tests.support.factories import a_stored_file, a_user, an_asset, many_assets

pytestmark = pytest.mark.django_db

FILES, ASSETS = "/admin/assets/storedfile/", "/admin/assets/asset/"
TAGS, COLLECTIONS = "/admin/assets/tag/", "/admin/assets/collection/"


def act(client, name: str, *rows, at: str = ASSETS, **fields: str) -> str:
    """The page an action leads to: what it would do or, with `confirmed`, what it did."""
    selected = {"action": name, "_selected_action": [str(row.pk) for row in rows], **fields}
    response = client.post(at, selected, follow=True)
    assert response.status_code == 200
    return response.content.decode()


# --- The library's bulk actions, for everybody's assets --------------------------------------------------------------


def test_an_action_says_what_it_would_do_before_it_does_it(as_root, ana, ben):
    first, second = an_asset(owner=ana, title="first one"), an_asset(owner=ben, title="second one")
    page = act(as_root, "trash", first, second)
    assert "Move to trash: 2 assets." in page
    assert "first one (ana)" in page
    assert not Asset.objects.trashed().exists()


def test_assets_of_anybody_are_trashed_restored_and_deleted_permanently(as_root, ana, ben):
    first, second = an_asset(owner=ana), an_asset(owner=ben)
    assert "Moved 2 assets to trash" in act(as_root, "trash", first, second, confirmed="")
    assert Asset.objects.trashed().count() == 2
    trash = f"{ASSETS}?trash=yes"
    assert "Restored 1 asset" in act(as_root, "restore", first, at=trash, confirmed="")
    assert "Deleted 1 asset permanently" in act(as_root, "purge", second, at=trash, confirmed="")
    assert list(Asset.objects.all()) == [first]
    assert not Asset.objects.get().is_trashed


def test_an_action_that_changes_nothing_says_why_and_cannot_be_confirmed(as_root, ana):
    asset = an_asset(owner=ana, title="in use")
    page = act(as_root, "purge", asset)
    assert "1 asset: not in the trash." in page
    assert 'name="confirmed"' not in page
    act(as_root, "purge", asset, confirmed="")
    assert Asset.objects.exists()


def test_a_visibility_is_chosen_previewed_and_then_changed(as_root, ana):
    team, private = an_asset(owner=ana), an_asset(owner=ana, visibility=Visibility.PRIVATE)
    page = act(as_root, "visibility", team, private)
    assert "Visibility" in page
    assert 'name="preview"' in page
    page = act(as_root, "visibility", team, private, preview="", visibility="private")
    assert "1 asset." in page
    assert "already have this visibility" in page
    assert Asset.objects.filter(visibility=Visibility.TEAM).exists()
    act(as_root, "visibility", team, private, confirmed="", visibility="private")
    assert not Asset.objects.filter(visibility=Visibility.TEAM).exists()


def test_assets_get_another_owner(as_root, ana, ben):
    asset = an_asset(owner=ana, title="the plan")
    page = act(as_root, "hand_over", asset, preview="", owner=str(ben.pk))
    assert "Change owner: 1 asset." in page
    assert "the plan (ana)" in page
    act(as_root, "hand_over", asset, confirmed="", owner=str(ben.pk))
    asset.refresh_from_db()
    assert asset.owner == ben
    assert "ben" in asset.search_text
    assert "ana" not in asset.search_text


def test_nobody_gets_a_second_asset_of_the_same_file(as_root, ana, ben):
    carl = a_user("carl")
    shared = an_asset(owner=ana, title="same")
    an_asset(owner=ben, stored_file=shared.stored_file, title="same")
    page = act(as_root, "hand_over", *Asset.objects.all(), confirmed="", owner=str(carl.pk))
    assert "Changed the owner of 1 asset" in page
    assert "the new owner already has them, or the same file" in page
    assert Asset.objects.filter(owner=carl).count() == 1
    assert Asset.objects.count() == 2
    page = act(as_root, "hand_over", *Asset.objects.all(), confirmed="", owner=str(carl.pk))
    assert "No assets changed." in page


def test_the_new_owner_must_have_an_active_account(as_root, ana):
    gone = a_user("gone", is_active=False)
    page = act(as_root, "hand_over", an_asset(owner=ana), confirmed="", owner=str(gone.pk))
    assert "Select a valid choice" in page
    assert Asset.objects.get().owner == ana


def test_an_action_applies_to_all_pages_of_a_list(as_root, ana, ben):
    many_assets(120, owner=ana)
    kept = an_asset(owner=ben)
    everything = {"select_across": "1", "at": f"{ASSETS}?owner={ana.pk}"}
    one = Asset.objects.filter(owner=ana)[0]
    assert "Move to trash: 120 assets." in act(as_root, "trash", one, **everything)
    assert "Moved 120 assets to trash" in act(as_root, "trash", one, **everything, confirmed="")
    assert list(Asset.objects.current()) == [kept]


def test_too_many_assets_are_refused_before_anything_is_changed(as_root, ana, monkeypatch):
    monkeypatch.setattr("assets.bulk.selection.MAX_SELECTED", 10)
    many_assets(11, owner=ana)
    page = act(as_root, "trash", Asset.objects.all()[0], select_across="1", confirmed="")
    assert "More than 10 assets selected" in page
    assert not Asset.objects.trashed().exists()


def test_an_asset_that_changed_after_the_preview_is_checked_again(as_root, ana):
    asset = an_asset(owner=ana)
    assert "1 asset" in act(as_root, "trash", asset)
    asset.trash(timezone.now())
    assert "No assets changed." in act(as_root, "trash", asset, at=f"{ASSETS}?trash=yes", confirmed="")


# --- Stored files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [FILES, ASSETS])
def test_failed_uploads_are_retried(as_root, at):
    failed, stored = an_asset(state=State.FAILED), an_asset()
    rows = [asset if at == ASSETS else asset.stored_file for asset in (failed, stored)]
    page = act(as_root, "retry", *rows, at=at)
    assert "Retry 1 failed upload." in page
    assert "1 file that did not fail." in page
    assert StoredFile.objects.failed().exists()
    assert "Retrying 1 upload." in act(as_root, "retry", *rows, at=at, confirmed="")
    assert StoredFile.objects.get(pk=failed.stored_file_id).state == State.QUEUED


def test_a_retry_without_failed_uploads_is_refused(as_root):
    assert "None of these uploads has failed." in act(as_root, "retry", an_asset(), confirmed="")


def test_broken_links_are_reuploaded(as_root, ana):
    broken = an_asset(owner=ana, stored_file=a_stored_file(link_status=LinkStatus.BROKEN))
    page = act(as_root, "reupload", broken, an_asset(owner=ana))
    assert "Re-upload 1 file from the original" in page
    assert "1 file whose link is not broken or changed." in page
    assert "Re-uploading 1 file." in act(as_root, "reupload", broken, confirmed="")


def test_links_are_checked_now(as_root, ana):
    asset = an_asset(owner=ana)
    assert "Check 1 link before all others." in act(as_root, "check_links", asset)
    assert "Checking 1 link now." in act(as_root, "check_links", asset, confirmed="")


# --- Exports ---------------------------------------------------------------------------------------------------------


def export(client, name: str, *rows, **fields: str) -> str:
    selected = {"action": name, "_selected_action": [str(row.pk) for row in rows], "confirmed": "", **fields}
    response = client.post(ASSETS, selected)
    assert response.streaming
    return b"".join(response.streaming_content).decode()


def test_assets_are_exported_as_csv(as_root, ana):
    assets = [an_asset(owner=ana, title="=1+1", visibility=Visibility.PRIVATE), *many_assets(60, owner=ana)]
    assert "Download 61 assets with" in act(as_root, "export_csv", assets[0], select_across="1", preview="")
    rows = list(csv.DictReader(io.StringIO(export(as_root, "export_csv", assets[0], select_across="1"))))
    assert {row["id"] for row in rows} == {str(asset.pk) for asset in assets}
    assert "'=1+1" in {row["title"] for row in rows}


def test_assets_are_exported_as_json(as_root, ana):
    asset = an_asset(owner=ana, title="=1+1", visibility=Visibility.PRIVATE)
    (row,) = json.loads(export(as_root, "export_json", asset))["assets"]
    assert (row["title"], row["owner"], row["url"]) == ("=1+1", "ana", asset.stored_file.url)


def test_urls_with_e_mail_addresses_can_be_left_out(as_root, ana):
    url = "https://images.segmind.com/assets/ana%40example.com/1.png"
    with_email, without = an_asset(owner=ana, stored_file=a_stored_file(url=url)), an_asset(owner=ana)
    text = export(as_root, "export_csv", with_email, without, without_emails="on")
    assert url not in text
    assert without.stored_file.url in text


# --- Tags and collections --------------------------------------------------------------------------------------------


def test_tags_are_merged_into_one(as_root, ana):
    an_asset(owner=ana, tags=("colour", "color", "other"))
    target = Tag.objects.get(name="colour")
    selected = list(Tag.objects.filter(name__in=["colour", "color"]))
    page = act(as_root, "merge", *selected, at=TAGS, preview="", target=str(target.pk))
    assert "Replace “color” with “colour” on 1 asset." in page
    assert "This cannot be undone." in page
    page = act(as_root, "merge", *selected, at=TAGS, confirmed="", target=str(target.pk))
    assert "1 tag merged into “colour”." in page
    assert set(Tag.objects.values_list("name", flat=True)) == {"colour", "other"}


def test_a_tag_cannot_be_merged_into_itself(as_root, ana):
    tag = an_asset(owner=ana, tags=("colour",)).tags.get()
    page = act(as_root, "merge", tag, at=TAGS, preview="", target=str(tag.pk))
    assert "“colour” cannot be merged into itself." in page
    assert 'name="confirmed"' not in page


def test_a_collection_cannot_be_merged_into_one_nested_in_it(as_root, ana):
    an_asset(owner=ana).set_labels(collections=["Trips/2024"])
    outer, inner = Collection.objects.order_by("path")
    page = act(as_root, "merge", outer, at=COLLECTIONS, confirmed="", target=str(inner.pk))
    assert "can’t be moved into itself" in page
    assert Collection.objects.count() == 2


def test_collections_are_deleted_with_those_nested_in_them(as_root, ana):
    an_asset(owner=ana).set_labels(collections=["Trips/2024"])
    selected = list(Collection.objects.all())
    page = act(as_root, "delete", *selected, at=COLLECTIONS)
    assert "Delete “Trips” and remove it from 1 asset." in page
    page = act(as_root, "delete", *selected, at=COLLECTIONS, confirmed="")
    assert "2 collections deleted. No assets were deleted." in page
    assert Asset.objects.exists()
    assert not Collection.objects.exists()
