"""Searches that people keep under a name: their own, and those of the team."""

from functools import partial

import pytest

from assets.audit.log import LogEntry
from assets.models import Role, SavedSearch
from assets.models.saved_searches import MAX_SAVED_SEARCHES
from tests.conftest import client_of
from tests.library.test_edits import at_once
from tests.support.factories import a_user, an_asset

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}


@pytest.fixture
def as_manager(db):
    return client_of(a_user("mia", role=Role.MANAGER))


def save(client, name="Sea, wide", **fields):
    return client.post("/searches/", {"name": name, "q": "tag:sea wide:", **fields}, headers=JSON)


def names(client) -> list[str]:
    return [one["name"] for one in client.get("/searches/", headers=JSON).json()["searches"]]


def test_a_saved_search_is_the_persons_own_and_a_page_of_the_library(as_ana, as_ben, ana):
    an_asset(owner=ana, title="Pier", tags=("sea",))
    saved = save(as_ana, q="tag:sea", sort="name").json()
    assert saved["url"] == f"/?q=tag%3Asea&sort=name&saved={saved['id']}"
    page = as_ana.get(saved["url"]).content.decode()
    assert "<h1>Sea, wide</h1>" in page
    assert "Pier" in page
    assert as_ana.get(f"/searches/{saved['id']}/")["location"] == saved["url"]
    assert names(as_ben) == []
    assert as_ben.get(f"/searches/{saved['id']}/").status_code == 404
    assert as_ben.post(f"/searches/{saved['id']}/", {"action": "delete"}).status_code == 404
    assert "<h1>Results</h1>" in as_ben.get(saved["url"]).content.decode()
    assert not LogEntry.objects.filter(content_type__model="savedsearch").exists()


def test_changed_conditions_can_be_saved_under_the_same_name(as_ana):
    saved = save(as_ana, q="tag:sea").json()
    changed = f"/?q=tag:night&saved={saved['id']}"
    assert "Update “Sea, wide”" in as_ana.get(changed).content.decode()
    assert "Update “" not in as_ana.get(saved["url"]).content.decode()
    as_ana.post(f"/searches/{saved['id']}/", {"action": "update", "q": "tag:night", "sort": "size"})
    found = SavedSearch.objects.get()
    assert (found.text, found.sort, found.name) == ("tag:night", "size", "Sea, wide")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"name": " "}, "Give the search a name."),
        ({"name": "x" * 61}, "61 characters. Use at most 60."),
        ({"name": "SEA,  wide"}, "You already have a search"),
        ({"name": "Other", "q": ""}, "Search for something first"),
        ({"name": "Other", "q": "x" * 501}, "500"),
    ],
)
def test_what_cannot_be_saved_is_refused_with_the_reason(as_ana, fields, reason):
    save(as_ana)
    answer = save(as_ana, **fields)
    assert answer.status_code == 400
    assert reason in answer.content.decode()
    assert len(names(as_ana)) == 1


def test_there_is_a_limit_for_each_person(as_ana, ana):
    SavedSearch.objects.bulk_create(
        SavedSearch(owner=ana, name=str(n), key=f"{ana.pk}/{n}", text="x") for n in range(MAX_SAVED_SEARCHES)
    )
    assert "50 saved searches, the limit" in save(as_ana).content.decode()


def test_managers_save_for_the_team_and_the_log_says_so(as_manager, as_ana):
    saved = save(as_manager, team="on").json()
    assert names(as_ana) == ["Sea, wide"]
    for action in ("rename", "unpin", "unshare", "delete", "update", "up"):
        assert as_ana.post(f"/searches/{saved['id']}/", {"action": action, "name": "No"}).status_code == 403
    as_manager.post(f"/searches/{saved['id']}/", {"action": "rename", "name": "Coast"})
    as_manager.post(f"/searches/{saved['id']}/", {"action": "unshare"})
    assert names(as_ana) == []
    entries = LogEntry.objects.filter(content_type__model="savedsearch").order_by("pk")
    assert [sorted(entry.changes) for entry in entries][1:] == [["name"], ["owner"]]
    assert entries[0].action == LogEntry.Action.CREATE
    # A member's own stays their own.
    assert not save(as_ana, team="on").json()["is_team"]


def test_searches_are_ordered_unpinned_shared_and_restored(as_manager):
    pks = [save(as_manager, name=name).json()["id"] for name in ("One", "Two", "Three")]
    as_manager.post(f"/searches/{pks[2]}/", {"action": "up"})
    assert names(as_manager) == ["One", "Three", "Two"]
    as_manager.post(f"/searches/{pks[0]}/", {"action": "down"})
    as_manager.post(f"/searches/{pks[2]}/", {"action": "up"})
    assert names(as_manager) == ["Three", "One", "Two"]
    as_manager.post(f"/searches/{pks[1]}/", {"action": "unpin"})
    as_manager.post(f"/searches/{pks[0]}/", {"action": "share"})
    found = as_manager.get("/searches/", headers=JSON).json()["searches"]
    assert [(one["name"], one["is_pinned"], one["is_team"]) for one in found] == [
        ("Three", True, False), ("Two", False, False), ("One", True, True),
    ]  # fmt: skip
    page = as_manager.post(f"/searches/{pks[0]}/", {"action": "delete"}, follow=True).content.decode()
    assert "“One” deleted." in page
    as_manager.post("/searches/?name=One&q=tag%3Asea&team=on")
    assert names(as_manager) == ["Three", "Two", "One"]


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_once_save_a_name_once_and_bring_back_nothing_deleted():
    mia = a_user("mia", role=Role.MANAGER)
    assert sorted(at_once([partial(save, client_of(mia)) for _ in range(4)])) == [201, 400, 400, 400]
    address = f"/searches/{SavedSearch.objects.get().pk}/"
    calls = [partial(client_of(mia).post, address, {"action": action}) for action in ("pin", "share", "up", "delete")]
    assert set(at_once(calls)) <= {302, 404}
    assert not SavedSearch.objects.exists()
