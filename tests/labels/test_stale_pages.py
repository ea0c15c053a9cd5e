"""Pages of tags and collections that somebody else has changed since they were opened."""

from functools import partial

import pytest

from assets.models import Asset, Collection, Role, Tag
from tests.conftest import client_of
from tests.library.test_edits import at_once
from tests.support.factories import a_user, an_asset
from tests.support.plain_forms import fields_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_manager(db):
    return client_of(a_user("cleo", role=Role.MANAGER))


@pytest.fixture
def asset(ana) -> Asset:
    asset = an_asset(owner=ana, tags=("blue",))
    asset.set_labels(collections=["Trips/2024"], by=ana)
    return asset


def form_of(client, url: str) -> dict[str, str]:
    return {**fields_of(client.get(f"{url}edit/").content.decode(), "class=form"), "action": "edit"}


@pytest.mark.parametrize(("model", "names"), [(Tag, ("sea", "azure")), (Collection, ("Sea", "Azure"))])
def test_a_name_that_somebody_else_has_changed_is_asked_about(as_manager, as_ana, asset, model, names):
    label = model.objects.order_by("-key").first()
    url = f"/{label.noun}s/{label.pk}/"
    stale = form_of(as_manager, url)
    as_ana.post(url, {**form_of(as_ana, url), "name": names[0]})
    response = as_manager.post(url, {**stale, "name": names[1]})
    page = response.content.decode()
    assert response.status_code == 409
    assert f"renamed to “{names[0]}” meanwhile" in page
    label.refresh_from_db()
    assert label.name == names[0]
    again = fields_of(page, "class=form")
    assert again["name"] == names[1]
    assert as_manager.post(url, {**again, "action": "edit"}).status_code == 302
    label.refresh_from_db()
    assert label.name == names[1]


def test_a_collection_that_has_been_filled_is_not_deleted_without_a_word(as_manager, as_ana, ana, asset):
    collection = Collection.objects.get(path="Trips/2024")
    url = f"/collections/{collection.pk}/"
    question = as_manager.post(url, {"action": "delete"}).content.decode()
    assert "1 asset." in question
    other = an_asset(owner=ana)
    other.set_labels(collections=["Trips/2024"], by=ana)
    again = as_manager.post(url, {**fields_of(question, "class=form"), "confirmed": "1"}).content.decode()
    assert "Check the numbers and confirm again" in again
    assert "2 assets." in again
    assert Collection.objects.filter(pk=collection.pk).exists()
    assert as_manager.post(url, {**fields_of(again, "class=form"), "confirmed": "1"}).status_code == 302
    assert not Collection.objects.filter(pk=collection.pk).exists()


def test_a_tag_that_has_been_filled_is_not_merged_without_a_word(as_manager, ana, asset):
    an_asset(owner=ana, tags=("azure",))
    url = f"/tags/{Tag.objects.get(name='blue').pk}/"
    question = as_manager.post(url, {"name": "azure"}).content.decode()
    an_asset(owner=ana, tags=("blue",))
    again = as_manager.post(url, {**fields_of(question, "class=form"), "confirmed": "1"}).content.decode()
    assert "Check the numbers and confirm again" in again
    assert Tag.objects.filter(name="blue").exists()


def test_a_stale_page_makes_no_private_collection_public(as_ana, ana, asset):
    collection = Collection.objects.get(path="Trips/2024")
    url = f"/collections/{collection.pk}/"
    page = as_ana.get(f"{url}visibility/").content.decode()
    assert 'name="initial-visibility" value="team"' in page
    stale = {"initial-visibility": "team", "visibility": "team", "action": "visibility"}
    as_ana.post(url, {**stale, "visibility": "private"})
    response = as_ana.post(url, stale, follow=True)
    assert "changed meanwhile, so nothing was saved" in response.content.decode()
    collection.refresh_from_db()
    assert collection.is_private


@pytest.mark.django_db(transaction=True)
def test_of_two_collections_moved_into_each_other_at_once_one_moves():
    mia = a_user("mia", role=Role.MANAGER)
    pair = [Collection.objects.get_or_create_by_name(name) for name in ("Spring", "Summer")]
    an_asset(owner=mia).collections.add(*pair)
    calls = [
        partial(client_of(mia).post, one.settings_url, {"action": "move", "into_id": other.pk})
        for one, other in (pair, reversed(pair))
    ]
    assert sorted(at_once(calls)) == [302, 400]
    assert {one.path for one in Collection.objects.all()} in ({"Spring", "Spring/Summer"}, {"Summer", "Summer/Spring"})
