import itertools

import pytest
from django.utils import timezone

from assets import permissions
from assets.models import Asset, Role, Visibility
from tests.support.factories import a_user, an_asset

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", Role)
def test_who_may_open_an_asset_at_hand_is_whom_the_database_gives_it(role):
    person, other = a_user(role=role), a_user()
    for owner, visibility, trashed_at in itertools.product((person, other), Visibility, (None, timezone.now())):
        an_asset(owner=owner, visibility=visibility, trashed_at=trashed_at)
    reachable = set(permissions.reachable_assets(person))
    assert {asset for asset in Asset.objects.all() if permissions.may_open(person, asset)} == reachable
    assert 4 < len(reachable) < 8
