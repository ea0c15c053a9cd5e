"""The link of a collection or a person finds that one, and none of its namesakes."""

from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from assets.models import Asset, Collection
from assets.models.users import User
from tests.conftest import client_of
from tests.support.factories import a_user, an_administrator, an_asset

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}


def titles(client, url: str) -> set[str]:
    return {asset["title"] for asset in client.get(url, headers=JSON).json()["assets"]}


def find(client, text: str) -> set[str]:
    return {asset["title"] for asset in client.get("/", {"q": text}, headers=JSON).json()["assets"]}


def collect(owner: User, path: str, *, is_private: bool = False) -> Collection:
    """A collection with one asset, which has its path as title."""
    collection = Collection.objects.get_or_create_by_name(path, owner, is_private=is_private)
    title = f"~/{path}" if is_private else path
    an_asset(owner=owner, title=title).collections.add(collection)
    return collection


@pytest.fixture
def library(ana, ben):
    paths = ["2024", "2024/May", "Trips/2024", "Work/2024", "Work 2024"]
    shared = [collect(ben, path) for path in paths]
    return [*shared, collect(ana, "2024", is_private=True), collect(ben, "2024", is_private=True)]


def test_the_link_of_a_collection_finds_it_alone_with_what_is_nested(as_ana, ana, library):
    own = library[-2]
    rows = as_ana.get("/collections/", {"q": "2024"}, headers=JSON).json()["labels"]
    assert len(rows) == len(library) - 1
    for row in rows:
        prefix = "~/" if row["is_private"] else ""
        expected = {"2024", "2024/May"} if (row["name"], prefix) == ("2024", "") else {f"{prefix}{row['name']}"}
        assert titles(as_ana, row["search"]) == expected
        assert row["entries"] == str(len(expected))
        assert titles(as_ana, row["page"]) == expected
    assert titles(as_ana, "/?q=in:~/2024") == {f"~/{own.path}"}


def test_a_name_without_a_place_finds_all_its_namesakes(as_ana, library):
    expected = {"2024", "2024/May", "Trips/2024", "Work/2024"}
    assert find(as_ana, "in:2024") == expected | {"~/2024"}
    assert find(as_ana, "in:/2024") == {"2024", "2024/May"}
    assert find(as_ana, "in:/trips/2024") == {"Trips/2024"}
    assert find(as_ana, "in:/trips") == {"Trips/2024"}
    assert find(as_ana, "-in:/2024") == {"Trips/2024", "Work/2024", "Work 2024", "~/2024"}


def test_the_top_is_ones_own_collection_where_the_team_has_none(as_ana, ana, ben):
    collect(ana, "Plans", is_private=True)
    collect(ben, "Plans", is_private=True)
    collect(ben, "Old/Plans")
    assert find(as_ana, "in:/plans") == find(as_ana, "in:~/plans") == {"~/Plans"}
    assert find(as_ana, f"in:{ana.pk}/plans") == set()


def test_the_page_of_an_asset_links_to_the_very_collections(as_ana, ana, library):
    asset = Asset.objects.get(title="~/2024", owner=ana)
    asset.collections.add(library[0])
    page = unescape(as_ana.get(asset.get_absolute_url()).content.decode())
    assert {part.partition('"')[0] for part in page.split('href="/collections/')[1:]} >= {"~/2024/", "2024/"}


def test_to_trash_all_results_of_the_link_spares_the_namesakes(as_ben, library):
    rows = as_ben.get("/collections/", {"q": "2024"}, headers=JSON).json()["labels"]
    (link,) = [row["search"] for row in rows if (row["name"], row["is_private"]) == ("2024", False)]
    text = parse_qs(urlsplit(link).query)["q"][0]
    as_ben.post("/assets/bulk/", {"action": "trash", "all": "1", "q": text, "confirmed": "1"}, headers=JSON)
    assert set(Asset.objects.trashed().values_list("title", flat=True)) == {"2024", "2024/May"}


def test_the_link_of_a_person_finds_nobody_with_the_same_first_name(as_ana, ana):
    other = a_user("anna", first_name="Ana")
    for owner in (ana, other):
        an_asset(owner=owner, title=owner.username)
    assert find(as_ana, "by:ana") == {"ana", "anna"}
    assert find(as_ana, "by:@ana") == find(as_ana, "by:＠Ana") == {"ana"}
    assert find(as_ana, "by:@nobody") == set()
    page = client_of(an_administrator()).get(f"/people/{ana.pk}/").content.decode()
    assert 'href="/?q=by%3A%40ana"' in page


def test_the_admin_links_to_no_private_collection(library):
    page = client_of(an_administrator()).get("/admin/assets/collection/").content.decode()
    assert "/collections/Trips/2024/" in page
    assert "%7E" not in page
    assert "in%3A~" not in page
