"""Private collections: seen by one person alone, under any name, and named to nobody else in any way."""

import pytest

from assets.audit import log
from assets.audit.log import LogEntry
from assets.models import Asset, Collection, Role, Visibility
from assets.uploads.receive import receive_known
from tests.conftest import client_of
from tests.support.factories import a_person, a_picture, an_administrator, an_asset

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}


def page(collection: Collection) -> str:
    return f"/collections/{collection.pk}/"


def make(client, path: str) -> Collection:
    client.post("/collections/", {"name": path, "visibility": "private"})
    return Collection.objects.private().get(path=path)


def in_it(client, path: str) -> set[str]:
    return {entry["title"] for entry in client.get("/", {"q": f'in:"{path}"'}, headers=JSON).json()["assets"]}


@pytest.fixture
def plans(as_ana, ana) -> Collection:
    """A private collection of Ana's, with an entry of the team's in it."""
    collection = make(as_ana, "Plans/Merger")
    entry = an_asset(owner=ana, title="Bird")
    as_ana.post(entry.get_absolute_url(), {"title": "Bird", "collections": "Plans/Merger"})
    assert Asset.objects.get().collections.get() == collection
    return collection


def test_its_owner_finds_it_everywhere(as_ana, plans):
    listed = as_ana.get("/collections/").content.decode()
    assert "Plans" in listed
    assert "Private" in listed
    assert "Merger" in as_ana.get(page(plans.parent)).content.decode()
    assert as_ana.get("/collections/complete/?q=merg").json()["names"] == ["Plans/Merger"]
    assert in_it(as_ana, "plans/merger") == in_it(as_ana, "Merger") == {"Bird"}
    entry = Asset.objects.get()
    assert "Plans/Merger" in as_ana.get(entry.get_absolute_url()).content.decode()
    assert as_ana.get(entry.get_absolute_url(), headers=JSON).json()["collections"] == ["Plans/Merger"]
    assert "Plans/Merger" in b"".join(as_ana.get("/assets/export/csv/?all=1").streaming_content).decode()


def test_nobody_else_is_told_of_it_in_any_way(plans, ben):
    entry = Asset.objects.get()
    for client in (client_of(ben), client_of(a_person(Role.MANAGER)), client_of(an_administrator())):
        addresses = ["/collections/", "/collections/?q=e", "/", entry.get_absolute_url(), "/?q=in:merger"]
        pages = "".join(client.get(address).content.decode() for address in addresses)
        pages += str([client.get(address, headers=JSON).json() for address in addresses])
        pages += client.get("/collections/complete/?q=m").content.decode()
        pages += b"".join(client.get("/assets/export/json/?all=1").streaming_content).decode()
        assert "Plans" not in pages
        assert "Merger" not in pages.replace("in:merger", "")
        assert in_it(client, "Plans/Merger") == in_it(client, "Merger") == set()
        assert client.get("/", {"q": "merger"}, headers=JSON).json()["assets"] == []
        for method in (client.get, client.post):
            assert method(page(plans)).status_code == method(page(plans.parent)).status_code == 404


def test_the_history_of_an_entry_does_not_name_it(plans, ben, as_ana, ana):
    entry = Asset.objects.get()
    as_ana.post("/assets/bulk/", {"action": "uncollect", "collection": "Plans", "id": [entry.pk], "confirmed": "1"})
    as_ana.post("/assets/bulk/", {"action": "collect", "collection": "Plans", "id": [entry.pk], "confirmed": "1"})
    told = str(log.of(entry, user=ben))
    assert "a private collection" in told
    assert "Plans" not in told
    records = LogEntry.objects.filter(object_pk=str(entry.pk))
    assert records
    assert not [record for record in records if "Merger" in str(record.changes)]


def test_an_upload_into_it_is_recorded_without_its_name(as_ana, plans, upload, ben):
    upload(as_ana, ("a.png", a_picture()), collection="Plans/Merger")
    entry = Asset.objects.get(file_name="a.png")
    assert entry.collections.get() == plans
    assert "merger" not in entry.search_text
    assert "Merger" not in str(LogEntry.objects.filter(object_pk=str(entry.pk)).values())


def test_who_uploads_the_same_content_is_not_told_in_what_it_is(as_ana, plans, upload, ben):
    content = a_picture()
    upload(as_ana, ("a.png", content), collection="Plans/Merger")
    assert "in Plans/Merger" in upload(as_ana, ("a.png", content))["results"][0]["note"]
    assert "Merger" not in upload(client_of(ben), ("b.png", content))["results"][0]["note"]


def test_the_same_name_means_ones_own_and_otherwise_the_teams(as_ana, plans, ben, ana):
    as_ben = client_of(ben)
    his, hers = an_asset(owner=ben, title="His"), an_asset(owner=ana, title="Hers")
    for client, entry in ((as_ben, his), (as_ana, hers)):
        sent = {"action": "collect", "collection": "plans/merger", "id": [entry.pk], "confirmed": "1"}
        assert client.post("/assets/bulk/", sent, headers=JSON).json()["changed"] == 1
    assert his.collections.get().private_to is None
    assert hers.collections.get() == plans
    assert in_it(as_ben, "Plans/Merger") == {"His"}
    assert in_it(as_ana, "Plans/Merger") == {"Bird", "Hers", "His"}
    as_ben.post("/collections/", {"name": "Plans", "visibility": "private"})
    assert Collection.objects.filter(path__iexact="Plans").count() == 3


def test_an_edit_by_somebody_else_leaves_an_entry_in_it(plans):
    entry = Asset.objects.get()
    as_manager = client_of(a_person(Role.MANAGER))
    shown = as_manager.get(entry.get_absolute_url()).content.decode()
    assert "Merger" not in shown
    as_manager.post(entry.get_absolute_url(), {"title": "Fish", "collections": "Zoo"})
    assert {collection.path for collection in entry.collections.all()} == {"Plans/Merger", "Zoo"}


def test_an_entry_stays_in_both_of_the_same_name_when_it_is_edited(as_ana, ana, plans):
    entry = Asset.objects.get()
    entry.collections.add(Collection.objects.get_or_create_by_name("Plans/Merger"))
    as_ana.post(entry.get_absolute_url(), {"title": "Fish", "collections": "Plans/Merger, Plans/Merger"})
    assert entry.collections.count() == 2


def test_entries_in_it_stay_visible_to_whom_they_are(plans, ben):
    entry = Asset.objects.get()
    assert entry.visibility == Visibility.TEAM
    assert client_of(ben).get(entry.get_absolute_url()).status_code == 200


def test_a_collection_is_made_private_where_nobody_else_has_anything_in_it(as_ana, ana, ben):
    entry = an_asset(owner=ana)
    entry.label(collections=["Trips/2024"])
    trips = Collection.objects.get(path="Trips")
    page_of_it = as_ana.get(page(trips)).content.decode()
    assert "Who sees this collection" in page_of_it
    as_ana.post(page(trips), {"action": "visibility", "visibility": "private"})
    assert set(Collection.objects.private().values_list("path", flat=True)) == {"Trips", "Trips/2024"}
    entry.refresh_from_db()
    assert "trips" not in entry.search_text
    assert in_it(as_ana, "Trips/2024")
    assert not in_it(client_of(ben), "Trips")
    as_ana.post(page(trips), {"action": "visibility", "visibility": "team"})
    entry.refresh_from_db()
    assert not Collection.objects.private()
    assert "trips" in entry.search_text


def test_what_others_have_entries_in_stays_the_teams(as_ana, ana, ben):
    for owner in (ana, ben):
        an_asset(owner=owner).label(collections=["Trips"])
    trips = Collection.objects.get()
    for client in (as_ana, client_of(a_person(Role.MANAGER))):
        assert "Who sees this collection" not in client.get(page(trips)).content.decode()
        assert client.post(page(trips), {"action": "visibility", "visibility": "private"}).status_code == 403
    assert not Collection.objects.private()


def test_a_private_one_does_not_take_the_place_of_one_of_the_teams(as_ana, plans):
    Collection.objects.get_or_create_by_name("Plans")
    as_ana.post(page(plans.parent), {"action": "visibility", "visibility": "team"})
    response = as_ana.get("/collections/")
    assert "There is already another collection “Plans”" in response.content.decode()
    assert Collection.objects.private().count() == 2


def test_it_is_renamed_nested_and_deleted_like_any_other(as_ana, plans, ben):
    as_ana.post(page(plans.parent), {"action": "rename", "name": "Secrets/Plans"})
    assert set(Collection.objects.private().values_list("path", flat=True)) == {
        "Secrets", "Secrets/Plans", "Secrets/Plans/Merger",
    }  # fmt: skip
    assert Collection.objects.private().count() == Collection.objects.count()
    assert in_it(as_ana, "Secrets/Plans/Merger") == {"Bird"}
    as_ana.post(page(Collection.objects.get(path="Secrets")), {"action": "delete", "confirmed": "1"})
    assert not Collection.objects.exists()
    assert Asset.objects.exists()


def test_a_tag_that_only_others_keep_private_is_not_given_away_by_a_rename(as_ana, ana, ben):
    an_asset(owner=ana, tags=("sea",))
    an_asset(owner=ben, tags=("ocean",), visibility=Visibility.PRIVATE)
    tag = Asset.objects.get(owner=ana).tags.get()
    response = as_ana.post(f"/tags/{tag.pk}/", {"action": "rename", "name": "ocean"}, follow=True)
    assert "“sea” is called “ocean” now" in response.content.decode()


def test_who_receives_known_content_gets_it_into_their_own_collection(ana, plans, as_ana):
    entry = Asset.objects.get()
    received = receive_known(entry.stored_file.sha256, owner=ana, file_name="x.png", collections=["Plans"])
    assert received is not None
    assert {one.private_to for one in entry.collections.all()} == {ana}
    assert entry.collections.count() == 2
