"""What the navigation's SQL finds is what the rules of access say, and it stays two queries."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assets import permissions
from assets.models import Collection, LinkStatus, SavedSearch, Tag
from assets.models.navigation_queries import MAX_ATTENTION, collections_in, collections_in_sight, short_lists
from assets.navigation.sidebar import build_sidebar
from assets.search.results import Listing
from tests.support.factories import a_stored_file, a_user, an_asset

pytestmark = pytest.mark.django_db


def visible_collections(person, candidates):
    return permissions.visible_collections(person, candidates)


def collect(asset, *paths):
    asset.set_labels(collections=list(paths))


@pytest.fixture
def people():
    return a_user("ana"), a_user("ben")


@pytest.fixture
def furnished(people):
    """Collections of every kind, some seen by one person only."""
    ana, ben = people
    collect(an_asset(owner=ana), "Trips/2024/Porto")
    collect(an_asset(owner=ben, visibility="private"), "Secret/Deep")
    collect(an_asset(owner=ana, visibility="private"), "Trips/Quiet")
    Collection.objects.get_or_create_by_name("Drafts/One", ana, is_private=True)
    Collection.objects.get_or_create_by_name("Nobody’s")
    made = Collection.objects.get_or_create_by_name("Plans/Empty")
    Collection.objects.filter(pk=made.pk).update(made_by=ben)
    return people


def test_people_see_the_collections_that_the_rules_of_access_let_them_see(furnished):
    for person in furnished:
        expected = [one.path for one in visible_collections(person, Collection.objects.filter(parent=None))]
        assert [one.path for one in collections_in_sight(person)] == expected
        for parent in Collection.objects.all():
            nested = visible_collections(person, parent.children.order_by("key"))
            if visible_collections(person, Collection.objects.filter(pk=parent.pk)):
                assert [one.pk for one in collections_in(person, parent.pk)] == [one.pk for one in nested]


def test_only_a_collection_with_nested_ones_that_are_seen_can_be_opened(furnished):
    ana, ben = furnished
    openable = {one.path for one in collections_in_sight(ana) if one.has_nested}
    assert openable == {"Drafts", "Trips"}
    assert {one.path for one in collections_in_sight(ben) if one.has_nested} == {"Plans", "Secret", "Trips"}


def test_the_lists_have_what_a_person_sees(people):
    ana, ben = people
    an_asset(owner=ana, tags=("sea",), stored_file=a_stored_file(state="failed"))
    an_asset(owner=ana, stored_file=a_stored_file(link_status=LinkStatus.BROKEN, warning="cut off"))
    an_asset(owner=ben, visibility="private", tags=("hidden",), stored_file=a_stored_file(warning="cut off"))
    SavedSearch.objects.create(owner=ana, name="Mine", text="is:mine")
    SavedSearch.objects.create(name="Team’s", text="sea", sort="used")
    SavedSearch.objects.create(name="Not pinned", is_pinned=False)
    SavedSearch.objects.create(owner=ben, name="Ben’s")
    lists = short_lists(ana)
    assert lists.attention == 2 == Listing.from_parameters({"q": "is:attention"}, ana).count()
    assert [tag.name for tag in lists.tags] == ["sea"]
    assert [search.name for search in lists.searches] == ["Mine", "Team’s"]
    assert short_lists(ben).attention == 3


def test_the_tags_most_used_come_first_once_they_were_counted(people):
    for number in range(3):
        an_asset(owner=people[0], tags=("b",) if number else ("a", "b", "c"))
    last = Tag.objects.refresh_use_counts(after="", limit=2)
    assert (last, Tag.objects.refresh_use_counts(after=last, limit=2)) == ("b", "")
    assert [tag.name for tag in short_lists(people[0]).tags] == ["b", "a", "c"]


def test_the_count_ends_at_a_hundred(people):
    for _ in range(MAX_ATTENTION + 3):
        an_asset(owner=people[0], stored_file=a_stored_file(warning="cut off"))
    assert short_lists(people[0]).attention == MAX_ATTENTION + 1
    assert build_sidebar(people[0], "/", []).attention == "99+"


@pytest.mark.parametrize("count", [10, 1000])
def test_two_queries_and_a_short_tree_for_any_number_of_collections(people, count):
    ana = people[0]
    Collection.objects.bulk_create(
        Collection(name=f"c{number:04}", path=f"c{number:04}", key=f"c{number:04}", made_by=ana)
        for number in range(count)
    )
    an_asset(owner=ana).set_labels(collections=["c0009/in/side"])
    with CaptureQueriesContext(connection) as queries:
        sidebar = build_sidebar(ana, "/?q=in%3A%2Fc0009%2Fin", [])
    assert len(queries) == 2
    assert len(sidebar.collections) == min(count, 30)
    current = sidebar.collections[9].nested[0]
    assert (current.is_current, current.collection.has_nested, len(current.nested)) == (True, True, 1)
