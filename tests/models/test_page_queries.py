"""The queries written in SQL return the same as the ORM, for every person, order and position."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db.models import Q

from assets.audit import history, log
from assets.audit.log import audit_context
from assets.models import Asset, Collection, Favourite, LinkStatus, PastUrl, State, Tag, User, Visibility, page_queries
from assets.models.cards import Card
from assets.models.page_queries import AssetCards
from assets.search.pagination import ORDERS
from tests.support.factories import a_request, a_stored_file, a_user, an_asset

NOW = datetime(2026, 11, 27, 16, 40, 0, 123456, tzinfo=UTC)
FILES = (
    {"size": 5, "preview": "previews/a.webp", "placeholder": "AAAA", "width": 40, "height": 30, "is_animated": True},
    {"size": 5, "media_type": "video/mp4", "duration": 3.0, "link_status": LinkStatus.BROKEN},
    {"size": 2**40, "state": State.FAILED, "error": "“Nein”, 100 %"},
    {"size": 7, "state": State.QUEUED, "media_type": "application/pdf", "preview_at": NOW},
)
TITLES = ("Ähre", "img 2", "img 10", "")


@pytest.fixture
def people(db):
    return [a_user("ana"), a_user("ben"), a_user("cleo")]


@pytest.fixture
def library(people):
    """Assets that differ in every column queried, several for each time, size and title."""
    files = [a_stored_file(**fields) for fields in FILES]
    visibilities = (Visibility.TEAM, Visibility.PRIVATE)
    made = []
    for number, (person, file) in enumerate(itertools.product(people[:2], files * 2)):
        stored_file = file if number % 8 < 4 else a_stored_file(media_type="image/gif", size=7)
        asset = an_asset(
            owner=person,
            stored_file=stored_file,
            title=TITLES[number % 4],
            visibility=visibilities[number % 3 == 1],
            created_at=NOW - timedelta(days=number // 3),
            trashed_at=NOW if number % 7 == 3 else None,
        )
        made.append(asset)
        if number % 2:
            Favourite.objects.create(user=people[number % 3], asset=asset)
    return made


def cards_by_orm(user, order):
    """Everything a person sees, in one order."""
    assets = order.sort(Asset.objects.visible_to(user).current(), user)
    return [Card.from_asset(asset) for asset in assets.select_related("stored_file", "owner").with_favourites_of(user)]


@pytest.mark.parametrize("name", ["newest", "oldest", "name", "size"])
def test_lists_are_the_same_as_with_the_orm(people, library, name):
    order = ORDERS[name]
    for person in people:
        expected = cards_by_orm(person, order)
        assert page_queries.visible_cards(person, order.order_by, size=100) == expected
        assert page_queries.visible_cards(person, order.order_by, size=3) == expected[:3]
        for number, card in enumerate(expected, start=1):
            found = page_queries.visible_cards(person, order.order_by, after=order.make_cursor(card), size=3)
            assert found == expected[number : number + 3]


@pytest.mark.parametrize("name", ["newest", "oldest", "name", "size"])
def test_neighbours_are_the_same_as_with_the_orm(people, library, name):
    order = ORDERS[name]
    for person in people:
        listed = cards_by_orm(person, order)
        for before, own, after in zip([None, *listed], listed, [*listed[1:], None], strict=False):
            asset = Asset.objects.get(pk=own.pk)
            expected = AssetCards(own, before, after, same_content_by_orm(person, asset))
            assert page_queries.asset_cards(person, asset, order.order_by, max_same_content=10) == expected
            neighbours = before and before.pk, after and after.pk
            assert page_queries.asset_cards_between(person, asset, *neighbours, max_same_content=10) == expected


def same_content_by_orm(user, asset):
    same = Asset.objects.visible_to(user).filter(stored_file=asset.stored_file).exclude(pk=asset.pk).newest_first()
    return [Card.from_asset(other) for other in same.select_related("stored_file", "owner").with_favourites_of(user)]


def test_an_asset_outside_the_list_has_neighbours(people, library):
    ana, order = people[0], ORDERS["newest"]
    hidden = next(asset for asset in library if asset.trashed_at)
    places = [(card.created_at, card.pk) for card in cards_by_orm(ana, order)]
    found = page_queries.asset_cards(ana, hidden, order.order_by, max_same_content=1)
    assert found.previous.pk == min(place for place in places if place > (hidden.created_at, hidden.pk))[1]
    assert found.following.pk == max(place for place in places if place < (hidden.created_at, hidden.pk))[1]


def test_assets_with_the_same_file_are_limited(people):
    first = an_asset(owner=people[0])
    _, newest = (an_asset(owner=person, stored_file=first.stored_file) for person in people[1:])
    found = page_queries.asset_cards(people[0], first, "-created_at", max_same_content=1)
    assert [card.pk for card in found.same_content] == [newest.pk]


def test_cards_by_id_are_the_same_as_with_the_orm(people, library):
    for person in people:
        assets = Asset.objects.select_related("stored_file", "owner").with_favourites_of(person)
        expected = {asset.pk: Card.from_asset(asset) for asset in assets}
        assert page_queries.cards_by_id(person, [asset.pk for asset in library]) == expected
        assert page_queries.cards_by_id(person, [library[0].pk]) == {library[0].pk: expected[library[0].pk]}
    assert page_queries.cards_by_id(people[0], []) == {}


def test_labels_are_the_same_as_with_the_orm(people):
    ana, ben, _ = people
    asset, bare = an_asset(owner=ana, tags=("sea", "Ähre", "blue")), an_asset(owner=ana)
    asset.collections.set(Collection.objects.get_or_create_all(["Trips/2024", "Beach"], ana))
    asset.collections.add(Collection.objects.get_or_create_by_name("Mine/alone", ana, is_private=True))
    for person in people:
        collections = Collection.objects.visible_to(person).filter(assets=asset)
        shown = Tag.objects.filter(assets=asset)
        tags, paths = [tag.name for tag in shown], [one.path for one in collections]
        expected = (tags, paths, *([one.get_absolute_url() for one in labels] for labels in (shown, collections)))
        assert page_queries.asset_labels(person, asset) == expected
    assert len(page_queries.asset_labels(ana, asset).collections) == 3
    assert len(page_queries.asset_labels(ben, asset).collections) == 2
    assert page_queries.asset_labels(ana, bare) == ([], [], [], [])


def test_file_events_are_the_same_as_with_the_orm(db):
    file, other = a_stored_file(), a_stored_file()
    for number, outcome in enumerate(["stored", "unavailable", "", "rate_limited"]):
        started = NOW + timedelta(minutes=number)
        finished = started + timedelta(seconds=30) if outcome else None
        request = a_request(outcome=outcome, started_at=started, finished_at=finished)
        request.files.add(file, other)
        PastUrl.objects.create(
            stored_file=file, url=f"https://x/{number}", stored_at=NOW, replaced_at=started, why="broken"
        )
    for minutes in range(-1, 6):
        since = NOW + timedelta(minutes=minutes, seconds=10)
        requests = file.requests.filter(Q(finished_at=None) | Q(finished_at__gte=since))
        sent = [("sent", request.started_at, request.outcome, "") for request in requests]
        past = [
            ("replaced", one.replaced_at, one.why, one.url) for one in file.past_urls.filter(replaced_at__gte=since)
        ]
        found = page_queries.file_events(file.pk, since=since, limit=10)
        assert sorted(found) == sorted(sent + past)
        moments = [event.at for event in found]
        assert moments == sorted(moments, reverse=True)
        assert page_queries.file_events(file.pk, since=since, limit=2) == found[:2]


def test_a_session_is_read_as_django_reads_it(people, client):
    client.force_login(people[0])
    stored = Session.objects.get()
    for now in (
        stored.expire_date - timedelta(seconds=1),
        stored.expire_date,
        stored.expire_date + timedelta(seconds=1),
    ):
        found = Session.objects.filter(pk=stored.pk, expire_date__gt=now).first()
        assert page_queries.session_data(stored.pk, now) == (found and found.session_data)
    assert page_queries.session_data("nobody's", NOW) is None


def test_a_person_is_read_as_the_orm_reads_them(people):
    for person in User.objects.all():
        found = page_queries.person(person.pk)
        assert found is not None
        assert found.__dict__.keys() == person.__dict__.keys()
        assert all(getattr(found, field.name) == getattr(person, field.name) for field in User._meta.fields)
    assert page_queries.person(0) is None


def test_the_audit_log_of_an_asset_is_what_the_orm_finds(people, client):
    ana, ben, _ = people
    asset = an_asset(owner=ana)
    client.force_login(ana)
    for number in range(3):
        client.post(asset.get_absolute_url(), {"title": f"“Ähre” {number}", "tags": f"sea, t{number}"})
    with audit_context(name="import_files"):
        asset.trash(NOW)
    an_asset(owner=ben)
    rows = log.entries_of_asset(asset).order_by("-timestamp", "-pk").values_list(*history._COLUMNS)
    assert page_queries.audit_log(asset, limit=100) == list(rows)
    assert page_queries.audit_log(asset, limit=2) == list(rows[:2])
    assert len(rows) > 4
