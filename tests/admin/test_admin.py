"""Lists and pages of the administration: what is found in them, and what it costs."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from assets.models import Asset, Collection, LinkStatus, PastUrl, State, StoredFile, Tag
from tests.conftest import client_of
from tests.support.factories import a_request, a_stored_file, an_administrator, an_asset, many_assets

pytestmark = pytest.mark.django_db

FILES, ENTRIES = "/admin/assets/storedfile/", "/admin/assets/asset/"
LISTS = ["storedfile", "asset", "tag", "collection", "uploadrequest"]
# Session, person, count and rows, and what hangs on the rows of one page.
MOST_QUERIES = 10


@pytest.fixture
def as_root():
    return client_of(an_administrator())


def listed(client, address: str, **parameters: str) -> int:
    """How many rows a list shows."""
    response = client.get(address, parameters)
    assert response.status_code == 200, response.headers
    return len(response.context["cl"].result_list)


@pytest.mark.parametrize("name", LISTS)
def test_every_list_opens_and_can_be_searched(as_root, name):
    entry = an_asset(tags=("sea",))
    entry.set_labels(collections=["Trip"])
    a_request(outcome="stored").files.add(entry.stored_file)
    assert as_root.get(f"/admin/assets/{name}/").status_code == 200
    assert as_root.get(f"/admin/assets/{name}/?q=sea").status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("name", LISTS)
def test_a_list_takes_few_queries_however_many_rows_it_has(as_root, name, ana, ben, django_assert_max_num_queries):
    for number in range(12):
        entry = an_asset(owner=ana, tags=(f"tag {number}",))
        an_asset(owner=ben, stored_file=entry.stored_file)
        entry.set_labels(collections=[f"Trips/{number}"])
        a_request(outcome="stored").files.add(entry.stored_file)
    as_root.get(f"/admin/assets/{name}/")
    with django_assert_max_num_queries(MOST_QUERIES):
        assert listed(as_root, f"/admin/assets/{name}/") >= 12


def test_nothing_is_counted_further_than_anybody_reads(as_root, ana):
    many_assets(505, owner=ana)
    for address in (FILES, ENTRIES):
        page = as_root.get(address).content.decode()
        assert "500+" in page and "505 " not in page


# --- Search -------------------------------------------------------------------------------------------------------


def test_a_stored_file_is_found_by_its_url_hash_and_person(as_root):
    entry = an_asset(title="Harbour")
    an_asset()
    file = entry.stored_file
    texts = [file.url, file.url[:-3], file.sha256, file.sha256[:12], str(file.pk), str(entry.pk)]
    for text in [*texts, entry.owner.username, entry.title, entry.file_name, f"by:{entry.owner.username}"]:
        for address in (FILES, ENTRIES):
            page = as_root.get(address, {"q": text}).content.decode()
            assert "1 stored file" in page or "1 asset" in page, (address, text)


def test_a_file_is_found_by_a_url_that_it_had(as_root):
    entry = an_asset()
    an_asset()
    now, url = timezone.now(), "https://images.segmind.com/assets/before.png"
    PastUrl.objects.create(stored_file=entry.stored_file, url=url, stored_at=now, replaced_at=now, why="broken")
    assert listed(as_root, FILES, q=url) == listed(as_root, ENTRIES, q=url) == 1


def test_an_exchange_is_found_by_what_it_carried_and_by_what_was_said(as_root):
    file = a_stored_file()
    a_request(outcome="stored", message="").files.add(file)
    a_request(outcome="rejected", message="Invalid data URL.", key_fingerprint="abc123abc123")
    for text in (file.url, file.sha256, "invalid data", "abc123"):
        assert listed(as_root, "/admin/assets/uploadrequest/", q=text) == 1, text


def test_private_and_trashed_entries_are_found_too(as_root, ana):
    an_asset(owner=ana, title="secret plan", visibility="private")
    an_asset(owner=ana, title="secret trash", trashed_at=timezone.now())
    assert listed(as_root, ENTRIES, q="secret") == 1
    assert listed(as_root, ENTRIES, q="secret", trash="yes") == 1
    assert listed(as_root, FILES, q="secret") == 2


# --- Filters ------------------------------------------------------------------------------------------------------


def test_entries_are_filtered_by_all_that_is_known_of_them(as_root, ana, ben):
    broken = a_stored_file(link_status=LinkStatus.BROKEN)
    entry = an_asset(owner=ana, stored_file=broken, tags=("sea",), visibility="private")
    entry.set_labels(collections=["Trips/2024"])
    an_asset(owner=ben, state=State.FAILED)
    collection = Collection.objects.get(key="trips").pk
    for filters in [
        {"kind__exact": "image", "owner": ana.pk},
        {"visibility__exact": "private"},
        {"stored_file__state__exact": "stored"},
        {"stored_file__state__exact": "failed"},
        {"stored_file__link_status__exact": "broken"},
        {"collection": collection},
        {"tag": Tag.objects.get().pk},
        {"owner": ben.pk},
    ]:
        assert listed(as_root, ENTRIES, **filters) == 1, filters
    assert listed(as_root, ENTRIES, size="small") == 2
    assert listed(as_root, ENTRIES, size="huge") == 0


def test_files_are_filtered_by_all_that_is_known_of_them(as_root, ana):
    entry = an_asset(owner=ana, stored_file=a_stored_file(link_status=LinkStatus.BROKEN, size=200_000_000))
    entry.set_labels(collections=["Trips/2024"])
    a_stored_file(media_type="application/pdf", state=State.FAILED)
    for filters in [
        {"kind": "image"},
        {"kind": "other"},
        {"state__exact": "failed"},
        {"link_status__exact": "broken"},
        {"size": "huge"},
        {"owner": ana.pk},
        {"collection": Collection.objects.get(key="trips").pk},
    ]:
        assert listed(as_root, FILES, **filters) == 1, filters


def test_a_filter_by_somebody_who_is_not_there_is_refused(as_root):
    response = as_root.get(ENTRIES, {"owner": "nobody"})
    assert response.status_code == 302 and response["location"].endswith("?e=1")


def test_a_filter_by_person_keeps_the_search_and_the_other_filters(as_root, ana):
    page = as_root.get(ENTRIES, {"q": "sea", "kind__exact": "image", "owner": ana.pk}).content.decode()
    assert '<input type="hidden" name="q" value="sea">' in page
    assert '<input type="hidden" name="kind__exact" value="image">' in page
    assert f'<option value="{ana.pk}" selected>ana</option>' in page


def test_a_list_is_narrowed_by_year_month_and_day(as_root, ana):
    for moment in (datetime(2024, 3, 5, 12, tzinfo=UTC), datetime(2024, 4, 1, 12, tzinfo=UTC), timezone.now()):
        file = a_stored_file(created_at=moment)
        an_asset(owner=ana, stored_file=file, created_at=moment)
    for address in (FILES, ENTRIES):
        assert "?created_at__year=2024" in as_root.get(address).content.decode()
        page = as_root.get(address, {"created_at__year": "2024"}).content.decode()
        assert ">March</a>" in page and ">January</a>" not in page
        assert listed(as_root, address, created_at__year="2024") == 2
        parts = {"created_at__year": "2024", "created_at__month": "3"}
        assert ">5</a>" in as_root.get(address, parts).content.decode()
        assert listed(as_root, address, **parts, created_at__day="5") == 1
        assert listed(as_root, address, **parts, created_at__day="6") == 0


# --- Pages --------------------------------------------------------------------------------------------------------


def test_a_stored_file_shows_who_has_it_and_what_carried_it_and_cannot_be_edited(as_root):
    entry = an_asset(title="the one")
    request = a_request(outcome="stored")
    request.files.add(entry.stored_file)
    address = f"{FILES}{entry.stored_file_id}/change/"
    page = as_root.get(address).content.decode()
    assert "the one" in page and entry.owner.username in page
    assert f"/admin/assets/uploadrequest/{request.pk}/change/" in page and "1 files" in page
    assert as_root.post(address, {"url": "https://evil.example/"}).status_code == 403


def test_the_ledger_shows_what_an_exchange_carried_and_cannot_be_edited(as_root):
    file, request = a_stored_file(), a_request(outcome="stored")
    request.files.add(file)
    address = f"/admin/assets/uploadrequest/{request.pk}/change/"
    assert f"{FILES}{file.pk}/change/" in as_root.get(address).content.decode()
    assert as_root.post(address, {"outcome": "rejected"}).status_code == 403
    assert as_root.post("/admin/assets/uploadrequest/add/").status_code == 403


def test_url_and_hash_of_an_entry_are_never_edited_by_hand(as_root, ana):
    entry = an_asset(owner=ana, title="before")
    file = entry.stored_file
    fields = {"title": "after", "description": "", "visibility": "team", "owner": "9", "url": "x", "sha256": "x"}
    assert as_root.post(f"{ENTRIES}{entry.pk}/change/", fields).status_code == 302
    entry.refresh_from_db()
    assert (entry.title, entry.owner) == ("after", ana)
    assert StoredFile.objects.get() == file and StoredFile.objects.get().url == file.url


def test_an_entry_cannot_be_deleted_past_the_trash(as_root):
    entry = an_asset()
    assert as_root.post(f"{ENTRIES}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Asset.objects.exists()


def test_pictures_are_shown_to_administrators_only(as_root, as_ana):
    file = a_stored_file()
    file.preview.save(f"previews/{file.sha256}.webp", ContentFile(b"RIFF....WEBP"))
    address = f"{FILES}{file.pk}/preview/"
    assert address in as_root.get(FILES).content.decode()
    response = as_root.get(address)
    assert response["content-type"] == "image/webp"
    assert b"".join(response.streaming_content)
    assert as_ana.get(address).status_code == 302


def test_a_correction_by_hand_is_findable(as_root, as_ana):
    entry = an_asset(title="tpyo", tags=("old",))
    data = {"title": "typo", "description": "", "visibility": "team", "tags": [], "collections": []}
    response = as_root.post(f"{ENTRIES}{entry.pk}/change/", data)
    assert response.status_code == 302
    assert Asset.objects.get().search_text.splitlines()[0] == "typo"


# --- Tags and collections -----------------------------------------------------------------------------------------


def test_a_renamed_tag_is_findable_by_its_new_name(as_root):
    entry = an_asset(tags=("colour",))
    tag = entry.tags.get()
    as_root.post(f"/admin/assets/tag/{tag.pk}/change/", {"name": "Farbe"})
    entry.refresh_from_db()
    assert "farbe" in entry.search_text and "colour" not in entry.search_text


def test_a_collection_moves_by_its_path_with_what_is_nested_in_it(as_root, ana):
    an_asset(owner=ana).set_labels(collections=["Trips/2024/Sea"])
    moved = Collection.objects.get(path="Trips/2024")
    as_root.post(f"/admin/assets/collection/{moved.pk}/change/", {"name": "Archive/Old"})
    assert set(Collection.objects.values_list("path", flat=True)) == {
        "Trips", "Archive", "Archive/Old", "Archive/Old/Sea",
    }  # fmt: skip
    assert "archive/old/sea" in Asset.objects.get().search_text


def test_a_name_that_is_taken_asks_for_a_merge(as_root):
    an_asset(tags=("colour", "Farbe"))
    tag = Tag.objects.get(name="colour")
    page = as_root.post(f"/admin/assets/tag/{tag.pk}/change/", {"name": "farbe"}).content.decode()
    assert "is there already" in page
    assert Tag.objects.filter(name="colour").exists()


def test_tags_and_collections_can_be_made(as_root):
    as_root.post("/admin/assets/tag/add/", {"name": "sea"})
    as_root.post("/admin/assets/collection/add/", {"name": "Trips/2024"})
    assert Tag.objects.get().name == "sea"
    assert {str(one) for one in Collection.objects.all()} == {"Trips", "Trips/2024"}


def test_lists_of_names_say_how_many_entries_have_them(as_root, ana):
    many_assets(3, owner=ana, tag="sea")
    page = as_root.get("/admin/assets/tag/").content.decode()
    assert 'href="/?q=tag%3Asea">3</a>' in page


def test_a_member_is_no_administrator(as_ana):
    for name in LISTS:
        assert as_ana.get(f"/admin/assets/{name}/").status_code == 302


def test_dates_before_the_first_row_are_not_offered(as_root):
    a_stored_file(created_at=timezone.now() - timedelta(days=1))
    assert f"created_at__year={timezone.localdate().year - 2}" not in as_root.get(FILES).content.decode()
