"""Searches find what checking every asset finds, on either database, and never what a person may not see."""

import random
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.models import Asset, Favourite, LinkStatus, State, StoredFile, Use, Visibility
from assets.models.links import LOST
from assets.search.query_parser import Comparison, Term, TimePoint, parse
from assets.search.results import Listing
from assets.text.normalise import normalise_words
from tests.conftest import client_of
from tests.support.factories import a_picture, a_stored_file, a_user, an_asset

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}
WORDS = ["harbour", "Dawn", "cliché", "Straße", "100%", "sea_side", "x", "ok", "東京", "e", "Ångström", "naïve-test"]
TAGS = ["Sea", "New York", "draft"]
COLLECTIONS = ["Trips", "Trips/2024", "Trips/2024/May", "Work/2024"]
TYPES = ["image/png", "image/jpeg", "video/mp4", "audio/mpeg", "application/pdf"]
COMPARE = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    "=": lambda a, b: a == b,
    ">=": lambda a, b: a >= b,
    ">": lambda a, b: a > b,
}


@pytest.fixture
def people(db):
    return [
        a_user("ana", first_name="Ana", last_name="Müller"),
        a_user("ben"),
        a_user("cleo", first_name="Cléo"),
    ]


@pytest.fixture
def library(people) -> list[Asset]:
    """Sixty varied assets, the same in every run."""
    chance = random.Random(7)
    now = timezone.now()
    made = []
    for number in range(60):
        media_type = chance.choice(TYPES)
        width, height = chance.choice([(None, None), (1024, 768), (600, 800), (500, 500)])
        file = a_stored_file(
            content=a_picture(text=str(number)),
            media_type=media_type,
            width=width,
            height=height,
            state=chance.choice([State.STORED] * 4 + [State.QUEUED, State.FAILED, State.SENDING]),
            link_status=chance.choice([LinkStatus.VERIFIED, LinkStatus.UNCHECKED, LinkStatus.BROKEN]),
            warning="cut off" if number % 9 == 0 else "",
        )
        StoredFile.objects.filter(pk=file.pk).update(
            size=chance.choice([10, 999, 5_000_000, 7_000_000]), run_count=chance.choice([0, 0, 1, 6])
        )
        file.refresh_from_db()
        asset = an_asset(
            owner=chance.choice(people),
            stored_file=file,
            title=" ".join(chance.sample(WORDS, 2)),
            file_name=f"img {number}.png",
            description="\n".join(chance.sample(WORDS, chance.randint(0, 2))),
            tags=tuple(chance.sample(TAGS, chance.randint(0, 2))),
            visibility=chance.choice([Visibility.TEAM, Visibility.TEAM, Visibility.PRIVATE]),
            created_at=now - timedelta(days=chance.randint(0, 40), hours=1),
        )
        asset.set_labels(collections=chance.sample(COLLECTIONS, chance.randint(0, 1)))
        if number % 7 == 0:
            asset.trash(now)
        if number % 3 == 0:
            Use.objects.record(people[1], [asset], now)
        if number % 8 == 0:
            others = [person for person in people if person != asset.owner]
            made.append(an_asset(owner=chance.choice(others), stored_file=file, title="Again"))
        if number % 5 == 0:
            Favourite.objects.create(user=people[0], asset=asset)
        made.append(asset)
    return list(Asset.objects.with_details(people[0]))


def is_in_state(state: str, asset: Asset, user) -> bool:
    file, has_size = asset.stored_file, asset.stored_file.width is not None
    return {
        "private": asset.visibility == Visibility.PRIVATE,
        "mine": asset.owner == user,
        "stored": file.state == State.STORED,
        "waiting": file.state in (State.QUEUED, State.SENDING),
        "failed": file.state == State.FAILED,
        "verified": file.link_status == LinkStatus.VERIFIED,
        "duplicate": any(has_same_content(asset, other, user) for other in asset.stored_file.assets.all()),
        "unused": not asset.uses.exists() and not file.run_count,
        "team": asset.visibility == Visibility.TEAM,
        "attention": file.state == State.FAILED or (bool(file.url) and file.link_status in LOST) or bool(file.warning),
        "favourite": Favourite.objects.filter(user=user, asset=asset).exists(),
        "trashed": asset.trashed_at is not None,
        "wide": has_size and file.width > file.height,
        "tall": has_size and file.width < file.height,
        "square": has_size and file.width == file.height,
    }[state]


def has_same_content(asset: Asset, other: Asset, user) -> bool:
    is_seen = other.owner == user or other.visibility == Visibility.TEAM
    return other != asset and is_seen and not other.trashed_at


def contains(asset: Asset, words: str) -> bool:
    owner = asset.owner
    texts = [asset.title, asset.file_name, asset.description, owner.username, owner.get_full_name()]
    texts += [tag.name for tag in asset.tags.all()] + [c.path for c in asset.collections.all()]
    return any(words in normalise_words(text) for text in texts)


def matches(term: Term, asset: Asset, user, now) -> bool:  # noqa: PLR0911  (a case for each condition)
    """Whether an asset meets a condition, by looking at it."""
    file, value = asset.stored_file, term.value
    if isinstance(value, Comparison):
        columns = {"size": asset.size, "used": file.run_count}
        number = columns[term.name] if term.name in columns else getattr(file, term.name)
        return number is not None and COMPARE[value.operator](number, value.number)
    if isinstance(value, TimePoint):
        moment = value.resolve(now, timezone.get_current_timezone())
        return asset.created_at >= moment if term.name == "after" else asset.created_at < moment
    owner = asset.owner
    match term.name, value:
        case "text", _:
            return contains(asset, value)
        case "kind", _:
            return asset.kind == value
        case "media_type", _:
            return file.media_type in value
        case "tag", _:
            return value in [normalise_words(tag.name) for tag in asset.tags.all()]
        case "in", _:
            value = value.removeprefix("/")
            paths = [f"/{normalise_words(c.path)}/" for c in asset.collections.all()]
            return any(f"/{value}/" in path for path in paths)
        case "by", "me":
            return owner == user
        case "by", _:
            names = (owner.username, owner.first_name, owner.last_name, owner.get_full_name())
            return value in map(normalise_words, names)
    assert term.name == "is"
    return is_in_state(str(value), asset, user)


def meets(term: Term, asset: Asset, user, now) -> bool:
    alternatives = term.value if term.name == "any" else [term]
    return any(matches(each, asset, user, now) for each in alternatives) != term.is_negated


def expected(text: str, library: list[Asset], user) -> set[str]:
    """What a search should find, by checking every asset."""
    query, now = parse(text), timezone.now()
    wants_trash = Term("is", "trashed") in query.terms
    seen = [a for a in library if a.owner == user or (a.visibility == Visibility.TEAM and not a.trashed_at)]
    seen = [a for a in seen if bool(a.trashed_at) == wants_trash]
    return {str(asset.pk) for asset in seen if all(meets(term, asset, user, now) for term in query.terms)}


def answered(client: Client, text: str, **parameters: str) -> list[str]:
    """The ids that the library returns, over all pages."""
    found, address = [], "/"
    asked = {"q": text, **parameters}
    while address:
        answer = client.get(address, asked, headers=JSON).json()
        found += [asset["id"] for asset in answer["assets"]]
        address, asked = answer["next"], None
    return found


conditions = st.one_of(
    st.sampled_from([*WORDS, "har", "%", "_", "img 1", "e e", "müller", "trips", "york", "\\", "'"]),
    st.sampled_from([f"tag:{tag}" for tag in ("sea", "draft", "nope", '"new york"')]),
    st.sampled_from(["tag:sea,draft", 'tag:"new york",nope', "in:work,/trips/2024", "by:ana,me", "type:png,video,pdf"]),
    st.sampled_from(["is:wide,tall", "is:failed,waiting", "is:attention", "is:unused", "is:duplicate", "is:team"]),
    st.sampled_from(["used:0", "used:>0", "used:>5", "used:<6", "used:1"]),
    st.sampled_from([f"in:{path}" for path in ("trips", "2024", "trips/2024", "may", "work", "024")]),
    st.sampled_from([f"by:{name}" for name in ("me", "ana", "muller", '"ana müller"', "cleo", "nobody")]),
    st.sampled_from([f"type:{name}" for name in ("image", "video", "audio", "other", "png", "jpg", "pdf")]),
    st.sampled_from(
        [f"is:{state}" for state in ("private", "mine", "stored", "waiting", "failed", "verified", "favourite",
                                     "trashed", "wide", "tall", "square")]
    ),
    st.sampled_from(["after:7d", "before:20d", "after:today", "before:today", "after:2020", "before:2020-05"]),
    st.sampled_from(["size:>5mb", "size:<=5mb", "size:999", "width:>=600", "height:<800", "width:500"]),
)  # fmt: skip
queries = st.lists(st.tuples(st.booleans(), st.booleans(), conditions), max_size=3).map(
    lambda parts: " ".join(f"{'-' * (negated and rare)}{text}" for negated, rare, text in parts)
)


@pytest.mark.slow
def test_searches_find_what_checking_every_asset_finds(library, people):
    clients = [client_of(person) for person in people]

    @settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(queries, st.integers(0, 2), st.sampled_from(["newest", "oldest", "name", "size"]))
    def check(text, number, order):
        found = answered(clients[number], text, sort=order)
        assert len(found) == len(set(found))
        assert set(found) == expected(text, library, people[number])
        assert Listing.from_parameters({"q": text}, people[number]).count() == len(found)

    check()


def test_nobody_finds_what_others_keep_private_or_have_trashed(library, people):
    for person in people:
        hidden = {
            str(a.pk) for a in library if a.owner != person and (a.visibility == Visibility.PRIVATE or a.trashed_at)
        }
        for text in ("", "is:trashed", "is:private", "-is:mine", "by:ben", "is:favourite", "in:trips"):
            assert not hidden & set(answered(client_of(person), text)), text


@pytest.mark.slow
def test_pages_of_every_size_and_order_have_no_gaps_or_repeats(library, people):
    for order in ("newest", "oldest", "name", "size"):
        listing = Listing.from_parameters({"sort": order}, people[0])
        for size in (1, 7, 100):
            seen = rows_page_by_page(listing, size)
            assert {asset.pk for asset in seen} == {asset.pk for asset in listing.assets()}
            assert len(seen) == listing.assets().count()
            if order != "name":  # a database sorts text by its own rules
                keys = [(asset.size if order == "size" else asset.created_at, asset.pk) for asset in seen]
                assert keys == sorted(keys, reverse=order != "oldest")
        for before, asset, after in zip([None, *seen], seen, [*seen[1:], None], strict=False):
            around = listing.cards_around(asset, max_same_content=1)
            neighbours = [card and card.pk for card in (around.previous, around.following)]
            assert neighbours == [before and before.pk, after and after.pk]


def rows_page_by_page(listing: Listing, size: int) -> list[Asset]:
    page = listing.asset_page(None, size)
    rows = list(page.rows)
    while page.next_cursor is not None:
        page = listing.asset_page(page.next_cursor, size)
        rows += page.rows
    return rows


def test_a_menu_offers_no_format_that_only_others_have(as_ana, ana, monkeypatch):
    """Where there are more assets than are counted, too."""
    monkeypatch.setattr("assets.search.menu_choices.MAX_SAMPLE", 1)
    private = {"owner": a_user("dora"), "visibility": Visibility.PRIVATE}
    an_asset(owner=ana, stored_file=a_stored_file(media_type="image/webp"))
    an_asset(stored_file=a_stored_file(media_type="audio/wav"), **private)
    for _ in range(3):
        an_asset(owner=ana)
    menu = as_ana.get("/", {"part": "filter", "filter": "type"}).content.decode()
    assert "WebP" in menu
    assert "WAV" not in menu
    states = as_ana.get("/", {"part": "suggestions", "typed": "is:fa,dup"}).content.decode()
    assert 'data-text="is:fa,duplicate"' in states


def test_numbers_in_names_are_sorted_by_value(people):
    for title in ["img 10", "Img 9", "img 2", "ähre", "Zebra", "apfel"]:
        an_asset(owner=people[0], title=title)
    answer = client_of(people[0]).get("/?sort=name", headers=JSON).json()
    assert [a["title"] for a in answer["assets"]] == ["ähre", "apfel", "img 2", "Img 9", "img 10", "Zebra"]


def test_recently_used_shows_only_what_the_person_used_latest_first(people):
    ana, ben, _ = people
    first, second, other = (an_asset(owner=ana, title=title) for title in ("first", "second", "other"))
    client = client_of(ana)
    for asset in (first, second, first):
        assert client.post(f"{asset.get_absolute_url()}use/").status_code == 204
    client_of(ben).post(f"{other.get_absolute_url()}use/")
    answer = client.get("/?sort=used", headers=JSON).json()
    assert [a["title"] for a in answer["assets"]] == ["first", "second"]


def test_a_changed_asset_is_found_only_by_its_new_words(people):
    asset = an_asset(owner=people[0], title="before the change", file_name="x.png")
    client = client_of(people[0])
    client.post(asset.get_absolute_url(), {"title": "after it"})
    assert answered(client, "before") == []
    assert answered(client, "after") == [str(asset.pk)]


def test_the_list_layout_is_remembered(people):
    client = client_of(people[0])
    an_asset(owner=people[0])
    assert b"<table" not in client.get("/").content
    assert client.post("/layout/", {"layout": "list", "next": "/?q=x"})["location"] == "/?q=x"
    assert b"<table" in client_of(people[0]).get("/").content
    assert b"<table" not in client_of(people[1]).get("/").content
    assert client.post("/layout/", {"layout": "medium", "next": "https://elsewhere.test/"})["location"] == "/"


@pytest.mark.parametrize("count", [12, 96])
def test_the_first_page_takes_the_same_few_queries(people, count, django_assert_max_num_queries):
    for _ in range(count):
        an_asset(owner=people[0], tags=("a", "b"))
    client = client_of(people[0])
    for address in ("/", "/?q=picture", "/?layout=list"):
        with django_assert_max_num_queries(7):
            client.get(address)
