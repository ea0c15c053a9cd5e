"""The numbers beside many labels are those that their own pages list."""

import pytest
from django.utils import timezone

from assets.labels.pages import make_cards
from assets.models import Collection, Role, Tag, Visibility
from assets.models.label_counts import count_assets
from assets.search.results import Listing
from tests.support.factories import a_user, an_asset

pytestmark = pytest.mark.django_db

TREE = ["Trips", "Trips/2024", "Trips/2024/Porto", "Trips 2", "Trips_2024/Porto", "Empty"]


@pytest.fixture
def people():
    ana, ben = a_user("ana"), a_user("ben")
    for path in TREE:
        Collection.objects.get_or_create_by_name(path)
    for owner, fields, *paths in [
        (ana, {}, "Trips", "Trips/2024", "Trips/2024/Porto"),
        (ana, {}, "Trips/2024/Porto", "Trips 2"),
        (ana, {"visibility": Visibility.PRIVATE}, "Trips/2024"),
        (ben, {"visibility": Visibility.PRIVATE}, "Trips 2", "Trips_2024/Porto"),
        (ben, {"trashed_at": timezone.now()}, "Trips 2"),
    ]:
        an_asset(owner=owner, tags=("sea", *paths[:1]), **fields).set_labels(collections=paths)
    return ana, ben


@pytest.mark.parametrize("model", [Collection, Tag])
def test_the_numbers_are_those_of_the_pages(people, model):
    labels = list(model.objects.all())
    for person in people:
        listed = {one.pk: Listing.from_parameters({}, person, place=one).count() for one in labels}
        assert count_assets(labels, person, limit=100) == listed
        assert count_assets(labels, person, limit=1) == {pk: min(count, 1) for pk, count in listed.items()}
    assert count_assets([], people[0], limit=100) == {}


def test_what_can_be_moved_holds_nothing_of_others(people):
    collections = list(Collection.objects.all())
    movable = {card.label.path for card in make_cards(collections, people[0]) if card.may_move}
    assert movable == set(TREE) - {"Trips 2", "Trips_2024/Porto"} - {"Trips_2024"}
    assert all(card.may_move for card in make_cards(collections, a_user("max", role=Role.MANAGER)))
