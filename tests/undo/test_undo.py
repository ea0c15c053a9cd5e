"""Undo gives back exactly what was before, once, to the person who made the change, and over nobody else's work."""

import html
import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from assets.audit.log import LogEntry
from assets.models import Asset, Collection, Favourite, Tag, UndoBatch, UndoStep
from assets.worker.upkeep import do_rare_work
from tests.conftest import client_of
from tests.support.factories import a_user, an_asset, many_assets

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}


def bulk(client, action: str, assets=(), **fields) -> dict:
    sent = {"action": action, "id": [str(asset.pk) for asset in assets], "confirmed": "1", **fields}
    return client.post("/assets/bulk/", sent, headers=JSON).json()


def undo(client, url: str = "/undo/") -> str:
    return client.post(url, headers=JSON).json()["message"]


def state_of(*assets: Asset) -> list[dict]:
    """All of them that people see or search, and whose favourites they are."""
    return [
        {
            **Asset.objects.filter(pk=asset.pk).values().get(),
            "updated_at": None,
            "tags": set(asset.tags.values_list("pk", flat=True)),
            "collections": set(asset.collections.values_list("pk", flat=True)),
            "favourites": set(asset.favourites.values_list("user", "created_at")),
        }
        for asset in assets
    ]


@pytest.fixture
def assets(ana):
    """Three of which the second has already what an action gives, and the third is in the trash."""
    long_ago = timezone.now() - timedelta(days=3)
    first, second = an_asset(owner=ana, title="one"), an_asset(owner=ana, title="two", visibility="private")
    second.set_labels(tags=["Sea", "boats"], collections=["Trips/2024"])
    Favourite.objects.create(user=ana, asset=second, created_at=long_ago)
    return [first, second, an_asset(owner=ana, title="three", trashed_at=long_ago, tags=("boats",))]


@pytest.mark.parametrize(
    ("action", "fields", "summary"),
    [
        ("tag", {"tags": "sea, harbour"}, "Tagged 3 assets “sea”, “harbour”"),
        ("untag", {"tags": "boats, sea"}, "Removed “boats”, “sea” from 2 assets"),
        ("collect", {"collection": "Trips/2024"}, "Added 2 assets to “Trips/2024”"),
        ("uncollect", {"collection": "trips/2024"}, "Removed 1 asset from “trips/2024”"),
        ("visibility", {"visibility": "private"}, "Made 2 assets private"),
        ("visibility", {"visibility": "team"}, "Made 1 asset visible to the team"),
        ("favourite", {}, "Added 2 assets to favourites"),
        ("unfavourite", {}, "Removed 1 asset from favourites"),
        ("trash", {}, "Moved 2 assets to trash"),
        ("restore", {}, "Restored 1 asset"),
    ],
)
def test_undo_gives_back_what_each_asset_was(as_ana, assets, action, fields, summary):
    before, labels = state_of(*assets), set(Tag.objects.all())
    done = bulk(as_ana, action, assets, **fields)
    assert done["message"].split(". ")[0] == summary
    assert state_of(*assets) != before
    assert undo(as_ana, done["undo"]) == f"Undone: {summary}"
    assert state_of(*assets) == before
    assert set(Tag.objects.all()) == labels
    # Once.
    assert undo(as_ana, done["undo"]).startswith("Nothing to undo")
    assert not UndoStep.objects.exists()


def test_nothing_goes_back_into_a_collection_that_somebody_has_made_private(as_ana, as_ben, ana, ben):
    asset = an_asset(owner=ben)
    for one in (asset, an_asset(owner=ana)):
        one.set_labels(collections=["Launch"])
    step = bulk(as_ben, "uncollect", [asset], collection="Launch")["undo"]
    as_ana.post(f"/collections/{Collection.objects.get().pk}/", {"action": "visibility", "visibility": "private"})
    assert Collection.objects.get().private_to == ana
    assert undo(as_ben, step) == "0 of 1 restored; 1 has been changed since"
    assert not asset.collections.exists()


def test_labels_that_the_change_made_go_again_if_they_are_empty(as_ana, ana):
    asset, other = an_asset(owner=ana), an_asset(owner=ana)
    first = bulk(as_ana, "collect", [asset], collection="Launch/Hero")["undo"]
    second = bulk(as_ana, "tag", [asset], tags="launch")["undo"]
    other.set_labels(tags=["launch"])
    undo(as_ana, first)
    undo(as_ana, second)
    assert not Collection.objects.exists()
    assert list(Tag.objects.get().assets.all()) == [other]


def test_what_others_have_changed_since_is_left_and_said(as_ana, ana):
    as_ben = client_of(a_user("ben", role="manager"))
    assets = many_assets(20, owner=ana)
    url = bulk(as_ana, "tag", assets, tags="launch")["undo"]
    as_ben.post(assets[0].get_absolute_url(), {"title": "of ben"})
    bulk(as_ben, "tag", [assets[1]], tags="more")
    # Her own changes are no obstacle.
    bulk(as_ana, "tag", assets[2:4], tags="blue")
    assert undo(as_ana, url) == "18 of 20 restored; 2 have been changed since"
    assert set(Tag.objects.get(key="launch").assets.all()) == set(assets[:2])
    assert Tag.objects.get(key="blue").assets.count() == 2


def test_what_the_person_may_no_longer_change_is_left(ben):
    cleo = a_user("cleo", role="manager")
    theirs, hidden, own = an_asset(owner=ben), an_asset(owner=ben), an_asset(owner=cleo)
    url = bulk(client_of(cleo), "trash", [theirs, hidden, own])["undo"]
    Asset.objects.filter(pk=hidden.pk).update(visibility="private")
    cleo.role = "member"
    cleo.save()
    assert undo(client_of(cleo), url) == "1 of 3 restored; you can no longer change 2"
    assert list(Asset.objects.current()) == [own]


def test_nobody_undoes_what_somebody_else_did(as_ana, as_ben, ana):
    asset = an_asset(owner=ana)
    url = bulk(as_ana, "trash", [asset])["undo"]
    assert undo(as_ben, url) == undo(as_ben) == "Nothing to undo. A change can be undone once, within an hour."
    assert Asset.objects.trashed().count() == 1


def test_the_last_change_is_undone_first_whatever_it_was(as_ana, ana):
    asset = an_asset(owner=ana, title="before")
    url = asset.get_absolute_url()
    version = as_ana.get(url, headers=JSON).json()["version"]
    as_ana.post(url, {"version": version, "title": "after", "add_tags": "sea"}, headers=JSON)
    as_ana.post(f"{url}favourite/", {"on": "1"})
    as_ana.post(f"{url}trash/")
    assert undo(as_ana) == "Undone: Moved “after” to trash"
    assert undo(as_ana) == "Undone: Added “after” to favourites"
    assert undo(as_ana) == "Undone: Edited “before”"
    asset.refresh_from_db()
    assert (asset.title, asset.is_trashed, asset.tags.count()) == ("before", False, 0)
    assert [a["title"] for a in as_ana.get("/?q=before", headers=JSON).json()["assets"]] == ["before"]
    assert undo(as_ana).startswith("Nothing to undo")


def test_the_notice_after_a_redirect_undoes_too(as_ana, ana):
    asset = an_asset(owner=ana)
    page = as_ana.post("/assets/bulk/", {"action": "trash", "id": asset.pk, "next": "/?q=a"}, follow=True)
    url = html.unescape(re.search(r'action="(/undo/[^"]*)"', page.content.decode())[1])
    assert '<input type="hidden" name="next" value="/?q=a">' in page.content.decode()
    answer = as_ana.post(url, {"next": "/?q=a"}, follow=True)
    assert answer.redirect_chain == [("/?q=a", 302)]
    assert "Undone: Moved 1 asset to trash" in answer.content.decode()
    assert not Asset.objects.trashed().exists()


def test_a_change_and_its_undoing_are_both_in_the_history(as_ana, assets):
    LogEntry.objects.all().delete()
    undo(as_ana, bulk(as_ana, "tag", assets[:1], tags="sea")["undo"])
    entries = LogEntry.objects.filter(object_pk=str(assets[0].pk)).order_by("pk")
    assert [entry.changes for entry in entries] == [{"tags": ["", "Sea"]}, {"tags": ["Sea", ""]}]
    assert {entry.actor.username for entry in entries} == {"ana"}


def test_after_an_hour_nothing_is_kept(as_ana, ana):
    asset = an_asset(owner=ana)
    url = bulk(as_ana, "trash", [asset])["undo"]
    do_rare_work()
    assert UndoStep.objects.count() == 1
    UndoStep.objects.update(made_at=timezone.now() - timedelta(minutes=61))
    assert undo(as_ana, url).startswith("Nothing to undo")
    do_rare_work()
    assert not UndoBatch.objects.exists()


def test_a_change_of_thousands_keeps_little_and_is_undone_in_few_queries(as_ana, ana, django_assert_max_num_queries):
    assets = many_assets(1200, owner=ana)
    url = bulk(as_ana, "tag", assets, tags="launch")["undo"]
    assert UndoBatch.objects.count() == 3
    assert max(len(json.dumps(batch.changes)) for batch in UndoBatch.objects.all()) < 500 * 120
    with django_assert_max_num_queries(110):
        assert undo(as_ana, url) == "Undone: Tagged 1,200 assets “launch”"
    assert not Tag.objects.exists()
