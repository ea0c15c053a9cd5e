"""Lists and pages of the admin: what they find and show, and how many queries that takes."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from assets.models import Asset, Collection, LinkStatus, PastUrl, State, StoredFile, Tag
from tests.support.factories import a_request, a_stored_file, an_asset, many_assets

pytestmark = pytest.mark.django_db

FILES, ASSETS = "/admin/assets/storedfile/", "/admin/assets/asset/"
REQUESTS = "/admin/assets/uploadrequest/"
LISTS = ["storedfile", "asset", "tag", "collection", "uploadrequest"]
# Session, person, count, rows, and what is prefetched for the rows of a page.
MAX_QUERIES = 10


def count_rows(client, url: str, **parameters: str) -> int:
    """How many rows a list shows."""
    response = client.get(url, parameters)
    assert response.status_code == 200, response.headers
    return len(response.context["cl"].result_list)


@pytest.mark.parametrize("name", LISTS)
def test_every_list_opens_and_can_be_searched(as_root, name):
    asset = an_asset(tags=("sea",))
    asset.set_labels(collections=["Trip"])
    a_request(outcome="stored").files.add(asset.stored_file)
    assert as_root.get(f"/admin/assets/{name}/").status_code == 200
    assert as_root.get(f"/admin/assets/{name}/?q=sea").status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("name", LISTS)
def test_a_list_takes_few_queries_however_many_rows_it_has(as_root, name, ana, ben, django_assert_max_num_queries):
    for number in range(12):
        asset = an_asset(owner=ana, tags=(f"tag {number}",))
        an_asset(owner=ben, stored_file=asset.stored_file)
        asset.set_labels(collections=[f"Trips/{number}"])
        a_request(outcome="stored").files.add(asset.stored_file)
    as_root.get(f"/admin/assets/{name}/")
    with django_assert_max_num_queries(MAX_QUERIES):
        assert count_rows(as_root, f"/admin/assets/{name}/") >= 12


def test_a_long_list_is_not_counted_to_its_end(as_root, ana):
    many_assets(1005, owner=ana)
    for url in (FILES, ASSETS):
        page = as_root.get(url).content.decode()
        assert "1,000+" in page
        assert "1005 " not in page


def test_a_list_has_the_name_of_its_place_as_title(as_root):
    assert "<h1>Stored files</h1>" in as_root.get(FILES).content.decode()


def test_dates_are_shown_as_in_the_library(as_root, ana, settings):
    settings.TIME_ZONE = "UTC"
    moment = datetime(2026, 11, 27, 16, 40, tzinfo=UTC)
    asset = an_asset(owner=ana, created_at=moment)
    assert "27 Nov 2026, 16:40" in as_root.get(ASSETS).content.decode()
    assert "27 Nov 2026, 16:40" in as_root.get(f"{FILES}{asset.stored_file_id}/change/").content.decode()


# --- Search -------------------------------------------------------------------------------------------------------


def test_a_stored_file_is_found_by_its_url_hash_and_person(as_root):
    asset = an_asset(title="Harbour")
    an_asset()
    file = asset.stored_file
    texts = [file.url, file.url[:-3], file.sha256, file.sha256[:12], str(file.pk), str(asset.pk)]
    for text in [*texts, asset.owner.username, asset.title, asset.file_name, f"by:{asset.owner.username}"]:
        for url in (FILES, ASSETS):
            page = as_root.get(url, {"q": text}).content.decode()
            assert "1 stored file" in page or "1 asset" in page, (url, text)


def test_a_file_is_found_by_a_url_that_it_had(as_root):
    asset = an_asset()
    an_asset()
    now, url = timezone.now(), "https://images.segmind.com/assets/before.png"
    PastUrl.objects.create(stored_file=asset.stored_file, url=url, stored_at=now, replaced_at=now, why="broken")
    assert count_rows(as_root, FILES, q=url) == count_rows(as_root, ASSETS, q=url) == 1


def test_an_upload_request_is_found_by_its_files_its_message_and_its_key(as_root):
    file = a_stored_file()
    a_request(outcome="stored", message="").files.add(file)
    a_request(outcome="rejected", message="Invalid data URL.", key_fingerprint="abc123abc123")
    for text in (file.url, file.sha256, "invalid data", "abc123"):
        assert count_rows(as_root, REQUESTS, q=text) == 1, text


def test_private_and_trashed_assets_are_found(as_root, ana):
    an_asset(owner=ana, title="secret plan", visibility="private")
    an_asset(owner=ana, title="secret trash", trashed_at=timezone.now())
    assert count_rows(as_root, ASSETS, q="secret") == 1
    assert count_rows(as_root, ASSETS, q="secret", trash="yes") == 1
    assert count_rows(as_root, FILES, q="secret") == 2


# --- Filters ------------------------------------------------------------------------------------------------------


def test_assets_are_filtered(as_root, ana, ben):
    broken = a_stored_file(link_status=LinkStatus.BROKEN)
    asset = an_asset(owner=ana, stored_file=broken, tags=("sea",), visibility="private")
    asset.set_labels(collections=["Trips/2024"])
    an_asset(owner=ben, state=State.FAILED)
    collection = Collection.objects.get(key="trips").pk
    for filters in [
        {"kind__exact": "image", "owner": ana.pk},
        {"visibility": "private"},
        {"stored_file__state__exact": "stored"},
        {"stored_file__state__exact": "failed"},
        {"stored_file__link_status__exact": "broken"},
        {"collection": collection},
        {"tag": Tag.objects.get().pk},
        {"owner": ben.pk},
    ]:
        assert count_rows(as_root, ASSETS, **filters) == 1, filters
    assert count_rows(as_root, ASSETS, size="small") == 2
    assert count_rows(as_root, ASSETS, size="huge") == 0


def test_stored_files_are_filtered(as_root, ana):
    asset = an_asset(owner=ana, stored_file=a_stored_file(link_status=LinkStatus.BROKEN, size=200_000_000))
    asset.set_labels(collections=["Trips/2024"])
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
        assert count_rows(as_root, FILES, **filters) == 1, filters


def test_a_filter_by_an_unknown_person_is_refused(as_root):
    response = as_root.get(ASSETS, {"owner": "nobody"})
    assert response.status_code == 302
    assert response["location"].endswith("?e=1")


def test_a_filter_by_person_keeps_the_search_and_the_other_filters(as_root, ana):
    page = as_root.get(ASSETS, {"q": "sea", "kind__exact": "image", "owner": ana.pk}).content.decode()
    assert '<input type="hidden" name="q" value="sea">' in page
    assert '<input type="hidden" name="kind__exact" value="image">' in page
    assert f'<option value="{ana.pk}" selected>ana</option>' in page


def test_a_list_is_narrowed_by_year_month_and_day(as_root, ana):
    for moment in (datetime(2024, 3, 5, 12, tzinfo=UTC), datetime(2024, 4, 1, 12, tzinfo=UTC), timezone.now()):
        file = a_stored_file(created_at=moment)
        an_asset(owner=ana, stored_file=file, created_at=moment)
    for url in (FILES, ASSETS):
        assert "?created_at__year=2024" in as_root.get(url).content.decode()
        page = as_root.get(url, {"created_at__year": "2024"}).content.decode()
        assert ">March</a>" in page
        assert ">January</a>" not in page
        assert count_rows(as_root, url, created_at__year="2024") == 2
        parts = {"created_at__year": "2024", "created_at__month": "3"}
        assert ">5</a>" in as_root.get(url, parts).content.decode()
        assert count_rows(as_root, url, **parts, created_at__day="5") == 1
        assert count_rows(as_root, url, **parts, created_at__day="6") == 0


# --- Pages --------------------------------------------------------------------------------------------------------


def test_a_stored_file_shows_its_assets_and_upload_requests_and_cannot_be_edited(as_root):
    asset = an_asset(title="the one")
    request = a_request(outcome="stored")
    request.files.add(asset.stored_file)
    url = f"{FILES}{asset.stored_file_id}/change/"
    page = as_root.get(url).content.decode()
    assert "the one" in page
    assert asset.owner.username in page
    assert f"/admin/assets/uploadrequest/{request.pk}/change/" in page
    assert "1 file<" in page
    assert as_root.post(url, {"url": "https://evil.example/"}).status_code == 403


def test_an_upload_request_shows_its_files_and_cannot_be_edited(as_root):
    file, request = a_stored_file(), a_request(outcome="stored")
    request.files.add(file)
    url = f"/admin/assets/uploadrequest/{request.pk}/change/"
    assert f"{FILES}{file.pk}/change/" in as_root.get(url).content.decode()
    assert as_root.post(url, {"outcome": "rejected"}).status_code == 403
    assert as_root.post("/admin/assets/uploadrequest/add/").status_code == 403


def test_owner_and_url_of_an_asset_cannot_be_edited(as_root, ana):
    asset = an_asset(owner=ana, title="before")
    file = asset.stored_file
    fields = {"title": "after", "description": "", "visibility": "team", "owner": "9", "url": "x", "sha256": "x"}
    assert as_root.post(f"{ASSETS}{asset.pk}/change/", fields).status_code == 302
    asset.refresh_from_db()
    assert (asset.title, asset.owner) == ("after", ana)
    assert StoredFile.objects.get() == file
    assert StoredFile.objects.get().url == file.url


def test_an_asset_cannot_be_deleted_without_the_trash(as_root):
    asset = an_asset()
    assert as_root.post(f"{ASSETS}{asset.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Asset.objects.exists()


def test_previews_are_shown_to_administrators_only(as_root, as_ana):
    file = a_stored_file()
    file.preview.save(f"previews/{file.sha256}.webp", ContentFile(b"RIFF....WEBP"))
    url = f"{FILES}{file.pk}/preview/"
    assert url in as_root.get(FILES).content.decode()
    response = as_root.get(url)
    assert response["content-type"] == "image/webp"
    assert b"".join(response.streaming_content)
    assert as_ana.get(url).status_code == 302


def test_an_edited_asset_is_found_by_its_new_words(as_root, as_ana):
    asset = an_asset(title="tpyo", tags=("old",))
    data = {"title": "typo", "description": "", "visibility": "team", "tags": [], "collections": []}
    response = as_root.post(f"{ASSETS}{asset.pk}/change/", data)
    assert response.status_code == 302
    assert Asset.objects.get().search_text.splitlines()[0] == "typo"


# --- Tags and collections -----------------------------------------------------------------------------------------


def test_a_renamed_tag_is_found_by_its_new_name(as_root):
    asset = an_asset(tags=("colour",))
    tag = asset.tags.get()
    as_root.post(f"/admin/assets/tag/{tag.pk}/change/", {"name": "Farbe"})
    asset.refresh_from_db()
    assert "farbe" in asset.search_text
    assert "colour" not in asset.search_text


def test_a_collection_with_a_new_path_moves_with_those_nested_in_it(as_root, ana):
    an_asset(owner=ana).set_labels(collections=["Trips/2024/Sea"])
    moved = Collection.objects.get(path="Trips/2024")
    as_root.post(f"/admin/assets/collection/{moved.pk}/change/", {"name": "Archive/Old"})
    assert set(Collection.objects.values_list("path", flat=True)) == {
        "Trips", "Archive", "Archive/Old", "Archive/Old/Sea",
    }  # fmt: skip
    assert "archive/old/sea" in Asset.objects.get().search_text


def test_a_name_that_is_taken_suggests_a_merge(as_root):
    an_asset(tags=("colour", "Farbe"))
    tag = Tag.objects.get(name="colour")
    page = as_root.post(f"/admin/assets/tag/{tag.pk}/change/", {"name": "farbe"}).content.decode()
    assert "already exists. To merge the two" in page
    assert Tag.objects.filter(name="colour").exists()


def test_tags_and_collections_are_created(as_root):
    as_root.post("/admin/assets/tag/add/", {"name": "sea"})
    as_root.post("/admin/assets/collection/add/", {"name": "Trips/2024"})
    assert Tag.objects.get().name == "sea"
    assert {str(one) for one in Collection.objects.all()} == {"Trips", "Trips/2024"}


def test_a_list_of_tags_counts_their_assets(as_root, ana):
    many_assets(3, owner=ana, tag="sea")
    page = as_root.get("/admin/assets/tag/").content.decode()
    assert 'href="/tags/sea/">3</a>' in page


def test_a_member_cannot_open_the_admin(as_ana):
    for name in LISTS:
        assert as_ana.get(f"/admin/assets/{name}/").status_code == 302


def test_dates_before_the_first_row_have_no_links(as_root):
    a_stored_file(created_at=timezone.now() - timedelta(days=1))
    assert f"created_at__year={timezone.localdate().year - 2}" not in as_root.get(FILES).content.decode()
