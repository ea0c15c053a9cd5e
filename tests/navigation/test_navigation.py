"""The navigation beside a page: what is in it for whom, what of it is current, and what a phone is told."""

import pytest
from django.test import Client
from django.urls import reverse

from assets.models import Collection
from assets.models.labels import label_url
from tests.support.factories import a_user, an_administrator, an_asset

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return a_user("ana")


@pytest.fixture
def client(person):
    client = Client()
    client.force_login(person)
    return client


def navigation_of(client, address, **cookies):
    for name, value in cookies.items():
        client.cookies[name] = value
    return client.get(address).content.decode()


def current_links(html):
    return [part.rpartition('href="')[2].partition('"')[0] for part in html.split('aria-current="page"')[:-1]]


def test_people_and_administration_are_for_administrators(client):
    root = Client()
    root.force_login(an_administrator())
    for word in (">People<", ">Administration<"):
        assert word not in client.get("/menu/").content.decode()
        assert word in root.get("/menu/").content.decode()


def test_viewers_are_offered_nothing_they_may_not_do():
    viewer = Client()
    viewer.force_login(a_user("vera", role="viewer"))
    html = viewer.get("/help/").content.decode()
    assert "New collection" not in html
    assert 'href="/upload/"' not in html
    assert ">Shared links<" not in html


@pytest.mark.parametrize("address", ["/collections/Trips/2024/", "/?q=in%3A%2FTrips%2F2024"])
def test_the_way_to_the_current_collection_is_open(client, person, address):
    an_asset(owner=person).set_labels(collections=["Trips/2024", "Trips/2025"])
    html = navigation_of(client, address)
    assert "/collections/Trips/2024/" in current_links(html)
    assert "/collections/Trips/2025/" in html
    assert "/collections/Trips/2025/" not in navigation_of(client, "/help/")


def test_an_opened_collection_stays_open_and_a_damaged_cookie_does_no_harm(client, person):
    an_asset(owner=person).set_labels(collections=["Trips/2024"])
    trips = Collection.objects.get(key="trips")
    assert "/collections/Trips/2024/" in navigation_of(client, "/help/", opened=f"nonsense.{trips.pk}")
    nested = client.get(reverse("navigation"), {"in": str(trips.pk), "at": "/help/"}).content.decode()
    assert "/collections/Trips/2024/" in nested
    assert client.get(reverse("navigation"), {"in": "nonsense"}).status_code == 404


def test_a_folded_sidebar_comes_folded(client):
    assert 'class="framed folded"' in navigation_of(client, "/", folded="1")


def test_answers_to_htmx_and_pages_of_nobody_have_no_navigation(client):
    headers = {"HX-Request": "true", "HX-Target": "results"}
    assert "data-navigation" not in client.get("/", headers=headers).content.decode()
    assert "data-navigation" not in Client().get(reverse("login")).content.decode()


@pytest.mark.parametrize("name", ["R&D", "deep  sea", "a/b", 'the "best"', "50%", "größe", "a+b=c;d,e", "~x", "ü#?"])
def test_the_url_of_a_label_is_what_django_makes_of_it(name):
    assert label_url("collection", None, name) == reverse("collection_place", args=[name])


def test_a_phone_can_add_the_library_to_its_home_screen():
    response = Client().get("/manifest.webmanifest")
    manifest = response.json()
    assert response["Content-Type"] == "application/manifest+json"
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    assert manifest["share_target"]["action"] == reverse("upload_shared")


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/", "Library"),
        ("/?q=is%3Afavourite", "Favourites"),
        ("/?sort=used", "Recently used"),
        ("/?q=after%3A30d", "Recently added"),
        ("/?q=is%3Aattention", "Needs attention"),
        ("/?q=sea", "Results"),
    ],
)
def test_a_place_is_called_as_in_the_navigation(as_ana, address, name):
    assert f"<h1>{name}</h1>" in as_ana.get(address).content.decode()
