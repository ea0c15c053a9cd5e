"""The page of an entry: its place in a list, what is known of it, its story, and who else has it."""

import html
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from assets.audit import timeline
from assets.models import Asset, StoredFile, User, Visibility
from tests.conftest import client_of
from tests.support.factories import a_request, a_stored_file, a_user, an_asset

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def page_of(client, asset: Asset, query: str = "") -> str:
    response = client.get(asset.get_absolute_url() + query)
    assert response.status_code == 200
    return response.content.decode()


def neighbours(client, asset: Asset, query: str = "") -> tuple[str | None, str | None]:
    """The titles of the entries that the page leads back and on to."""
    page = page_of(client, asset, query)
    return tuple(
        found[1] if (found := re.search(rf'{word}: ([^<]+)</span>', page)) else None for word in ("Previous", "Next")
    )  # fmt: skip


@pytest.fixture
def three(ana) -> list[Asset]:
    return [
        an_asset(owner=ana, title=f"{title} sea", created_at=NOW - timedelta(days=age), tags=("blue",))
        for age, title in enumerate(["b", "a", "c"], start=1)
    ]


# --- Its place in a list ---


def test_an_entry_has_the_neighbours_of_the_list_it_was_opened_from(as_ana, ana, three):
    an_asset(owner=ana, title="something else", created_at=NOW - timedelta(hours=30))
    assert neighbours(as_ana, three[1]) == ("something else", "c sea")
    assert neighbours(as_ana, three[1], "?q=sea") == ("b sea", "c sea")
    assert neighbours(as_ana, three[1], "?q=tag:blue&sort=name") == (None, "b sea")
    assert neighbours(as_ana, three[0], "?q=sea&sort=oldest") == ("a sea", None)


def test_links_keep_the_search_and_lead_back_to_its_list(as_ana, three):
    page = page_of(as_ana, three[1], "?q=sea&sort=oldest")
    assert f'href="{three[0].get_absolute_url()}?q=sea&amp;sort=oldest"' in page
    assert f'href="/?q=sea&amp;sort=oldest#card-{three[1].pk}"' in page


def test_a_neighbour_is_never_one_that_the_person_may_not_see(as_ben, ana, three):
    three[0].visibility = Visibility.PRIVATE
    three[0].save()
    three[2].trash(NOW)
    assert neighbours(as_ben, three[1], "?q=sea") == (None, None)


def test_an_entry_keeps_its_place_after_an_edit_that_the_search_does_not_find(as_ana, three):
    three[1].title = "renamed"
    three[1].save()
    assert neighbours(as_ana, three[1], "?q=sea") == ("b sea", "c sea")


def test_the_order_of_use_has_neighbours_only_for_what_was_used(as_ana, three):
    for asset in three[:2]:
        as_ana.post(asset.get_absolute_url() + "use/")
    assert neighbours(as_ana, three[0], "?sort=used") == ("a sea", None)
    assert neighbours(as_ana, three[2], "?sort=used") == (None, None)


def test_what_is_in_the_trash_has_its_neighbours_there(as_ana, three):
    for asset in three[:2]:
        asset.trash(NOW)
    assert neighbours(as_ana, three[0]) == (None, "a sea")
    assert f'href="/trash/#card-{three[0].pk}"' in page_of(as_ana, three[0])


def test_after_an_edit_the_search_is_still_there(as_ana, three):
    address = three[0].get_absolute_url() + "?q=sea&sort=name"
    assert as_ana.post(address, {"title": "new sea"})["location"] == address


@pytest.mark.parametrize("name", ["R&D", 'the "best" one', "deep  sea", 'a"'])
def test_tags_and_collections_lead_to_their_entries(as_ana, ana, name):
    entry = an_asset(owner=ana)
    entry.set_labels(tags=[name], collections=[name], by=ana)
    links = re.findall(r'href="(/\?q=(?:tag|in)[^"]*)"', page_of(as_ana, entry))
    assert len(links) == 2
    for link in links:
        assert f"card-{entry.pk}" in as_ana.get(html.unescape(link)).content.decode()


def test_the_page_takes_few_queries_whatever_is_known(as_ana, ana, three, django_assert_max_num_queries):
    entry = three[1]
    for _ in range(15):
        an_asset(stored_file=entry.stored_file)
        a_request(outcome="unavailable", finished_at=NOW + timedelta(minutes=1)).files.add(entry.stored_file)
    for number in range(5):
        as_ana.post(entry.get_absolute_url(), {"title": f"title {number} sea", "tags": f"t{number}"})
    page_of(as_ana, entry)
    with django_assert_max_num_queries(7):
        page_of(as_ana, entry)
    with django_assert_max_num_queries(9):  # the neighbours are searched for, and SQLite's trigram index is asked too
        page_of(as_ana, entry, "?q=sea&sort=name")


# --- What is known of it ---


def test_the_star_shows_whether_it_is_a_favourite_and_works_as_a_form(as_ana, as_ben, three):
    address = three[0].get_absolute_url()
    assert 'aria-pressed="false"' in page_of(as_ana, three[0])
    response = as_ana.post(address + "favourite/", {"on": "1", "next": f"{address}?q=sea"})
    assert response["location"] == f"{address}?q=sea"
    assert 'aria-pressed="true"' in page_of(as_ana, three[0])
    assert 'aria-pressed="false"' in page_of(as_ben, three[0])


def test_what_goes_to_the_trash_can_be_had_back_from_where_one_is_led(as_ana, three):
    address = three[0].get_absolute_url()
    response = as_ana.post(address + "trash/", {"next": "/?q=sea"}, follow=True)
    assert response.redirect_chain == [("/?q=sea", 302)]
    assert f'action="{address}restore/"' in response.content.decode()
    assert as_ana.post(address + "trash/", {"next": "https://evil.example/"})["location"] == "/"


def test_others_with_the_same_content_are_named_as_far_as_one_may_see_them(as_ana, ana):
    entry = an_asset(owner=ana)
    for name, title, fields in [
        ("ben", "seen by all", {}),
        ("cleo", "kept private", {"visibility": Visibility.PRIVATE}),
        ("dan", "thrown away", {"trashed_at": NOW}),
    ]:
        an_asset(owner=a_user(name), title=title, stored_file=entry.stored_file, **fields)
    page = page_of(as_ana, entry)
    assert "seen by all" in page and "ben" in page
    assert not any(word in page for word in ("kept private", "cleo", "thrown away", "dan,"))


def test_only_its_owner_is_offered_what_changes_an_entry(as_ben, three):
    page = page_of(as_ben, three[0])
    assert "data-edit" not in page and "/trash/" not in page.partition("<main")[2]


# --- URLs with an e-mail address ---


@pytest.fixture
def with_address(ana) -> Asset:
    url = "https://images.segmind.com/assets/ana%40example.com/images/1.png"
    return an_asset(owner=ana, stored_file=a_stored_file(url=url))


def test_a_url_with_an_email_address_is_marked(as_ana, with_address, three):
    answers = [
        as_ana.get(a.get_absolute_url(), headers={"accept": "application/json"}).json()
        for a in (with_address, three[0])
    ]
    assert [answer["url_has_email"] for answer in answers] == [True, False]
    assert "contains an e-mail address" in page_of(as_ana, with_address)


def test_a_person_is_told_of_addresses_until_they_know(as_ana, as_ben, with_address):
    for client in (as_ana, as_ben):
        assert "email-notice" in page_of(client, with_address)
        assert "email-notice" in client.get("/").content.decode()
    assert as_ana.post("/addresses/").status_code == 204
    assert User.objects.get(username="ana").has_seen_email_notice
    assert "email-notice" not in page_of(as_ana, with_address)
    assert "email-notice" not in as_ana.get("/").content.decode()
    assert "email-notice" in page_of(as_ben, with_address)


def test_knowing_of_addresses_leaves_the_layout_as_it_is(as_ana):
    as_ana.post("/layout/", {"layout": "list"})
    as_ana.post("/addresses/")
    assert User.objects.get().layout == "list"


# --- Its story ---


def story(asset: Asset, user) -> list[tuple[str, str]]:
    entry = Asset.objects.with_details(user).get(pk=asset.pk)
    return [(event.text, event.by) for event in timeline.for_asset(entry, user=user)]


def test_the_story_begins_with_the_upload_and_tells_all_that_followed(as_ana, ana):
    file = a_stored_file(
        stored_at=NOW + timedelta(minutes=3), link_status="verified", link_checked_at=NOW + timedelta(minutes=4)
    )
    entry = an_asset(owner=ana, stored_file=file, created_at=NOW)
    for minutes, outcome in [(1, "unknown"), (2, "stored")]:
        at = NOW + timedelta(minutes=minutes)
        a_request(started_at=at, finished_at=at, outcome=outcome, message="of the server").files.add(file)
    assert story(entry, ana) == [
        ("Link verified", ""),
        ("Stored at Segmind", ""),
        ("Sent to Segmind", ""),
        ("Sent to Segmind: no answer received", ""),
        ("Uploaded", "ana"),
    ]
    assert "of the server" not in page_of(as_ana, entry)


def test_who_had_the_content_before_is_not_told(as_ben, ana, ben):
    file = a_stored_file(stored_at=NOW - timedelta(days=9), link_status="verified", link_checked_at=NOW)
    an_asset(owner=ana, stored_file=file, visibility=Visibility.PRIVATE, created_at=NOW - timedelta(days=9))
    request = a_request(started_at=NOW - timedelta(days=9), outcome="stored")
    type(request).objects.update(finished_at=NOW - timedelta(days=9))
    request.files.add(file)
    entry = an_asset(owner=ben, stored_file=file, created_at=NOW + timedelta(seconds=1))
    assert story(entry, ben) == [
        ("Already stored at Segmind, not sent again", ""),
        ("Uploaded", "ben"),
    ]


def test_changes_are_shown_before_and_after_in_words(as_ana, as_ben, ana):
    entry = an_asset(owner=ana, title="old name", tags=("draft",))
    as_ana.post(entry.get_absolute_url(), {"title": "new <b>name</b>", "tags": "final", "visibility": "private"})
    as_ana.post(entry.get_absolute_url(), {"visibility": "team"})
    page = page_of(as_ana, entry)
    for words in (
        "<del>old name</del>",
        "<ins>new &lt;b&gt;name&lt;/b&gt;</ins>",
        "<del>draft</del>",
        "<ins>final</ins>",
    ):
        assert words in page
    assert "<del>Only me</del>" in page and "<ins>Everyone in the team</ins>" in page
    assert "<del>draft</del>" not in page_of(as_ben, entry)


def test_the_story_goes_on_while_the_file_is_on_its_way(as_ana, ana):
    entry = an_asset(owner=ana, state="queued")
    StoredFile.objects.mark_stored(
        {entry.stored_file_id: "https://images.segmind.com/1.png"}, timezone.now() + timedelta(minutes=1)
    )
    answer = as_ana.get(f"/assets/cards/?part=facts&id={entry.pk}").content.decode()
    assert "Stored at Segmind" in answer and 'id="history"' in answer and "snippet-markdown" in answer


def test_an_edit_that_cannot_be_saved_says_why_and_keeps_what_was_typed(as_ana, ana):
    entry = an_asset(owner=ana, title="kept")
    response = as_ana.post(entry.get_absolute_url(), {"title": "typed title", "tags": "x" * 61})
    page = response.content.decode()
    assert response.status_code == 400
    assert "Use at most 60" in page and 'value="typed title"' in page and "x" * 61 in page
    assert "<h1" in page and ">kept</h1>" in page
    assert "open data-unsaved" in page


def test_somebody_elses_page_shows_no_form(ben, three):
    assert "data-edit-form" not in page_of(client_of(ben), three[0])
