"""Many entries at once: what would change is said before, what changed after, and only one's own is changed."""

import html
import re
import uuid

import pytest
from django.utils import timezone

from assets.bulk.selection import MAX_SELECTED
from assets.models import Asset, Collection, Favourite, Tag, Visibility
from tests.conftest import client_of
from tests.support.factories import a_user, an_asset, many_assets

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}


def bulk(client, action: str, entries=(), **fields) -> dict:
    sent = {"action": action, "id": [str(entry.pk) for entry in entries], **fields}
    return client.post("/assets/bulk/", sent, headers=JSON).json()


def counts(answer: dict) -> tuple[int, int, int]:
    return answer["changed"], answer["unchanged"], answer["not_allowed"]


def titles(client, query: str, address: str = "/") -> set[str]:
    return {asset["title"] for asset in client.get(address, {"q": query}, headers=JSON).json()["assets"]}


@pytest.fixture
def entries(ana, ben):
    """Two of ana's, of which the second has the tag already, and one of ben's."""
    return [an_asset(owner=ana, title="one"), an_asset(owner=ana, title="two", tags=("Sea",)), an_asset(owner=ben)]


# What each action needs, what is so before it on the second entry, and how it shows afterwards in a search.
ACTIONS = [
    ("tag", {"tags": "sea"}, "tag:sea"),
    ("collect", {"collection": "Trips/2024"}, "in:trips"),
    ("visibility", {"visibility": "private"}, "is:private"),
    ("favourite", {}, "is:favourite"),
    ("trash", {}, "is:trashed"),
]


@pytest.mark.parametrize(("action", "fields", "query"), ACTIONS)
def test_what_would_change_is_said_and_nothing_is_changed_until_it_is_confirmed(as_ana, entries, action, fields, query):
    before = titles(as_ana, query)
    asked = bulk(as_ana, action, entries, **fields)
    assert titles(as_ana, query) == before
    assert not asked["confirmed"]
    done = bulk(as_ana, action, entries, confirmed="1", **fields)
    assert counts(done) == counts(asked)
    assert done["confirmed"]
    assert done["changed"]
    assert titles(as_ana, query) >= {"one", "two"}


@pytest.mark.parametrize(("action", "fields", "query"), ACTIONS)
def test_to_do_it_twice_is_to_do_it_once(as_ana, entries, action, fields, query):
    bulk(as_ana, action, entries[:2], confirmed="1", **fields)
    again = bulk(as_ana, action, entries[:2], confirmed="1", **fields)
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
def test_what_was_done_can_be_taken_back(as_ana, entries, action, fields, back, query):
    bulk(as_ana, action, entries[:2], confirmed="1", **fields)
    assert titles(as_ana, query) == {"one", "two"}
    bulk(as_ana, back, entries[:2], confirmed="1", **fields)
    assert titles(as_ana, query) == set()


@pytest.mark.parametrize("action", ["tag", "untag", "collect", "uncollect", "visibility", "trash", "restore", "purge"])
def test_entries_of_others_stay_as_they_are(as_ana, ben, action):
    theirs = an_asset(owner=ben, tags=("sea",), title="his")
    theirs.label(collections=["Trips"])
    before = Asset.objects.filter(pk=theirs.pk).values().get()
    answer = bulk(as_ana, action, [theirs], tags="sea", collection="Trips", visibility="private", confirmed="1")
    assert counts(answer) == (0, 0, 1)
    assert Asset.objects.filter(pk=theirs.pk).values().get() == before
    assert theirs.tags.count() == theirs.collections.count() == 1


def test_a_favourite_may_be_of_others_and_is_ones_own(as_ana, as_ben, ben):
    theirs = an_asset(owner=ben, title="his")
    assert counts(bulk(as_ana, "favourite", [theirs], confirmed="1")) == (1, 0, 0)
    assert titles(as_ana, "is:favourite") == {"his"}
    assert titles(as_ben, "is:favourite") == set()


def test_what_others_keep_private_is_as_if_it_were_not_there(as_ana, ana, ben):
    secret = an_asset(owner=ben, visibility=Visibility.PRIVATE)
    trashed = an_asset(owner=ben, trashed_at=timezone.now())
    mine = an_asset(owner=ana)
    assert counts(bulk(as_ana, "favourite", [secret, trashed, mine], confirmed="1")) == (1, 0, 0)
    answer = bulk(as_ana, "favourite", [secret, trashed], confirmed="1")
    nowhere = as_ana.post("/assets/bulk/", {"action": "favourite", "id": str(uuid.uuid4())}, headers=JSON)
    assert answer == nowhere.json()
    assert "exist any more" in str(answer)
    assert Favourite.objects.count() == 1


def test_all_results_of_a_search_are_meant_and_no_others(as_ana, ana, ben):
    for number in range(60):
        an_asset(owner=ana, title=f"harbour {number}")
    an_asset(owner=ana, title="other")
    an_asset(owner=ben, title="harbour of ben")
    an_asset(owner=ben, title="harbour hidden", visibility=Visibility.PRIVATE)
    answer = bulk(as_ana, "tag", all="1", q="harbour", tags="port", confirmed="1")
    assert counts(answer) == (60, 0, 1)
    assert Asset.objects.filter(tags__name="port").count() == 60


def test_all_of_the_trash_page_is_the_trash(as_ana, ana):
    an_asset(owner=ana, title="kept")
    an_asset(owner=ana, title="thrown", trashed_at=timezone.now())
    assert counts(bulk(as_ana, "restore", all="1", trash="1", confirmed="1")) == (1, 0, 0)
    assert titles(as_ana, "") == {"kept", "thrown"}


def test_before_a_name_is_given_it_says_what_could_change_and_then_what_will(as_ana, ana):
    entry = an_asset(owner=ana, tags=("sea",))
    page = as_ana.post("/assets/bulk/", {"action": "tag", "id": entry.pk}).content.decode()
    assert "Can change" in page
    assert "Will change" not in page
    page = as_ana.post("/assets/bulk/", {"action": "tag", "id": entry.pk, "tags": "sea"}).content.decode()
    assert "Will change" in page
    assert re.search(r"<dd>\s*0 of 1", page)


def test_a_search_with_other_results_than_were_seen_is_shown_again(as_ana, ana):
    an_asset(owner=ana, title="harbour 1")
    page = as_ana.post("/assets/bulk/", {"action": "trash", "all": "1", "q": "harbour"}).content.decode()
    assert 'name="chosen" value="1"' in page
    an_asset(owner=ana, title="harbour 2")
    sent = {"action": "trash", "all": "1", "q": "harbour", "chosen": "1", "confirmed": "1"}
    page = as_ana.post("/assets/bulk/", sent).content.decode()
    assert "other entries now" in page
    assert titles(as_ana, "is:trashed") == set()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"action": "explode", "id": "x"}, "There is no action “explode”"),
        ({"id": str(uuid.uuid4())}, "Choose an action"),
        ({"action": "trash"}, "Nothing selected"),
        ({"action": "copy"}, "Nothing selected"),
        ({"action": "trash", "id": "x"}, "an invalid id"),
        ({"action": "trash", "id": str(uuid.uuid4())}, "exist any more"),
        ({"action": "trash", "all": "1", "q": "nothing like it"}, "exist any more"),
    ],
)
@pytest.mark.parametrize("headers", [{}, JSON, {"hx-request": "true"}])
def test_what_cannot_be_done_is_said_and_nothing_is_changed(as_ana, ana, fields, words, headers):
    an_asset(owner=ana)
    response = as_ana.post("/assets/bulk/", {**fields, "confirmed": "1"}, headers=headers)
    # A dialog takes only answers that are well.
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
def test_what_an_action_needs_is_asked_for_again(as_ana, ana, action, fields, words):
    entry = an_asset(owner=ana)
    sent = {"action": action, "id": str(entry.pk), "confirmed": "1", **fields}
    response = as_ana.post("/assets/bulk/", sent)
    assert response.status_code == 400
    assert words in response.content.decode()
    assert str(entry.pk) in response.content.decode()
    assert not Tag.objects.exists()
    assert not Collection.objects.exists()


@pytest.mark.slow
def test_more_than_can_be_changed_at_once_is_refused_with_the_limit(as_ana, ana):
    many_assets(MAX_SELECTED + 1, owner=ana)
    answer = bulk(as_ana, "trash", all="1", confirmed="1")
    assert "More than 10,000" in str(answer["errors"])
    assert Asset.objects.trashed().count() == 0


def test_a_thousand_entries_can_be_named_one_by_one(as_ana, ana):
    entry = an_asset(owner=ana)
    sent = {
        "action": "tag",
        "tags": "sea",
        "confirmed": "1",
        "id": [str(entry.pk), *(uuid.uuid4() for _ in range(3000))],
    }
    assert as_ana.post("/assets/bulk/", sent, headers=JSON).json()["changed"] == 1


@pytest.mark.parametrize("count", [2, 300])
def test_a_bulk_action_takes_the_same_few_queries_for_many(as_ana, ana, count, django_assert_max_num_queries):
    entries = many_assets(count, owner=ana)
    with django_assert_max_num_queries(40):
        bulk(as_ana, "tag", entries, tags="sea, boats", confirmed="1")
    assert Asset.objects.filter(tags__name="boats").count() == count


def test_the_result_is_told_on_the_page_it_leads_back_to(as_ana, entries):
    sent = {"action": "trash", "id": [entry.pk for entry in entries], "confirmed": "1", "next": "/?q=x"}
    response = as_ana.post("/assets/bulk/", sent, follow=True)
    assert response.redirect_chain == [("/?q=x", 302)]
    page = response.content.decode()
    assert "2 assets moved to trash." in page
    assert "1 asset unchanged: you don’t have permission" in page
    assert 'href="/trash/"' in page
    evil = as_ana.post("/assets/bulk/", sent | {"action": "restore", "next": "https://evil.example/"})
    assert evil["location"] == "/"


def test_a_dialog_gets_a_fragment_and_then_a_way_back(as_ana, entries):
    sent = {"action": "tag", "id": entries[0].pk, "next": "/?q=x"}
    asked = as_ana.post("/assets/bulk/", sent, headers={"hx-request": "true"}).content.decode()
    assert "<html" not in asked
    assert 'id="dialog-title"' in asked
    assert 'name="tags"' in asked
    done = as_ana.post("/assets/bulk/", sent | {"tags": "sea", "confirmed": "1"}, headers={"hx-request": "true"})
    assert (done.status_code, done["HX-Redirect"]) == (200, "/?q=x")


def test_a_bulk_action_needs_a_person_and_a_form_of_ours(client):
    assert client.post("/assets/bulk/", {"action": "trash"}).status_code == 302
    assert client_of(a_user()).get("/assets/bulk/").status_code == 405


def undo_address(page: str) -> str:
    return html.unescape(re.search(r'action="(/trash/undo/[^"]*)"', page)[1])


def test_what_was_trashed_at_once_is_restored_by_one_button(as_ana, ana):
    kept, *thrown = [an_asset(owner=ana) for _ in range(3)]
    before = an_asset(owner=ana, trashed_at=timezone.now())
    chosen = {"action": "trash", "id": [entry.pk for entry in thrown], "confirmed": "1", "next": "/?q=picture"}
    page = as_ana.post("/assets/bulk/", chosen, follow=True).content.decode()
    assert '<input type="hidden" name="next" value="/?q=picture">' in page
    answer = as_ana.post(undo_address(page), {"next": "/?q=picture"}, follow=True)
    assert answer.request["QUERY_STRING"] == "q=picture"
    assert "2 assets restored." in answer.content.decode()
    assert set(Asset.objects.current()) == {kept, *thrown}
    before.refresh_from_db()
    assert before.is_trashed


def test_nobody_restores_what_others_have_trashed(as_ana, as_ben, ana):
    entry = an_asset(owner=ana)
    page = as_ana.post("/assets/bulk/", {"action": "trash", "id": entry.pk, "confirmed": "1"}, follow=True)
    as_ben.post(undo_address(page.content.decode()))
    entry.refresh_from_db()
    assert entry.is_trashed


@pytest.mark.parametrize("moment", ["", "yesterday", "2026-11-24T12:00:00"])
def test_a_moment_that_is_none_restores_nothing(as_ana, moment):
    assert as_ana.post(f"/trash/undo/?at={moment}").status_code == 404
