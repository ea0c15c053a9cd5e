"""The page of an asset: its neighbours, its facts, its history, and other assets of the same file."""

import html
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from assets.audit import timeline
from assets.models import Asset, StoredFile, User, Visibility
from tests.conftest import client_of
from tests.support.factories import a_picture, a_request, a_stored_file, a_user, an_asset
from tests.support.plain_forms import fields_of

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def page_of(client, asset: Asset, query: str = "") -> str:
    response = client.get(asset.get_absolute_url() + query)
    assert response.status_code == 200
    return response.content.decode()


def neighbours(client, asset: Asset, query: str = "") -> tuple[str | None, str | None]:
    """The titles of the assets that the page leads back and on to."""
    page = page_of(client, asset, query)
    found = [re.search(rf'{word}<span class="sr-only">: ([^<]+)</span>', page) for word in ("Previous", "Next")]
    return tuple(match and match[1] for match in found)


@pytest.fixture
def three(ana) -> list[Asset]:
    return [
        an_asset(owner=ana, title=f"{title} sea", created_at=NOW - timedelta(days=age), tags=("blue",))
        for age, title in enumerate(["b", "a", "c"], start=1)
    ]


# --- Its neighbours ---


def test_the_neighbours_are_those_of_the_list_it_was_opened_from(as_ana, ana, three):
    an_asset(owner=ana, title="something else", created_at=NOW - timedelta(hours=30))
    assert neighbours(as_ana, three[1]) == ("something else", "c sea")
    assert neighbours(as_ana, three[1], "?q=sea") == ("b sea", "c sea")
    assert neighbours(as_ana, three[1], "?q=tag:blue&sort=name") == (None, "b sea")
    assert neighbours(as_ana, three[0], "?q=sea&sort=oldest") == ("a sea", None)


def test_links_keep_the_search_and_lead_back_to_the_list(as_ana, three):
    page = page_of(as_ana, three[1], "?q=sea&sort=oldest")
    assert f'href="{three[0].get_absolute_url()}?q=sea&amp;sort=oldest"' in page
    assert f'href="/?q=sea&amp;sort=oldest#card-{three[1].pk}"' in page


def test_a_hidden_asset_is_never_a_neighbour(as_ben, ana, three):
    three[0].visibility = Visibility.PRIVATE
    three[0].save()
    three[2].trash(NOW)
    assert neighbours(as_ben, three[1], "?q=sea") == (None, None)


def test_an_asset_keeps_its_neighbours_after_an_edit(as_ana, three):
    three[1].title = "renamed"
    three[1].save()
    assert neighbours(as_ana, three[1], "?q=sea") == ("b sea", "c sea")


def test_only_used_assets_have_neighbours_in_the_order_of_use(as_ana, three):
    for asset in three[:2]:
        as_ana.post(asset.get_absolute_url() + "use/")
    assert neighbours(as_ana, three[0], "?sort=used") == ("a sea", None)
    assert neighbours(as_ana, three[2], "?sort=used") == (None, None)


def test_a_trashed_asset_has_its_neighbours_in_the_trash(as_ana, three):
    for minutes, asset in enumerate(three[:2]):
        asset.trash(NOW - timedelta(minutes=minutes))
    assert neighbours(as_ana, three[0]) == (None, "a sea")
    assert f'href="/trash/#card-{three[0].pk}"' in page_of(as_ana, three[0])


def test_an_edit_keeps_the_search(as_ana, three):
    url = three[0].get_absolute_url() + "?q=sea&sort=name"
    assert as_ana.post(url, {"title": "new sea"})["location"] == url


@pytest.mark.parametrize("name", ["R&D", 'the "best" one', "deep  sea", 'a"'])
def test_tags_and_collections_link_to_their_assets(as_ana, ana, name):
    asset = an_asset(owner=ana)
    asset.set_labels(tags=[name], collections=[name], by=ana)
    page = html.unescape(page_of(as_ana, asset))
    for label in (asset.tags.get(), asset.collections.get()):
        link = label.get_absolute_url()
        assert f'href="{link}"' in page
        assert f"card-{asset.pk}" in as_ana.get(link).content.decode()


def test_the_page_takes_few_queries(as_ana, ana, three, django_assert_max_num_queries):
    asset = three[1]
    for _ in range(15):
        an_asset(stored_file=asset.stored_file)
        a_request(outcome="unavailable", finished_at=NOW + timedelta(minutes=1)).files.add(asset.stored_file)
    for number in range(5):
        as_ana.post(asset.get_absolute_url(), {"title": f"title {number} sea", "tags": f"t{number}"})
    page_of(as_ana, asset)
    with django_assert_max_num_queries(11):
        page_of(as_ana, asset)
    with django_assert_max_num_queries(13):  # the neighbours are searched for, and SQLite's trigram index is asked too
        page_of(as_ana, asset, "?q=sea&sort=name")


# --- Its page ---


def test_a_broken_link_is_mended_first_and_not_offered_to_the_world(as_ana, as_ben, ana):
    file = a_stored_file(content=a_picture(), link_status="broken", link_checked_at=timezone.now())
    asset = an_asset(owner=ana, stored_file=file)
    page = page_of(as_ana, asset)
    assert "The file is no longer at its URL." in page
    assert re.search(r"Checked <time\s[^>]*title=\"[^\"]+:\d\d\">today \d\d:\d\d</time>", page)
    assert page.index("Re-upload") < page.index("Segmind URL</label>")
    assert "Anyone who has this URL" not in page
    assert "Its owner or a manager can re-upload it." in page_of(as_ben, asset)
    file.original.delete(save=True)
    page = page_of(as_ana, asset)
    assert "This server has no original to re-upload." in page
    assert "Not kept on this server" in page
    assert "/heal/" not in page


def test_a_failed_upload_says_why_and_offers_to_retry(as_ana, ana):
    page = page_of(as_ana, an_asset(owner=ana, stored_file=a_stored_file(state="failed", error="Segmind said no.")))
    assert page.index("Segmind said no.") < page.index("Retry upload") < page.index("File name")


def test_what_is_verified_is_said_in_words(as_ana, ana):
    file = a_stored_file(link_status="verified", link_checked_at=timezone.now() - timedelta(days=40))
    assert "Verified: leads to this file." in page_of(as_ana, an_asset(owner=ana, stored_file=file))


def test_a_program_is_told_of_a_retry_and_a_reupload_in_words(as_ana, ana):
    failed = an_asset(owner=ana, stored_file=a_stored_file(state="failed"))
    broken = an_asset(owner=ana, stored_file=a_stored_file(content=a_picture(), link_status="broken"))
    for asset, verb, words in [(failed, "retry", "added to the queue again"), (broken, "heal", "Re-upload started")]:
        answer = as_ana.post(f"{asset.get_absolute_url()}{verb}/", headers={"accept": "application/json"}).json()
        assert words in answer["message"]


def test_the_star_toggles_a_favourite_without_javascript(as_ana, as_ben, three):
    url = three[0].get_absolute_url()
    assert 'aria-pressed="false"' in page_of(as_ana, three[0])
    response = as_ana.post(url + "favourite/", {"on": "1", "next": f"{url}?q=sea"})
    assert response["location"] == f"{url}?q=sea"
    assert 'aria-pressed="true"' in page_of(as_ana, three[0])
    assert 'aria-pressed="false"' in page_of(as_ben, three[0])


def test_the_page_after_trashing_offers_to_undo_it(as_ana, three):
    url = three[0].get_absolute_url()
    response = as_ana.post(url + "trash/", {"next": "/?q=sea"}, follow=True)
    assert response.redirect_chain == [("/?q=sea", 302)]
    assert 'action="/undo/' in response.content.decode()
    assert as_ana.post(url + "trash/", {"next": "https://evil.example/"})["location"] == "/"


def test_visible_assets_of_the_same_file_are_listed(as_ana, ana):
    asset = an_asset(owner=ana)
    for name, title, fields in [
        ("ben", "seen by all", {}),
        ("cleo", "kept private", {"visibility": Visibility.PRIVATE}),
        ("dan", "thrown away", {"trashed_at": NOW}),
    ]:
        an_asset(owner=a_user(name), title=title, stored_file=asset.stored_file, **fields)
    page = page_of(as_ana, asset)
    assert "seen by all" in page
    assert "ben" in page
    assert not any(word in page for word in ("kept private", "cleo", "thrown away", "dan,"))


def test_only_the_owner_is_offered_changes(as_ben, three):
    page = page_of(as_ben, three[0])
    assert "data-edit" not in page
    assert "/trash/" not in page.partition("<main")[2]


# --- URLs with an e-mail address ---


@pytest.fixture
def with_address(ana) -> Asset:
    url = "https://images.segmind.com/assets/ana%40example.com/images/1.png"
    return an_asset(owner=ana, stored_file=a_stored_file(url=url))


def test_a_url_with_an_email_address_carries_a_warning(as_ana, with_address, three):
    answers = [
        as_ana.get(a.get_absolute_url(), headers={"accept": "application/json"}).json()
        for a in (with_address, three[0])
    ]
    assert [answer["url_has_email"] for answer in answers] == [True, False]
    assert "contains an e-mail address" in page_of(as_ana, with_address)


def test_the_email_notice_is_shown_until_it_is_dismissed(as_ana, as_ben, with_address):
    for client in (as_ana, as_ben):
        assert "email-notice" in page_of(client, with_address)
        assert "email-notice" in client.get("/").content.decode()
    assert as_ana.post("/addresses/").status_code == 204
    assert User.objects.get(username="ana").has_seen_email_notice
    assert "email-notice" not in page_of(as_ana, with_address)
    assert "email-notice" not in as_ana.get("/").content.decode()
    assert "email-notice" in page_of(as_ben, with_address)


def test_dismissing_the_email_notice_keeps_the_layout(as_ana):
    as_ana.post("/layout/", {"layout": "list"})
    as_ana.post("/addresses/")
    assert User.objects.get().layout == "list"


# --- Its history ---


def history(asset: Asset, user) -> list[tuple[str, str]]:
    asset = Asset.objects.with_details(user).get(pk=asset.pk)
    return [(event.text, event.actor) for event in timeline.for_asset(asset, user=user)]


def test_the_history_begins_with_the_upload(as_ana, ana):
    file = a_stored_file(
        stored_at=NOW + timedelta(minutes=3), link_status="verified", link_checked_at=NOW + timedelta(minutes=4)
    )
    asset = an_asset(owner=ana, stored_file=file, created_at=NOW)
    for minutes, outcome in [(1, "unknown"), (2, "stored")]:
        at = NOW + timedelta(minutes=minutes)
        a_request(started_at=at, finished_at=at, outcome=outcome, message="of the server").files.add(file)
    assert history(asset, ana) == [
        ("Link verified", ""),
        ("Stored at Segmind", ""),
        ("Sent to Segmind", ""),
        ("Sent to Segmind: no answer received", ""),
        ("Uploaded", "ana"),
    ]
    assert "of the server" not in page_of(as_ana, asset)


def test_the_history_hides_earlier_owners_of_the_content(as_ben, ana, ben):
    file = a_stored_file(stored_at=NOW - timedelta(days=9), link_status="verified", link_checked_at=NOW)
    an_asset(owner=ana, stored_file=file, visibility=Visibility.PRIVATE, created_at=NOW - timedelta(days=9))
    request = a_request(started_at=NOW - timedelta(days=9), outcome="stored")
    type(request).objects.update(finished_at=NOW - timedelta(days=9))
    request.files.add(file)
    asset = an_asset(owner=ben, stored_file=file, created_at=NOW + timedelta(seconds=1))
    assert history(asset, ben) == [
        ("Already stored at Segmind, not sent again", ""),
        ("Uploaded", "ben"),
    ]


def test_changes_are_shown_before_and_after(as_ana, as_ben, ana):
    asset = an_asset(owner=ana, title="old name", tags=("draft",))
    as_ana.post(asset.get_absolute_url(), {"title": "new <b>name</b>", "tags": "final", "visibility": "private"})
    form = fields_of(page_of(as_ana, asset), "data-edit-form")
    as_ana.post(asset.get_absolute_url(), {**form, "visibility": "team"})
    page = page_of(as_ana, asset)
    for words in (
        "<del>old name</del>",
        "<ins>new &lt;b&gt;name&lt;/b&gt;</ins>",
        "<del>draft</del>",
        "<ins>final</ins>",
    ):
        assert words in page
    assert "<del>Only me</del>" in page
    assert "<ins>Everyone in the team</ins>" in page
    assert "<del>draft</del>" not in page_of(as_ben, asset)


def test_the_history_is_refreshed_while_the_file_is_sent(as_ana, ana):
    asset = an_asset(owner=ana, state="queued")
    StoredFile.objects.mark_stored(
        {asset.stored_file_id: "https://images.segmind.com/1.png"}, timezone.now() + timedelta(minutes=1)
    )
    answer = as_ana.get(f"/assets/cards/?part=facts&id={asset.pk}").content.decode()
    assert "Stored at Segmind" in answer
    assert 'id="history"' in answer
    assert "snippet-markdown" in answer


def test_an_invalid_edit_says_why_and_keeps_the_input(as_ana, ana):
    asset = an_asset(owner=ana, title="kept")
    response = as_ana.post(asset.get_absolute_url(), {"title": "typed title", "tags": "x" * 61})
    page = response.content.decode()
    assert response.status_code == 400
    assert "Use at most 60" in page
    assert 'value="typed title"' in page
    assert "x" * 61 in page
    assert "<h1" in page
    assert ">kept</h1>" in page
    assert "open data-unsaved" in page


def test_other_peoples_assets_have_no_edit_form(ben, three):
    assert "data-edit-form" not in page_of(client_of(ben), three[0])
