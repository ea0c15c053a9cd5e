"""What a search without results offers: the condition to leave out, other places, the name that was meant."""

import html
import re

import pytest

from assets.models import Asset, Collection
from assets.search.loosening import MAX_COUNTED
from tests.support.factories import a_stored_file, an_asset, many_assets

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def offers(client, url: str, **parameters) -> list[str]:
    page = client.get(url, {**parameters, "part": "loosening"}, headers=HTMX).content.decode()
    links = re.findall(r'<a class="button" href="([^"]*)">(.*?)</a>', page, re.DOTALL)
    for address, label in links:
        count = re.search(r"([\d,+]+) asset", label)[1]
        total = client.get(html.unescape(address) + "&part=total").content.decode()
        assert "+" in count or total.split()[0] == count
    return [html.unescape(" ".join(re.sub("<.*?>", "", label).split())) for _, label in links]


@pytest.fixture
def library(ana, ben):
    an_asset(owner=ana, title="Harbour at dawn", tags=("New York",))
    an_asset(owner=ana, title="Pier", tags=("sea",), stored_file=a_stored_file(media_type="video/mp4"))
    an_asset(owner=ana, title="Old pier", tags=("sea",)).trash(Asset.objects.first().created_at)
    trip = an_asset(owner=ana, title="Cliffs")
    trip.set_labels(collections=["Trips/2024"], by=ana)
    secret = an_asset(owner=ben, title="Xylophone", visibility="private", tags=("lighthouse",))
    secret.collections.add(Collection.objects.create(name="Marmalade", private_to=ben))


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("url", "text", "expected"),
    [
        ("/", "harbour type:video", ["Without harbour 1 asset", "Without type:video 1 asset"]),
        ("/", "type:video tag:sea dusk", ["Without dusk 1 asset"]),
        ("/", "harbour pier cliffs", ["Only harbour 1 asset", "Only pier 1 asset", "Only cliffs 1 asset"]),
        ("/collections/Trips/", "pier", ["In the whole library 1 asset", "In the trash 1 asset"]),
        ("/tags/sea/", "harbour", ["In the whole library 1 asset"]),
        ("/trash/", "harbour", ["In the whole library 1 asset"]),
        ("/", 'tag:"New Yrok"', ['Did you mean tag:"New York" 1 asset']),
        ("/", "in:Tirps", ["Did you mean in:/Trips 1 asset"]),
        ("/", "in:Trips/2042", ["Did you mean in:/Trips/2024 1 asset"]),
        ("/", "harbuor dawn", ["Did you mean harbour 1 asset", "Without harbuor 1 asset"]),
        # What only somebody else sees is not named.
        ("/", "tag:lighthuose", []),
        ("/", "in:Marmelade", []),
        ("/", "xylofone", []),
        ("/", "nothing", []),
    ],
)
def test_a_search_without_results_offers_those_that_have_some(as_ana, url, text, expected):
    page = as_ana.get(url, {"q": text}).content.decode()
    assert "part=loosening" in page
    assert offers(as_ana, url, q=text) == expected
    assert as_ana.get(url, {"q": text, "part": "loosening"}).status_code == 200  # without JavaScript


def test_many_are_counted_up_to_a_limit_in_a_few_queries(as_ana, ana, django_assert_max_num_queries):
    many_assets(MAX_COUNTED + 1, owner=ana, tag="sea")
    with django_assert_max_num_queries(60):
        assert offers(as_ana, "/", q="tag:sea type:video") == ["Without type:video 1,000+ assets"]
    assert offers(as_ana, "/", q="tag:sea", sort="used") == ["Not only recently used 1,000+ assets"]
