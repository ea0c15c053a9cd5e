"""What the activity page tells the team of what its members did."""

import re

import pytest
from django.utils.html import strip_tags

from assets.audit.log import audit_context, record_changes
from assets.models import Asset, Collection, Role
from tests.conftest import client_of
from tests.support.factories import a_user, an_asset

pytestmark = pytest.mark.django_db


@pytest.fixture
def ben():
    return a_user("ben")


def feed_of(client, query: str = "") -> str:
    """The sentences, without the times."""
    page = client.get(f"/activity/{query}").content.decode()
    sentences = re.findall(r"<li>\s*<p>(.*?)<time", page[page.index('id="feed"') :], re.DOTALL)
    return "\n".join(" ".join(strip_tags(sentence).split()) for sentence in sentences)


def test_uploads_and_what_was_collected_and_tagged_are_told_by_person(as_ana, ana, ben):
    launch = Collection.objects.get_or_create_by_name("Spring/Launch")
    with audit_context(user=ben):
        assets = [an_asset(owner=ben) for _ in range(3)]
    with audit_context(user=ana):
        for asset in assets[:2]:
            asset.collections.add(launch)
            asset.title = "Another"
            asset.save()
    record_changes([(asset, {"tags": ("", "sea")}) for asset in assets], actor=ana)
    assert feed_of(as_ana).splitlines() == [
        "ana tagged 3 assets “sea”",
        "ana edited 2 assets",
        "ana added 2 assets to Spring/Launch",
        "ben uploaded 3 assets",
    ]
    assert feed_of(as_ana, "?person=ben") == "ben uploaded 3 assets"


def test_nobody_learns_of_private_assets_trashed_ones_and_private_collections(as_ana, ana, ben):
    own = Collection.objects.get_or_create_by_name("Secret", ben, is_private=True)
    with audit_context(user=ben):
        shown = an_asset(owner=ben)
        an_asset(owner=ben, visibility="private")
        Asset.objects.filter(pk=an_asset(owner=ben).pk).update(trashed_at="2026-11-01T12:00Z")
        shown.collections.add(own)
    assert feed_of(as_ana) == "ben uploaded 1 asset"
    assert feed_of(client_of(ben)) == "ben uploaded 2 assets"


def test_only_its_owner_learns_what_was_changed_while_an_asset_was_private(as_ana, ana, ben):
    as_ben, root = client_of(ben), a_user("root", role=Role.ADMINISTRATOR)
    asset = an_asset(owner=ben, visibility="private")
    sent = {"id": asset.pk, "confirmed": "1"}
    as_ben.post("/assets/bulk/", {**sent, "action": "tag", "tags": "layoffs"})
    as_ben.post("/assets/bulk/", {**sent, "action": "collect", "collection": "Merger"})
    as_ben.post("/assets/bulk/", {**sent, "action": "visibility", "visibility": "team"})
    as_ben.post("/assets/bulk/", {**sent, "action": "tag", "tags": "sea"})
    assert feed_of(as_ana) == "ben tagged 1 asset “sea”"
    whole = ["ben tagged 1 asset “sea”", "ben added 1 asset to Merger", "ben tagged 1 asset “layoffs”"]
    assert feed_of(as_ben).splitlines() == whole
    # Handed over, it is no secret of the new owner.
    client_of(root).post(f"/people/{ben.pk}/", {"action": "hand_over", "to": "ana", "with_private": "on"})
    asset.refresh_from_db()
    assert asset.owner == ana
    assert feed_of(as_ana).endswith("ben tagged 1 asset “sea”")
    assert feed_of(as_ben).splitlines()[-3:] == whole


def test_words_given_on_the_day_of_the_upload_go_without_saying(as_ana, ana):
    with audit_context(user=ana):
        asset = an_asset(owner=ana)
        asset.title = "A better one"
        asset.save()
    assert feed_of(as_ana) == "ana uploaded 1 asset"


def test_the_feed_goes_on_to_its_beginning(as_ana, ana, django_assert_max_num_queries):
    with audit_context(user=ana):
        asset = an_asset(owner=ana)
    record_changes([(asset, {"tags": ("", f"tag {number}")}) for number in range(310)], actor=ana)
    with django_assert_max_num_queries(19):
        page = as_ana.get("/activity/").content.decode()
    earlier = re.search(r'href="(\?before=\d+)#feed">Show earlier', page)
    assert "tag 309" in feed_of(as_ana)
    assert "uploaded" not in feed_of(as_ana)
    assert feed_of(as_ana, earlier[1]).endswith("ana uploaded 1 asset")


def test_a_name_that_nobody_has_is_said(as_ana):
    page = as_ana.get("/activity/?person=nobody").content.decode()
    assert "There is nobody with the username “nobody”." in page
