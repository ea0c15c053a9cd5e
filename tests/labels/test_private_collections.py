"""Private collections: only their owner sees them, and nobody else learns their names."""

import pytest

from assets.audit import history
from assets.audit.log import LogEntry
from assets.models import Asset, Collection, Role, Visibility
from assets.uploads.receive import receive_known
from tests.conftest import client_of
from tests.support.factories import a_picture, a_user, an_administrator, an_asset

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}


def page(collection: Collection) -> str:
    return f"/collections/{collection.pk}/"


def create(client, path: str) -> Collection:
    client.post("/collections/", {"name": path, "visibility": "private"})
    return Collection.objects.private().get(path=path)


def in_it(client, path: str) -> set[str]:
    return {asset["title"] for asset in client.get("/", {"q": f'in:"{path}"'}, headers=JSON).json()["assets"]}


@pytest.fixture
def plans(as_ana, ana) -> Collection:
    """A private collection of Ana's, with an asset of the team's in it."""
    collection = create(as_ana, "Plans/Merger")
    asset = an_asset(owner=ana, title="Bird")
    as_ana.post(asset.get_absolute_url(), {"title": "Bird", "collections": "Plans/Merger"})
    assert Asset.objects.get().collections.get() == collection
    return collection


def test_the_owner_finds_it_everywhere(as_ana, plans):
    listed = as_ana.get("/collections/").content.decode()
    assert "Plans" in listed
    assert "Private" in listed
    assert "Merger" in as_ana.get(page(plans.parent), follow=True).content.decode()
    assert as_ana.get("/collections/complete/?q=merg").json()["names"] == ["Plans/Merger"]
    assert in_it(as_ana, "plans/merger") == in_it(as_ana, "Merger") == {"Bird"}
    asset = Asset.objects.get()
    assert "Plans/Merger" in as_ana.get(asset.get_absolute_url()).content.decode()
    assert as_ana.get(asset.get_absolute_url(), headers=JSON).json()["collections"] == ["Plans/Merger"]
    assert "Plans/Merger" in b"".join(as_ana.get("/assets/export/csv/?all=1").streaming_content).decode()


def test_nobody_else_learns_its_name(plans, ben):
    asset = Asset.objects.get()
    for client in (client_of(ben), client_of(a_user(role=Role.MANAGER)), client_of(an_administrator())):
        urls = ["/collections/", "/collections/?q=e", "/", asset.get_absolute_url(), "/?q=in:merger"]
        pages = "".join(client.get(url).content.decode() for url in urls)
        pages += str([client.get(url, headers=JSON).json() for url in urls])
        pages += client.get("/collections/complete/?q=m").content.decode()
        pages += b"".join(client.get("/assets/export/json/?all=1").streaming_content).decode()
        assert "Plans" not in pages
        assert "Merger" not in pages.replace("in:merger", "")
        assert in_it(client, "Plans/Merger") == in_it(client, "Merger") == set()
        assert client.get("/", {"q": "merger"}, headers=JSON).json()["assets"] == []
        for method in (client.get, client.post):
            assert method(page(plans)).status_code == method(page(plans.parent)).status_code == 404


def test_the_history_of_an_asset_does_not_name_it(plans, ben, as_ana, ana):
    asset = Asset.objects.get()
    as_ana.post("/assets/bulk/", {"action": "uncollect", "collection": "Plans", "id": [asset.pk], "confirmed": "1"})
    as_ana.post("/assets/bulk/", {"action": "collect", "collection": "Plans", "id": [asset.pk], "confirmed": "1"})
    told = str(history.for_asset(asset, user=ben))
    assert "a private collection" in told
    assert "Plans" not in told
    records = LogEntry.objects.filter(object_pk=str(asset.pk))
    assert records
    assert not [record for record in records if "Merger" in str(record.changes)]


def test_an_upload_into_it_is_recorded_without_its_name(as_ana, plans, upload, ben):
    upload(as_ana, ("a.png", a_picture()), collection="Plans/Merger")
    asset = Asset.objects.get(file_name="a.png")
    assert asset.collections.get() == plans
    assert "merger" not in asset.search_text
    assert "Merger" not in str(LogEntry.objects.filter(object_pk=str(asset.pk)).values())


def test_uploading_the_same_content_does_not_reveal_it(as_ana, plans, upload, ben):
    content = a_picture()
    upload(as_ana, ("a.png", content), collection="Plans/Merger")
    assert "in Plans/Merger" in upload(as_ana, ("a.png", content))["results"][0]["note"]
    assert "Merger" not in upload(client_of(ben), ("b.png", content))["results"][0]["note"]


def test_a_name_means_ones_own_collection_before_the_teams(as_ana, plans, ben, ana):
    as_ben = client_of(ben)
    his, hers = an_asset(owner=ben, title="His"), an_asset(owner=ana, title="Hers")
    for client, asset in ((as_ben, his), (as_ana, hers)):
        sent = {"action": "collect", "collection": "plans/merger", "id": [asset.pk], "confirmed": "1"}
        assert client.post("/assets/bulk/", sent, headers=JSON).json()["changed"] == 1
    assert his.collections.get().private_to is None
    assert hers.collections.get() == plans
    assert in_it(as_ben, "Plans/Merger") == {"His"}
    assert in_it(as_ana, "Plans/Merger") == {"Bird", "Hers", "His"}
    as_ben.post("/collections/", {"name": "Plans", "visibility": "private"})
    assert Collection.objects.filter(path__iexact="Plans").count() == 3


def test_an_edit_by_somebody_else_keeps_the_asset_in_it(plans):
    asset = Asset.objects.get()
    as_manager = client_of(a_user(role=Role.MANAGER))
    shown = as_manager.get(asset.get_absolute_url()).content.decode()
    assert "Merger" not in shown
    as_manager.post(asset.get_absolute_url(), {"title": "Fish", "collections": "Zoo"})
    assert {collection.path for collection in asset.collections.all()} == {"Plans/Merger", "Zoo"}


def test_an_edit_keeps_an_asset_in_two_collections_of_the_same_name(as_ana, ana, plans):
    asset = Asset.objects.get()
    asset.collections.add(Collection.objects.get_or_create_by_name("Plans/Merger"))
    as_ana.post(asset.get_absolute_url(), {"title": "Fish", "collections": "Plans/Merger, Plans/Merger"})
    assert asset.collections.count() == 2


def test_the_visibility_of_its_assets_does_not_change(plans, ben):
    asset = Asset.objects.get()
    assert asset.visibility == Visibility.TEAM
    assert client_of(ben).get(asset.get_absolute_url()).status_code == 200


def test_a_collection_of_ones_own_assets_can_be_made_private(as_ana, ana, ben):
    asset = an_asset(owner=ana)
    asset.set_labels(collections=["Trips/2024"])
    trips = Collection.objects.get(path="Trips")
    assert 'name="visibility"' in as_ana.get(f"{page(trips)}visibility/").content.decode()
    as_ana.post(page(trips), {"action": "visibility", "visibility": "private"})
    assert set(Collection.objects.private().values_list("path", flat=True)) == {"Trips", "Trips/2024"}
    asset.refresh_from_db()
    assert "trips" not in asset.search_text
    assert in_it(as_ana, "Trips/2024")
    assert not in_it(client_of(ben), "Trips")
    as_ana.post(page(trips), {"action": "visibility", "visibility": "team"})
    asset.refresh_from_db()
    assert not Collection.objects.private()
    assert "trips" in asset.search_text


def test_a_collection_with_other_peoples_assets_stays_the_teams(as_ana, ana, ben):
    for owner in (ana, ben):
        an_asset(owner=owner).set_labels(collections=["Trips"])
    trips = Collection.objects.get()
    for client in (as_ana, client_of(a_user(role=Role.MANAGER))):
        answer = client.get(f"{page(trips)}visibility/")
        assert answer.status_code == 403 or 'name="visibility"' not in answer.content.decode()
        assert client.post(page(trips), {"action": "visibility", "visibility": "private"}).status_code == 403
    assert not Collection.objects.private()


def test_a_private_collection_cannot_replace_one_of_the_teams(as_ana, plans):
    Collection.objects.get_or_create_by_name("Plans")
    response = as_ana.post(page(plans.parent), {"action": "visibility", "visibility": "team"})
    assert "There is already a collection “Plans”" in response.content.decode()
    assert Collection.objects.private().count() == 2


def test_it_can_be_renamed_nested_and_deleted(as_ana, plans, ben):
    as_ana.post(page(plans.parent), {"action": "rename", "name": "Secrets/Plans"})
    assert set(Collection.objects.private().values_list("path", flat=True)) == {
        "Secrets", "Secrets/Plans", "Secrets/Plans/Merger",
    }  # fmt: skip
    assert Collection.objects.private().count() == Collection.objects.count()
    assert in_it(as_ana, "Secrets/Plans/Merger") == {"Bird"}
    as_ana.post(page(Collection.objects.get(path="Secrets")), {"action": "delete", "confirmed": "1"})
    assert not Collection.objects.exists()
    assert Asset.objects.exists()


def test_a_rename_does_not_reveal_a_tag_of_private_assets(as_ana, ana, ben):
    an_asset(owner=ana, tags=("sea",))
    an_asset(owner=ben, tags=("ocean",), visibility=Visibility.PRIVATE)
    tag = Asset.objects.get(owner=ana).tags.get()
    response = as_ana.post(f"/tags/{tag.pk}/", {"action": "rename", "name": "ocean"}, follow=True)
    assert "“sea” renamed to “ocean”" in response.content.decode()


def test_known_content_is_added_to_ones_own_collection(ana, plans, as_ana):
    asset = Asset.objects.get()
    received = receive_known(asset.stored_file.sha256, owner=ana, file_name="x.png", collections=["Plans"])
    assert received is not None
    assert {one.private_to for one in asset.collections.all()} == {ana}
    assert asset.collections.count() == 2
