"""Collections and tags as places: their addresses, what they show, and their covers."""

import html
import re
import uuid

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from assets.labels import edit
from assets.models import Asset, Collection, Cover, Role, Tag, Visibility
from tests.conftest import client_of
from tests.support.factories import a_stored_file, a_user, an_asset

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}
HTMX = {"hx-request": "true", "hx-target": "results"}


def a_picture_in(path: str, *, owner, tags=(), **fields) -> Asset:
    file = a_stored_file()
    file.preview.save(f"previews/{file.sha256}.webp", ContentFile(b"RIFF....WEBP"))
    asset = an_asset(owner=owner, stored_file=file, tags=tags, **fields)
    asset.set_labels(collections=[path], by=owner)
    return asset


def titles(client, url: str, **fields) -> set[str]:
    return {asset["title"] for asset in client.get(url, fields, headers=JSON).json()["assets"]}


def covers(client, url: str) -> list[str]:
    """The ids of the assets in the covers of the page."""
    return re.findall(
        r'<img src="/assets/([0-9a-f-]+)/preview/" alt="" loading="lazy">\s*(?=</?span|<img)',
        client.get(url).content.decode(),
    )


@pytest.mark.parametrize(
    "name",
    [
        "Trips",
        "50% off?",
        "R&D #1",
        "deep sea",
        "v1.2",
        "..",
        ".",
        "complete",
        "new",
        "~",
        "café",
        "東京",
        "a;b=c+d",
        '"q"',
    ],
)
def test_every_name_has_an_address(as_ana, ana, name):
    asset = an_asset(owner=ana, title="x", tags=(name,))
    asset.set_labels(collections=[f"{name}/{name}", str(uuid.uuid4())], by=ana)
    for label in (*Tag.objects.all(), *Collection.objects.all()):
        response = as_ana.get(label.get_absolute_url())
        assert response.status_code == 200
        assert html.unescape(response.content.decode()).count(f"<h1>{label.name}</h1>") == 1
        assert titles(as_ana, label.get_absolute_url()) == {"x"}


def test_other_spellings_and_ids_lead_to_the_address(as_ana, ana):
    a_picture_in("Trips/Été", owner=ana, tags=("Sea",))
    nested = Collection.objects.get(path="Trips/Été")
    for url in ("/collections/TRIPS/ete/", "/collections/Trips//Été/", f"/collections/{nested.pk}/"):
        response = as_ana.get(f"{url}?q=x")
        assert (response.status_code, response["location"]) == (302, f"{nested.get_absolute_url()}?q=x")
    assert as_ana.get("/tags/sea/")["location"] == "/tags/Sea/"
    for url in ("/collections/Trips/Winter/", "/collections/~/Trips/", "/tags/lake/", f"/tags/{nested.pk}/"):
        assert as_ana.get(url).status_code == 404


def test_a_place_is_searched_listed_and_selected_within(as_ana, ana):
    a_picture_in("Trips", owner=ana, title="sea one")
    a_picture_in("Trips/2024", owner=ana, title="sea two")
    a_picture_in("Other", owner=ana, title="sea three")
    assert titles(as_ana, "/collections/Trips/") == titles(as_ana, "/", q="in:/trips") == {"sea one", "sea two"}
    assert titles(as_ana, "/collections/Trips/", q="two") == {"sea two"}
    page = as_ana.get("/collections/Trips/", {"q": "sea"}, headers=HTMX)
    assert page["hx-replace-url"] == "/collections/Trips/?q=sea"
    place = f"collection.{Collection.objects.get(path='Trips').pk}"
    assert f'name="place" value="{place}"' in page.content.decode()
    sent = {"action": "trash", "all": "1", "q": "sea", "place": place, "confirmed": "1"}
    assert as_ana.post("/assets/bulk/", sent, headers=JSON).json()["changed"] == 2
    for gone in (f"collection.{uuid.uuid4()}", "tag.x", "other.1"):
        assert as_ana.post("/assets/bulk/", {**sent, "place": gone}, headers=JSON).status_code == 404


def test_the_way_back_from_an_asset_leads_to_its_place(as_ana, ana):
    first, second = (a_picture_in("Trips", owner=ana, title=title) for title in ("one", "two"))
    an_asset(owner=ana, title="between", created_at=second.created_at)
    trips = Collection.objects.get()
    query = f"?place=collection.{trips.pk}"
    assert query in as_ana.get("/collections/Trips/").content.decode()
    page = as_ana.get(f"{second.get_absolute_url()}{query}").content.decode()
    assert 'href="/collections/Trips/#card-' in page
    assert f'href="{first.get_absolute_url()}{query}"' in page
    trips.delete()
    assert as_ana.get(f"{second.get_absolute_url()}{query}").status_code == 200


def test_a_cover_shows_nothing_that_the_person_may_not_see(as_ana, as_ben, ana, ben):
    shown = [a_picture_in("Trips/2024", owner=ana) for _ in range(3)]
    hidden = a_picture_in("Trips/2024", owner=ben, visibility=Visibility.PRIVATE)
    a_picture_in("Trips/2024", owner=ana, trashed_at=timezone.now())
    latest = [str(asset.pk) for asset in reversed(shown)]
    assert covers(as_ana, "/collections/") == covers(as_ana, "/collections/Trips/") == latest
    assert covers(as_ben, "/collections/") == [str(hidden.pk), *latest]
    Cover.objects.create(collection=Collection.objects.get(path="Trips"), asset=hidden)
    assert covers(as_ana, "/collections/") == latest
    assert covers(as_ben, "/collections/") == [str(hidden.pk)]


def test_a_cover_is_chosen_among_the_assets_that_the_person_sees(as_ana, ana, ben):
    asset, other = a_picture_in("Trips", owner=ana), a_picture_in("Other", owner=ana)
    a_picture_in("Trips", owner=ana)
    trips = Collection.objects.get(path="Trips")
    assert str(asset.pk) in as_ana.get(f"{trips.settings_url}cover/").content.decode()
    as_ana.post(trips.settings_url, {"action": "cover", "cover": asset.pk})
    assert covers(as_ana, "/collections/")[-1] == str(asset.pk)
    assert len(covers(as_ana, "/collections/")) == 2
    for wrong in (other.pk, "x"):
        assert as_ana.post(trips.settings_url, {"action": "cover", "cover": wrong}).status_code == 404
    as_ana.post(trips.settings_url, {"action": "cover", "cover": ""})
    assert not Cover.objects.exists()


@pytest.mark.parametrize("count", [2, 40])
def test_the_wall_takes_the_same_few_queries_for_many(as_ana, ana, count, django_assert_max_num_queries):
    for number in range(count):
        a_picture_in(f"Trips {number}/Nested", owner=ana)
    as_ana.get("/collections/")
    with django_assert_max_num_queries(14):
        as_ana.get("/collections/")


def test_a_collection_is_created_where_one_is(as_ana, ana):
    a_picture_in("Trips", owner=ana)
    trips = Collection.objects.get()
    response = as_ana.post("/collections/", {"name": "2024", "within": trips.pk})
    assert response["location"] == "/collections/Trips/2024/"
    as_ana.post("/collections/", {"name": "Plans", "visibility": "private"})
    plans = Collection.objects.private().get()
    as_ana.post("/collections/", {"name": "Deep", "within": plans.pk})
    assert Collection.objects.get(name="Deep").private_to == ana
    assert "/collections/~/Plans/Deep/" in as_ana.get("/collections/~/Plans/").content.decode()
    refused = as_ana.post("/collections/", {"name": "/".join("abcdefgh"), "within": trips.pk})
    assert (refused.status_code, Collection.objects.count()) == (400, 4)


def test_the_navigation_offers_to_create_inside_the_collection_of_the_page(as_ana, ana):
    a_picture_in("Trips/2024", owner=ana)
    trips = Collection.objects.get(path="Trips")
    new = f"/collections/new/?into={trips.pk}"
    for address in (trips.get_absolute_url(), "/?q=in%3A%2FTrips"):
        assert f'href="{new}"' in as_ana.get(address).content.decode()
    assert 'value="Trips"' in as_ana.get(new).content.decode()
    assert as_ana.post("/collections/", {"name": "2026", "into": "Trips"}).url == "/collections/Trips/2026/"
    assert as_ana.post("/collections/", {"name": "2026", "into": ""}).url == "/collections/2026/"
    as_ana.post("/collections/", {"name": "Plans", "visibility": "private"})
    plans = Collection.objects.private().get()
    offered = as_ana.get(f"/collections/new/?into={plans.pk}").content.decode()
    assert re.search(r'value="private"\s+selected', offered)
    as_ana.post("/collections/", {"name": "Deep", "into": "Plans", "visibility": "private"})
    assert Collection.objects.get(path="Plans/Deep").private_to == ana


def test_a_collection_moves_and_moves_back(as_ana, ana):
    for path in ("Trips/2024", "Archive", "Art"):
        a_picture_in(path, owner=ana)
    trips, archive = Collection.objects.get(path="Trips"), Collection.objects.get(path="Archive")
    moved = as_ana.post(trips.settings_url, {"action": "move", "into_id": archive.pk}, headers=JSON).json()
    assert moved["page"] == "/collections/Archive/Trips/"
    assert Collection.objects.filter(path="Archive/Trips/2024").exists()
    as_ana.post(moved["undo"])
    assert Collection.objects.filter(path="Trips/2024").exists()
    inside = Collection.objects.get(path="Trips/2024")
    assert as_ana.post(trips.settings_url, {"action": "move", "into_id": inside.pk}).status_code == 400
    private = Collection.objects.get_or_create_by_name("Mine", ana, is_private=True)
    assert as_ana.post(trips.settings_url, {"action": "move", "into_id": private.pk}).status_code == 400


def test_an_old_path_leads_to_where_the_collection_is_now(as_ana, as_ben, ana):
    a_picture_in("Trips/2024", owner=ana)
    a_picture_in("Art", owner=ana)
    trips, art = Collection.objects.get(path="Trips"), Collection.objects.get(path="Art")

    def leads_to(old: str, new: str) -> bool:
        return as_ben.get(f"/collections/{old}/?q=x").headers.get("location") == f"/collections/{new}/?q=x"

    for name in ("Voyages", "Journeys"):
        as_ana.post(trips.settings_url, {"action": "edit", "name": name, "description": "", "was": ""})
    edit.rename(trips := Collection.objects.get(pk=trips.pk), "Journeys")
    assert leads_to("trips", "Journeys")
    assert leads_to("Voyages/2024", "Journeys/2024")
    edit.merge(trips, art)
    assert leads_to("Trips/2024", "Art/2024")
    assert leads_to("Journeys", "Art")
    # Of its new place, nobody learns who may not see it.
    edit.set_owner(art, ana)
    assert as_ben.get("/collections/Art/").status_code == as_ben.get("/collections/Trips/").status_code == 404
    assert as_ana.get("/collections/Trips/")["location"] == "/collections/~/Art/"
    # A new one in the old place is what is meant.
    a_picture_in("Trips", owner=ana)
    assert as_ben.get("/collections/Trips/").status_code == 200


def test_assets_go_into_the_very_collection_they_are_dropped_on(as_ana, ana):
    asset = an_asset(owner=ana)
    a_picture_in("Plans", owner=a_user())
    Collection.objects.get_or_create_by_name("Plans", ana, is_private=True)
    teams = Collection.objects.get(private_to=None)
    sent = {"action": "collect", "id": asset.pk, "collection_id": teams.pk, "confirmed": "1"}
    answer = as_ana.post("/assets/bulk/", sent, headers=JSON).json()
    assert answer["message"] == "Added 1 asset to “Plans”"
    assert asset.collections.get() == teams


def test_a_viewer_sees_places_without_what_changes_them(ana):
    a_picture_in("Trips/2024", owner=ana, tags=("sea",))
    client = client_of(a_user(role=Role.VIEWER))
    for url in ("/collections/", "/collections/Trips/", "/tags/", "/tags/sea/"):
        page = client.get(url).content.decode()
        assert "New collection" not in page
        assert "data-movable" not in page


def test_a_description_that_somebody_else_has_changed_is_asked_about(as_ana, ana):
    a_picture_in("Trips", owner=ana)
    trips = Collection.objects.get()
    form = {"action": "edit", "name": "Trips", "initial-name": "Trips", "initial-description": ""}
    as_ana.post(trips.settings_url, {**form, "description": "Ours"})
    refused = as_ana.post(trips.settings_url, {**form, "description": "Mine"})
    assert refused.status_code == 409
    assert "“Ours”" in refused.content.decode()
    trips.refresh_from_db()
    assert trips.description == "Ours"


def test_the_most_used_tags_come_first(as_ana, ana):
    for number in range(3):
        an_asset(owner=ana, tags=("sea", f"t{number}"))
    rows = as_ana.get("/tags/?sort=use", headers=JSON).json()["labels"]
    assert (rows[0]["name"], rows[0]["entries"], len(rows)) == ("sea", "3", 4)
