"""The lists of the library and the trash: order, pages, searches, and whose assets they show."""

import html
import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from assets.models import Asset
from tests.support.factories import an_asset

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}


def titles(client, url: str = "/") -> list[str]:
    return [asset["title"] for asset in client.get(url, headers=JSON).json()["assets"]]


def test_the_newest_asset_comes_first(as_ana, ana):
    now = timezone.now()
    for age, title in [(2, "older"), (1, "newer"), (3, "oldest")]:
        an_asset(owner=ana, title=title, created_at=now - timedelta(days=age))
    assert titles(as_ana) == ["newer", "older", "oldest"]


def test_pages_have_no_gap_or_repeat_while_assets_are_added(as_ana, ana):
    same_moment = timezone.now() - timedelta(days=1)
    expected = {an_asset(owner=ana, created_at=same_moment).title for _ in range(110)}
    seen, url = [], "/"
    while url:
        answer = as_ana.get(url, headers=JSON).json()
        seen += [asset["title"] for asset in answer["assets"]]
        url = answer["next"]
        an_asset(owner=ana, title="meanwhile")
    assert len(seen) == 110
    assert set(seen) == expected


@pytest.mark.parametrize("cursor", ["", "nonsense", "2026-01-01_x", "2026-01-01T00:00:00_" + "0" * 32, "_", "9" * 99])
def test_an_invalid_cursor_means_the_first_page(as_ana, ana, cursor):
    an_asset(owner=ana, title="only")
    assert titles(as_ana, f"/?after={cursor}") == ["only"]


@pytest.mark.parametrize("count", [1, 40])
def test_the_number_of_queries_does_not_grow_with_the_assets(as_ana, ana, count, django_assert_max_num_queries):
    for _ in range(count):
        an_asset(owner=ana, tags=("a", "b"))
    with django_assert_max_num_queries(5):  # session, person, assets, tags, collections
        as_ana.get("/")


@pytest.mark.parametrize(
    "text",
    [
        "harbour",
        "HARBOUR dawn",
        "wn har",
        "photo_7",
        "cliché",
        "CLICHE",
        "müller",
        "muller",
        "ana",
        "misty",
        "spring",
        "ﬁsh",
        "",
    ],
)
def test_search_ignores_order_case_and_accents(as_ben, ana, text):
    an_asset(
        owner=ana,
        title="Harbour at dawn",
        file_name="photo_7.png",
        description="A misty fish cliche",
        tags=("Spring",),
    )
    an_asset(title="Something else", file_name="x.png") if text else None
    assert titles(as_ben, f"/?q={text}") == ["Harbour at dawn"]


def test_every_word_must_match(as_ana, ana):
    an_asset(owner=ana, title="Harbour at dawn")
    assert titles(as_ana, "/?q=harbour+dusk") == []


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", '"', "%00", "a" * 400, "(", "*", "🐈"])
def test_odd_searches_find_nothing(as_ana, ana, text):
    an_asset(owner=ana, title="zzz", file_name="zzz")
    assert as_ana.get("/", {"q": text}).status_code == 200
    if text in "%_\\'\"(*":
        assert titles(as_ana, f"/?q={text.replace('%', '%25')}") == []


def test_an_edited_asset_is_found_by_its_new_words(as_ana, ana):
    asset = an_asset(owner=ana, title="before", file_name="x.png", tags=("old",))
    as_ana.post(asset.get_absolute_url(), {"title": "after", "tags": "new", "visibility": "team"})
    assert titles(as_ana, "/?q=before") == titles(as_ana, "/?q=old") == []
    assert titles(as_ana, "/?q=after+new") == ["after"]


def test_is_mine_finds_only_ones_own_assets(as_ana, ana, ben):
    an_asset(owner=ana, title="hers")
    an_asset(owner=ben, title="his")
    assert titles(as_ana, "/?q=is:mine") == titles(as_ana, "/?q=by:me") == titles(as_ana, "/?q=by:ana") == ["hers"]
    assert set(titles(as_ana)) == {"hers", "his"}


@pytest.mark.parametrize("text", ["type:banana", "size:big", "after:2026-02-31", "is:odd", "tag:", "x" * 501])
def test_what_a_search_does_not_understand_is_shown_with_the_reason(as_ana, ana, text):
    an_asset(owner=ana, title="harbour", description="x" * 501)
    page = as_ana.get("/", {"q": f"{text} harbour" if len(text) < 500 else text}).content.decode()
    assert "search-problems" in page
    assert "harbour" in page
    problem = as_ana.get("/", {"q": text}, headers=JSON).json()["remarks"][0]
    assert problem["text"][:9] == text[:9]
    assert problem["reason"]


def test_trashed_assets_are_not_in_the_library(as_ben, ana):
    asset = an_asset(owner=ana, title="gone")
    asset.trash(timezone.now())
    assert titles(as_ben) == []
    assert Asset.objects.current().count() == 0


def search_form(client: Client, url: str) -> str:
    return re.search(r'<form class="search".*?</form>', client.get(url).content.decode(), re.DOTALL)[0]


def test_a_search_keeps_the_order_and_the_page(as_ana):
    for url, order in (("/?sort=name", "name"), ("/trash/?sort=size&q=x", "size")):
        form = search_form(as_ana, url)
        assert f'action="{url.partition("?")[0]}"' in form
        assert f'name="sort" value="{order}"' in form
    assert 'name="sort"' not in search_form(as_ana, "/help/")


def cards(client, url: str, target: str = "results") -> list[str]:
    answer = client.get(url, headers={"hx-request": "true", "hx-target": target}).content.decode()
    return re.findall(r'class="card-title"[^>]*title="([^"]+)"', answer)


def test_a_list_can_start_from_an_asset_and_goes_on_both_ways(as_ana, ana):
    now = timezone.now()
    assets = [
        an_asset(owner=ana, title=f"picture {number:03}", created_at=now - timedelta(minutes=number))
        for number in range(130)
    ]
    for query in ("", "&sort=name", "&sort=size", "&q=picture", "&q=picture&sort=oldest"):
        everything = titles_of_all_pages(as_ana, f"/?{query}")
        asset = next(asset for asset in assets if asset.title == everything[100])
        assert cards(as_ana, f"/?from={asset.pk}{query}") == everything[100:]
        assert cards(as_ana, f"/?at={asset.pk}{query}") == everything[60:]

        page = as_ana.get(f"/?from={asset.pk}{query}").content.decode()
        for start in (60, 20, 0):
            previous = html.unescape(re.search(r'href="([^"]+)"[^>]*hx-target="#before"', page)[1])
            assert cards(as_ana, previous, "before") == everything[start : start + 40 if start else 20]
            page = as_ana.get(previous).content.decode()
        assert 'hx-target="#before"' not in page


def titles_of_all_pages(client, url: str) -> list[str]:
    titles: list[str] = []
    while url:
        answer = client.get(url, headers=JSON).json()
        titles += [asset["title"] for asset in answer["assets"]]
        url = answer["next"]
    return titles


def test_where_an_asset_has_left_the_list_is_known_but_not_of_one_that_others_hide(as_ana, ana, ben):
    now = timezone.now()
    for number in range(50):
        an_asset(owner=ana, title=f"picture {number:03}", created_at=now - timedelta(minutes=number))
    gone = Asset.objects.get(title="picture 045")
    gone.trash(now)
    assert cards(as_ana, f"/?from={gone.pk}")[0] == "picture 046"
    hidden = an_asset(owner=ben, visibility="private", created_at=now - timedelta(minutes=45))
    for unknown in (hidden.pk, "nonsense", uuid.uuid4()):
        assert cards(as_ana, f"/?from={unknown}")[0] == "picture 000"
