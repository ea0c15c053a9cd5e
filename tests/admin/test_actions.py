"""What administrators do to what they have chosen in a list: first what it would do is said, then it is done."""

import csv
import io
import json

import pytest
from django.utils import timezone

from assets.models import Asset, Collection, LinkStatus, State, StoredFile, Tag, Visibility
from tests.conftest import client_of
from tests.support.factories import a_stored_file, a_user, an_administrator, an_asset, many_assets

pytestmark = pytest.mark.django_db

FILES, ENTRIES = "/admin/assets/storedfile/", "/admin/assets/asset/"


@pytest.fixture
def as_root():
    return client_of(an_administrator())


def act(client, name: str, *rows, at: str = ENTRIES, **more: str) -> str:
    """The page that an action leads to: what it would do, or once it is `confirmed`, what it did."""
    chosen = {"action": name, "_selected_action": [str(row.pk) for row in rows], **more}
    response = client.post(at, chosen, follow=True)
    assert response.status_code == 200
    return response.content.decode()


# --- The verbs of the library, for everybody's entries ------------------------------------------------------------


def test_entries_of_anybody_go_to_the_trash_and_come_back_and_go_for_good(as_root, ana, ben):
    first, second = an_asset(owner=ana, title="first one"), an_asset(owner=ben, title="second one")
    page = act(as_root, "trash", first, second)
    assert "Move to trash: 2 entries." in page and "first one (ana)" in page
    assert not Asset.objects.trashed().exists()
    page = act(as_root, "trash", first, second, confirmed="")
    assert "2 assets moved to trash." in page
    assert Asset.objects.trashed().count() == 2
    trash = f"{ENTRIES}?trash=yes"
    assert "1 asset restored." in act(as_root, "restore", first, at=trash, confirmed="")
    assert "1 asset deleted permanently." in act(as_root, "purge", second, at=trash, confirmed="")
    assert list(Asset.objects.all()) == [first] and not Asset.objects.get().is_trashed


def test_what_is_not_done_is_said_with_its_reason(as_root, ana):
    entry = an_asset(owner=ana, title="in use")
    page = act(as_root, "purge", entry)
    assert "1 entry (not in the trash)." in page and 'name="confirmed"' not in page
    act(as_root, "purge", entry, confirmed="")
    assert Asset.objects.exists()


def test_who_sees_entries_is_asked_shown_and_then_changed(as_root, ana):
    entry, private = an_asset(owner=ana), an_asset(owner=ana, visibility=Visibility.PRIVATE)
    page = act(as_root, "visibility", entry, private)
    assert "Seen by" in page and "Show what it will do" in page
    page = act(as_root, "visibility", entry, private, asked="", visibility="private")
    assert "1 entry." in page and "already have this visibility" in page
    assert Asset.objects.filter(visibility=Visibility.TEAM).exists()
    act(as_root, "visibility", entry, private, confirmed="", visibility="private")
    assert not Asset.objects.filter(visibility=Visibility.TEAM).exists()


def test_entries_are_handed_over_to_another_person(as_root, ana, ben):
    entry = an_asset(owner=ana, title="the plan")
    page = act(as_root, "hand_over", entry, asked="", owner=str(ben.pk))
    assert "Change owner: 1 entry." in page and "the plan (ana)" in page
    act(as_root, "hand_over", entry, confirmed="", owner=str(ben.pk))
    entry.refresh_from_db()
    assert entry.owner == ben
    assert "ben" in entry.search_text and "ana" not in entry.search_text


def test_nobody_gets_a_second_entry_of_the_same_file(as_root, ana, ben):
    carl = a_user("carl")
    shared = an_asset(owner=ana, title="same")
    an_asset(owner=ben, stored_file=shared.stored_file, title="same")
    page = act(as_root, "hand_over", *Asset.objects.all(), confirmed="", owner=str(carl.pk))
    assert "Owner changed for 1 asset." in page and "the new owner already has them, or the same file" in page
    assert Asset.objects.filter(owner=carl).count() == 1 and Asset.objects.count() == 2
    page = act(as_root, "hand_over", *Asset.objects.all(), confirmed="", owner=str(carl.pk))
    assert "No assets changed." in page


def test_nothing_is_handed_over_to_somebody_who_has_left(as_root, ana):
    gone = a_user("gone", is_active=False)
    page = act(as_root, "hand_over", an_asset(owner=ana), confirmed="", owner=str(gone.pk))
    assert "Select a valid choice" in page
    assert Asset.objects.get().owner == ana


def test_all_results_across_pages_are_worked_through(as_root, ana, ben):
    many_assets(120, owner=ana)
    kept = an_asset(owner=ben)
    everything = {"select_across": "1", "at": f"{ENTRIES}?owner={ana.pk}"}
    one = Asset.objects.filter(owner=ana)[0]
    assert "Move to trash: 120 entries." in act(as_root, "trash", one, **everything)
    assert "120 assets moved to trash." in act(as_root, "trash", one, **everything, confirmed="")
    assert list(Asset.objects.current()) == [kept]


def test_more_than_can_be_changed_at_once_are_refused_before_anything_is_done(as_root, ana, monkeypatch):
    monkeypatch.setattr("assets.bulk.selection.MAX_SELECTED", 10)
    many_assets(11, owner=ana)
    page = act(as_root, "trash", Asset.objects.all()[0], select_across="1", confirmed="")
    assert "More than 10 assets selected" in page
    assert not Asset.objects.trashed().exists()


# --- Files --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [FILES, ENTRIES])
def test_failed_files_are_sent_again_by_an_action(as_root, at):
    failed, stored = an_asset(state=State.FAILED), an_asset()
    rows = [entry if at == ENTRIES else entry.stored_file for entry in (failed, stored)]
    page = act(as_root, "retry", *rows, at=at)
    assert "1 failed file will be sent again" in page and "1 file that did not fail." in page
    assert StoredFile.objects.failed().exists()
    assert "1 failed file is sent again" in act(as_root, "retry", *rows, at=at, confirmed="")
    assert StoredFile.objects.get(pk=failed.stored_file_id).state == State.QUEUED


def test_broken_links_of_entries_are_uploaded_again(as_root, ana):
    broken = an_asset(owner=ana, stored_file=a_stored_file(link_status=LinkStatus.BROKEN))
    page = act(as_root, "upload_again", broken, an_asset(owner=ana))
    assert "1 file will be uploaded again" in page and "was not found broken or changed" in page
    assert "1 file is uploaded again." in act(as_root, "upload_again", broken, confirmed="")
    assert "1 link will be looked at" in act(as_root, "check_now", an_asset(owner=ana))


# --- Exports ------------------------------------------------------------------------------------------------------


def exported(client, name: str, *rows, **more: str) -> str:
    chosen = {"action": name, "_selected_action": [str(row.pk) for row in rows], "confirmed": "", **more}
    response = client.post(ENTRIES, chosen)
    assert response.streaming
    return b"".join(response.streaming_content).decode()


def test_all_that_is_known_of_entries_is_exported(as_root, ana):
    entries = [an_asset(owner=ana, title="=1+1", visibility=Visibility.PRIVATE), *many_assets(60, owner=ana)]
    assert "A file with 61 entries" in act(as_root, "export_csv", entries[0], select_across="1", asked="")
    rows = list(csv.DictReader(io.StringIO(exported(as_root, "export_csv", entries[0], select_across="1"))))
    assert {row["id"] for row in rows} == {str(entry.pk) for entry in entries}
    assert "'=1+1" in {row["title"] for row in rows}
    (found,) = json.loads(exported(as_root, "export_json", entries[0]))["assets"]
    assert (found["title"], found["owner"], found["url"]) == ("=1+1", "ana", entries[0].stored_file.url)


def test_urls_with_e_mail_addresses_can_be_left_out(as_root, ana):
    url = "https://images.segmind.com/assets/ana%40example.com/1.png"
    carries, does_not = an_asset(owner=ana, stored_file=a_stored_file(url=url)), an_asset(owner=ana)
    text = exported(as_root, "export_csv", carries, does_not, without_addresses="on")
    assert url not in text and does_not.stored_file.url in text


# --- Tags and collections -----------------------------------------------------------------------------------------


def test_tags_are_merged_into_one(as_root, ana):
    an_asset(owner=ana, tags=("colour", "color", "other"))
    target = Tag.objects.get(name="colour")
    chosen = list(Tag.objects.filter(name__in=["colour", "color"]))
    page = act(as_root, "merge", *chosen, at="/admin/assets/tag/", asked="", target=str(target.pk))
    assert "“color” becomes “colour”: 1 entry" in page and "cannot be undone" in page
    page = act(as_root, "merge", *chosen, at="/admin/assets/tag/", confirmed="", target=str(target.pk))
    assert "1 name merged into “colour”." in page
    assert set(Tag.objects.values_list("name", flat=True)) == {"colour", "other"}


def test_a_collection_cannot_be_merged_into_what_is_nested_in_it(as_root, ana):
    an_asset(owner=ana).set_labels(collections=["Trips/2024"])
    outer, inner = Collection.objects.order_by("path")
    page = act(as_root, "merge", outer, at="/admin/assets/collection/", confirmed="", target=str(inner.pk))
    assert "can’t be moved into itself" in page
    assert Collection.objects.count() == 2


def test_names_are_deleted_with_what_is_nested_in_them(as_root, ana):
    an_asset(owner=ana).set_labels(collections=["Trips/2024"])
    chosen = list(Collection.objects.all())
    page = act(as_root, "delete", *chosen, at="/admin/assets/collection/")
    assert "“Trips” is deleted: 1 entry" in page
    assert "2 names are deleted" in act(as_root, "delete", *chosen, at="/admin/assets/collection/", confirmed="")
    assert Asset.objects.exists() and not Collection.objects.exists()


# --- Who may ------------------------------------------------------------------------------------------------------


def test_what_was_changed_meanwhile_is_looked_at_again(as_root, ana):
    entry = an_asset(owner=ana)
    assert "1 entry" in act(as_root, "trash", entry)
    entry.trash(timezone.now())
    assert "No assets changed." in act(as_root, "trash", entry, at=f"{ENTRIES}?trash=yes", confirmed="")
