"""Bulk actions: previewed, confirmed, and limited to what the person may change."""

import json
import uuid

import pytest
from django.utils import timezone

from assets.bulk.forms import MAX_WITHOUT_QUESTION
from assets.bulk.selection import MAX_SELECTED
from assets.models import Asset, Collection, Favourite, Tag, Visibility
from tests.conftest import client_of
from tests.support.factories import a_user, an_asset, many_assets
from tests.support.plain_forms import fields_of

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}


def bulk(client, action: str, assets=(), **fields) -> dict:
    sent = {"action": action, "id": [str(asset.pk) for asset in assets], **fields}
    return client.post("/assets/bulk/", sent, headers=JSON).json()


def counts(answer: dict) -> tuple[int, int, int]:
    return answer["changed"], answer["unchanged"], answer["not_allowed"]


def titles(client, query: str, url: str = "/") -> set[str]:
    return {asset["title"] for asset in client.get(url, {"q": query}, headers=JSON).json()["assets"]}


@pytest.fixture
def assets(ana, ben):
    """Two of Ana's, the second with the tag already, and one of Ben's."""
    return [an_asset(owner=ana, title="one"), an_asset(owner=ana, title="two", tags=("Sea",)), an_asset(owner=ben)]


# Each action with the fields it needs, and a search for what it has changed.
ACTIONS = [
    ("tag", {"tags": "sea"}, "tag:sea"),
    ("collect", {"collection": "Trips/2024"}, "in:trips"),
    ("visibility", {"visibility": "private"}, "is:private"),
    ("favourite", {}, "is:favourite"),
    ("trash", {}, "is:trashed"),
]


@pytest.mark.parametrize(("action", "fields", "query"), ACTIONS)
def test_nothing_changes_before_the_preview_is_confirmed(as_ana, assets, action, fields, query):
    before = titles(as_ana, query)
    asked = bulk(as_ana, action, assets, **fields)
    assert titles(as_ana, query) == before
    assert not asked["confirmed"]
    done = bulk(as_ana, action, assets, confirmed="1", **fields)
    assert counts(done) == counts(asked)
    assert done["confirmed"]
    assert done["changed"]
    assert titles(as_ana, query) >= {"one", "two"}


@pytest.mark.parametrize(("action", "fields", "query"), ACTIONS)
def test_applying_an_action_twice_changes_nothing_more(as_ana, assets, action, fields, query):
    bulk(as_ana, action, assets[:2], confirmed="1", **fields)
    again = bulk(as_ana, action, assets[:2], confirmed="1", **fields)
    assert counts(again) == (0, 2, 0)


@pytest.mark.parametrize(
    ("action", "fields", "back", "query"),
    [
        ("tag", {"tags": "sea, boats"}, "untag", "tag:boats"),
        ("collect", {"collection": "Trips"}, "uncollect", "in:trips"),
        ("favourite", {}, "unfavourite", "is:favourite"),
        ("trash", {}, "restore", "is:trashed"),
    ],
)
def test_an_action_can_be_reversed(as_ana, assets, action, fields, back, query):
    bulk(as_ana, action, assets[:2], confirmed="1", **fields)
    assert titles(as_ana, query) == {"one", "two"}
    bulk(as_ana, back, assets[:2], confirmed="1", **fields)
    assert titles(as_ana, query) == set()


@pytest.mark.parametrize("action", ["tag", "untag", "collect", "uncollect", "visibility", "trash", "restore", "purge"])
def test_other_peoples_assets_are_not_changed(as_ana, ben, action):
    theirs = an_asset(owner=ben, tags=("sea",), title="his")
    theirs.set_labels(collections=["Trips"])
    before = Asset.objects.filter(pk=theirs.pk).values().get()
    answer = bulk(as_ana, action, [theirs], tags="sea", collection="Trips", visibility="private", confirmed="1")
    assert counts(answer) == (0, 0, 1)
    assert Asset.objects.filter(pk=theirs.pk).values().get() == before
    assert theirs.tags.count() == theirs.collections.count() == 1


def test_other_peoples_assets_can_be_ones_own_favourites(as_ana, as_ben, ben):
    theirs = an_asset(owner=ben, title="his")
    assert counts(bulk(as_ana, "favourite", [theirs], confirmed="1")) == (1, 0, 0)
    assert titles(as_ana, "is:favourite") == {"his"}
    assert titles(as_ben, "is:favourite") == set()


def test_private_assets_of_others_do_not_seem_to_exist(as_ana, ana, ben):
    secret = an_asset(owner=ben, visibility=Visibility.PRIVATE)
    trashed = an_asset(owner=ben, trashed_at=timezone.now())
    mine = an_asset(owner=ana)
    assert counts(bulk(as_ana, "favourite", [secret, trashed, mine], confirmed="1")) == (1, 0, 0)
    answer = bulk(as_ana, "favourite", [secret, trashed], confirmed="1")
    nowhere = as_ana.post("/assets/bulk/", {"action": "favourite", "id": str(uuid.uuid4())}, headers=JSON)
    assert answer == nowhere.json()
    assert "no longer exist" in str(answer)
    assert Favourite.objects.count() == 1


def test_all_results_of_a_search_are_changed_and_no_others(as_ana, ana, ben):
    for number in range(60):
        an_asset(owner=ana, title=f"harbour {number}")
    an_asset(owner=ana, title="other")
    an_asset(owner=ben, title="harbour of ben")
    an_asset(owner=ben, title="harbour hidden", visibility=Visibility.PRIVATE)
    answer = bulk(as_ana, "tag", all="1", q="harbour", tags="port", confirmed="1")
    assert counts(answer) == (60, 0, 1)
    assert Asset.objects.filter(tags__name="port").count() == 60


def test_selecting_all_on_the_trash_page_means_the_trash(as_ana, ana):
    an_asset(owner=ana, title="kept")
    an_asset(owner=ana, title="thrown", trashed_at=timezone.now())
    assert counts(bulk(as_ana, "restore", all="1", trash="1", confirmed="1")) == (1, 0, 0)
    assert titles(as_ana, "") == {"kept", "thrown"}


def test_what_concerns_many_or_cannot_be_undone_is_asked_with_its_number_and_what_it_leaves_out(as_ana, ana, ben):
    assets = [*many_assets(MAX_WITHOUT_QUESTION, owner=ana), an_asset(owner=ben)]
    sent = {"action": "trash", "id": [asset.pk for asset in assets]}
    page = as_ana.post("/assets/bulk/", sent).content.decode()
    assert "Move 100 assets to trash</button>" in page
    assert "1 of 101 is left out: only owners and managers" in page
    assert titles(as_ana, "is:trashed") == set()
    as_ana.post("/assets/bulk/", {**fields_of(page, "id=bulk"), **sent, "confirmed": "1"})
    assert Asset.objects.trashed().count() == 100
    page = as_ana.post("/assets/bulk/", {"action": "purge", "all": "1", "trash": "1"}).content.decode()
    assert "Delete 100 assets permanently</button>" in page
    assert as_ana.post("/assets/bulk/", {"action": "restore", "id": [assets[0].pk]}).status_code == 302
    assert Asset.objects.trashed().count() == 99


def test_a_changed_selection_is_previewed_again(as_ana, ana):
    an_asset(owner=ana, title="harbour 1")
    page = as_ana.post("/assets/bulk/", {"action": "tag", "all": "1", "q": "harbour"}).content.decode()
    assert 'name="chosen" value="1"' in page
    an_asset(owner=ana, title="harbour 2")
    sent = {"action": "tag", "tags": "sea", "all": "1", "q": "harbour", "chosen": "1", "confirmed": "1"}
    page = as_ana.post("/assets/bulk/", sent).content.decode()
    assert "selection has changed" in page
    assert titles(as_ana, "tag:sea") == set()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"action": "explode", "id": "x"}, "There is no action “explode”"),
        ({"id": str(uuid.uuid4())}, "Choose an action"),
        ({"action": "trash"}, "Nothing selected"),
        ({"action": "copy"}, "Nothing selected"),
        ({"action": "trash", "id": "x"}, "an invalid id"),
        ({"action": "trash", "id": str(uuid.uuid4())}, "no longer exist"),
        ({"action": "trash", "all": "1", "q": "nothing like it"}, "no longer exist"),
    ],
)
@pytest.mark.parametrize("headers", [{}, JSON, {"hx-request": "true"}])
def test_an_impossible_action_is_refused_with_the_reason(as_ana, ana, fields, words, headers):
    an_asset(owner=ana)
    response = as_ana.post("/assets/bulk/", {**fields, "confirmed": "1"}, headers=headers)
    # htmx shows a dialog only for status 200.
    assert response.status_code == (200 if "hx-request" in headers else 400)
    assert words in (str(response.json()) if headers is JSON else response.content.decode())
    assert Asset.objects.current().count() == 1


@pytest.mark.parametrize(
    ("action", "fields", "words"),
    [
        ("tag", {}, "Choose a tag"),
        ("tag", {"tags": "x" * 99}, "Use at most 60"),
        ("collect", {"collection": "a, b"}, "at most 1"),
        ("collect", {"collection": "a/" * 20}, "at most 8"),
        ("visibility", {"visibility": "loud"}, "loud"),
    ],
)
def test_a_missing_or_invalid_value_is_asked_for_again(as_ana, ana, action, fields, words):
    asset = an_asset(owner=ana)
    sent = {"action": action, "id": str(asset.pk), "confirmed": "1", **fields}
    response = as_ana.post("/assets/bulk/", sent)
    assert response.status_code == 400
    assert words in response.content.decode()
    assert str(asset.pk) in response.content.decode()
    assert not Tag.objects.exists()
    assert not Collection.objects.exists()


@pytest.mark.slow
def test_too_large_a_selection_is_refused_with_the_limit(as_ana, ana):
    many_assets(MAX_SELECTED + 1, owner=ana)
    answer = bulk(as_ana, "trash", all="1", confirmed="1")
    assert "More than 10,000" in str(answer["errors"])
    assert Asset.objects.trashed().count() == 0


def test_thousands_of_assets_can_be_selected_by_id(as_ana, ana):
    asset = an_asset(owner=ana)
    sent = {
        "action": "tag",
        "tags": "sea",
        "confirmed": "1",
        "id": [str(asset.pk), *(uuid.uuid4() for _ in range(3000))],
    }
    assert as_ana.post("/assets/bulk/", sent, headers=JSON).json()["changed"] == 1


@pytest.mark.parametrize("count", [2, 300])
def test_a_bulk_action_takes_the_same_few_queries_for_many(as_ana, ana, count, django_assert_max_num_queries):
    assets = many_assets(count, owner=ana)
    with django_assert_max_num_queries(50):
        bulk(as_ana, "tag", assets, tags="sea, boats", confirmed="1")
    assert Asset.objects.filter(tags__name="boats").count() == count


def test_the_result_is_shown_on_the_page_it_leads_back_to(as_ana, assets):
    sent = {"action": "trash", "id": [asset.pk for asset in assets], "confirmed": "1", "next": "/?q=x"}
    response = as_ana.post("/assets/bulk/", sent, follow=True)
    assert response.redirect_chain == [("/?q=x", 302)]
    page = response.content.decode()
    assert "Moved 2 assets to trash" in page
    assert "1 asset unchanged: only their owners and managers may" in page
    assert 'href="/trash/"' in page
    evil = as_ana.post("/assets/bulk/", sent | {"action": "restore", "next": "https://evil.example/"})
    assert evil["location"] == "/"


def test_a_dialog_gets_a_fragment_and_then_an_event(as_ana, assets):
    sent = {"action": "tag", "id": assets[0].pk, "next": "/?q=x"}
    asked = as_ana.post("/assets/bulk/", sent, headers={"hx-request": "true"}).content.decode()
    assert "<html" not in asked
    assert 'id="dialog-title"' in asked
    assert 'name="tags"' in asked
    done = as_ana.post("/assets/bulk/", sent | {"tags": "sea", "confirmed": "1"}, headers={"hx-request": "true"})
    assert done.status_code == 204
    event = json.loads(done["HX-Trigger"])["bulk:done"]
    assert event["message"] == "Tagged 1 asset “sea”"
    answer = as_ana.post(event["undo"], headers=JSON).json()
    assert answer == {"message": "Undone: Tagged 1 asset “sea”", "restored": 1, "undone": event["undo"]}


def test_a_bulk_action_needs_a_signed_in_person_and_a_post(client):
    assert client.post("/assets/bulk/", {"action": "trash"}).status_code == 302
    assert client_of(a_user()).get("/assets/bulk/").status_code == 405


def test_a_confirmation_acts_only_on_what_was_previewed(as_ana, ana):
    """Of other assets, even as many, it asks again; of one that was made private meanwhile, it leaves that alone."""
    first = an_asset(owner=ana, tags=("sea",), visibility="private")
    second = an_asset(owner=ana, tags=("sea",))
    fields = {"action": "visibility", "all": "1", "q": "tag:sea", "visibility": "team"}
    form = fields_of(as_ana.post("/assets/bulk/", fields).content.decode(), "id=bulk")
    Asset.objects.filter(pk=second.pk).update(visibility="private", updated_at=timezone.now())
    page = as_ana.post("/assets/bulk/", {**form, "confirmed": "1"}, follow=True).content.decode()
    assert "Made 1 asset visible to the team. 1 asset unchanged" in page
    second.refresh_from_db()
    assert second.visibility == "private"
    form = fields_of(as_ana.post("/assets/bulk/", {**fields, "visibility": "private"}).content.decode(), "id=bulk")
    first.set_labels(tags=["land"])
    an_asset(owner=ana, tags=("sea",))
    again = as_ana.post("/assets/bulk/", {**form, "confirmed": "1"}).content.decode()
    assert "The selection has changed since you opened this" in again
