"""Finding and seeing: the library page, the trash, entries, and who may do what."""

import gzip
import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from assets.models import Asset, State, StoredFile, Visibility
from tests.conftest import client_of
from tests.support.factories import a_picture, a_stored_file, a_user, an_asset

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}


def titles(client, address: str = "/") -> list[str]:
    return [asset["title"] for asset in client.get(address, headers=JSON).json()["assets"]]


def test_everything_is_behind_sign_in(client):
    entry = an_asset()
    for address in ["/", "/upload/", "/trash/", f"/assets/{entry.pk}/", f"/assets/{entry.pk}/preview/",
                    f"/assets/{entry.pk}/original/", "/assets/cards/", "/admin/"]:  # fmt: skip
        response = client.get(address)
        assert response.status_code == 302, address
        assert "/login/" in response["location"], address
    answer = client.get("/", headers=JSON)
    assert answer.status_code == 401
    assert answer.json()["error"]["message"]


def test_entries_come_newest_first(as_ana, ana):
    now = timezone.now()
    for age, title in [(2, "older"), (1, "newer"), (3, "oldest")]:
        an_asset(owner=ana, title=title, created_at=now - timedelta(days=age))
    assert titles(as_ana) == ["newer", "older", "oldest"]


def test_pages_follow_each_other_without_gap_or_repeat_while_new_entries_arrive(as_ana, ana):
    same_moment = timezone.now() - timedelta(days=1)
    expected = {an_asset(owner=ana, created_at=same_moment).title for _ in range(110)}
    seen, address = [], "/"
    while address:
        answer = as_ana.get(address, headers=JSON).json()
        seen += [asset["title"] for asset in answer["assets"]]
        address = answer["next"]
        an_asset(owner=ana, title="meanwhile")
    assert len(seen) == 110
    assert set(seen) == expected


@pytest.mark.parametrize("cursor", ["", "nonsense", "2026-01-01_x", "2026-01-01T00:00:00_" + "0" * 32, "_", "9" * 99])
def test_a_place_that_is_none_is_the_beginning(as_ana, ana, cursor):
    an_asset(owner=ana, title="only")
    assert titles(as_ana, f"/?after={cursor}") == ["only"]


@pytest.mark.parametrize("count", [1, 40])
def test_the_page_takes_the_same_few_queries_however_many_entries_it_shows(
    as_ana, ana, count, django_assert_max_num_queries
):
    for _ in range(count):
        an_asset(owner=ana, tags=("a", "b"))
    with django_assert_max_num_queries(5):  # session, person, entries, tags, collections
        as_ana.get("/")


@pytest.mark.parametrize(
    "text",
    [
        "harbour",
        "HARBOUR dawn",
        "wn har",
        "photo_7",
        "cliché",
        "CLICHE",
        "müller",
        "muller",
        "ana",
        "misty",
        "spring",
        "ﬁsh",
        "",
    ],
)
def test_search_finds_in_every_text_in_any_order_case_or_accent(as_ben, ana, text):
    an_asset(
        owner=ana,
        title="Harbour at dawn",
        file_name="photo_7.png",
        description="A misty fish cliche",
        tags=("Spring",),
    )
    an_asset(title="Something else", file_name="x.png") if text else None
    assert titles(as_ben, f"/?q={text}") == ["Harbour at dawn"]


def test_every_word_has_to_match(as_ana, ana):
    an_asset(owner=ana, title="Harbour at dawn")
    assert titles(as_ana, "/?q=harbour+dusk") == []


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", '"', "%00", "a" * 400, "(", "*", "🐈"])
def test_odd_searches_find_nothing_and_break_nothing(as_ana, ana, text):
    an_asset(owner=ana, title="zzz", file_name="zzz")
    assert as_ana.get("/", {"q": text}).status_code == 200
    if text in "%_\\'\"(*":
        assert titles(as_ana, f"/?q={text.replace('%', '%25')}") == []


def test_search_follows_an_edit(as_ana, ana):
    entry = an_asset(owner=ana, title="before", file_name="x.png", tags=("old",))
    as_ana.post(entry.get_absolute_url(), {"title": "after", "tags": "new", "visibility": "team"})
    assert titles(as_ana, "/?q=before") == titles(as_ana, "/?q=old") == []
    assert titles(as_ana, "/?q=after+new") == ["after"]


def test_mine_are_only_mine(as_ana, ana, ben):
    an_asset(owner=ana, title="hers")
    an_asset(owner=ben, title="his")
    assert titles(as_ana, "/?q=is:mine") == titles(as_ana, "/?q=by:me") == titles(as_ana, "/?q=by:ana") == ["hers"]
    assert set(titles(as_ana)) == {"hers", "his"}


def test_a_private_entry_is_its_owners_alone(as_ana, as_ben, ana):
    entry = an_asset(owner=ana, title="secret plan", tags=("hush",), visibility=Visibility.PRIVATE)
    assert titles(as_ana) == ["secret plan"]
    assert titles(as_ben) == titles(as_ben, "/?q=secret") == titles(as_ben, "/?q=hush") == []
    address = entry.get_absolute_url()
    for path in ["", "preview/", "original/"]:
        assert as_ben.get(address + path).status_code == 404
    for path in ["", "trash/", "restore/", "retry/"]:
        assert as_ben.post(address + path).status_code == 404
    assert b"secret" not in as_ben.get(f"/assets/cards/?id={entry.pk}").content
    assert b"hush" not in as_ben.get("/upload/").content


def test_somebody_elses_entry_can_be_seen_and_not_changed(as_ben, ana):
    entry = an_asset(owner=ana, title="hers")
    address = entry.get_absolute_url()
    page = as_ben.get(address).content.decode()
    assert entry.stored_file.url in page
    assert "Move to trash" not in page
    assert as_ben.post(address, {"title": "mine now"}).status_code == 403
    assert as_ben.post(address + "trash/").status_code == 403
    entry.refresh_from_db()
    assert (entry.title, entry.trashed_at) == ("hers", None)


def test_an_entry_as_json_has_the_agreed_shape(as_ana, ana):
    entry = an_asset(owner=ana, tags=("one",))
    answer = as_ana.get(entry.get_absolute_url(), headers=JSON).json()
    assert set(answer) >= {
        "id", "title", "file_name", "kind", "media_type", "size", "sha256", "width", "height", "duration", "state",
        "url", "link_status", "error", "owner", "tags", "collections", "visibility", "created_at", "page", "preview",
    }  # fmt: skip
    assert (answer["owner"], answer["tags"], answer["link_status"]) == ("ana", ["one"], "unchecked")
    assert answer["page"] == entry.get_absolute_url()


def test_an_entry_goes_to_the_trash_and_back(as_ana, as_ben, ana):
    entry = an_asset(owner=ana, title="old thing")
    as_ana.post(f"/assets/{entry.pk}/trash/")
    assert titles(as_ana) == titles(as_ben) == titles(as_ben, "/trash/") == []
    assert as_ben.get(entry.get_absolute_url()).status_code == 404
    assert titles(as_ana, "/trash/") == ["old thing"]
    assert "can’t delete files" in as_ana.get(entry.get_absolute_url()).content.decode()
    as_ana.post(f"/assets/{entry.pk}/restore/")
    assert titles(as_ana) == ["old thing"]


def test_an_edit_with_a_mistake_says_what_it_is_and_changes_nothing(as_ana, ana):
    entry = an_asset(owner=ana, title="good")
    response = as_ana.post(entry.get_absolute_url(), {"title": "x" * 300, "visibility": "team"})
    assert response.status_code == 400
    assert "at most 200" in response.content.decode()
    entry.refresh_from_db()
    assert entry.title == "good"


def test_a_field_that_is_not_sent_stays_as_it_is(as_ana, ana):
    entry = an_asset(owner=ana, title="kept", description="words", tags=("old",), visibility=Visibility.PRIVATE)
    as_ana.post(entry.get_absolute_url(), {"tags": "new"}, headers=JSON)
    answer = as_ana.get(entry.get_absolute_url(), headers=JSON).json()
    assert (answer["title"], answer["description"], answer["visibility"]) == ("kept", "words", "private")
    assert answer["tags"] == ["new"]


@pytest.mark.parametrize("text", ["type:banana", "size:big", "after:2026-02-31", "is:odd", "tag:", "x" * 501])
def test_what_a_search_does_not_understand_is_shown_with_the_reason(as_ana, ana, text):
    an_asset(owner=ana, title="harbour", description="x" * 501)
    page = as_ana.get("/", {"q": f"{text} harbour" if len(text) < 500 else text}).content.decode()
    assert "search-problems" in page
    assert "harbour" in page
    problem = as_ana.get("/", {"q": text}, headers=JSON).json()["remarks"][0]
    assert problem["text"][:9] == text[:9]
    assert problem["reason"]


def test_programs_get_their_errors_as_json(as_ana, client, ana):
    assert as_ana.get("/nowhere/", headers=JSON).json()["error"]["code"] == "not_found"
    assert as_ana.get(f"/assets/{uuid.uuid4()}/", headers=JSON).json()["error"]["message"]
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/accounts/login/", {}, headers=JSON)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")
    entry = an_asset(owner=ana)
    assert as_ana.post(f"/assets/{entry.pk}/trash/", headers=JSON).json()["trashed_at"]
    assert as_ana.post(f"/assets/{entry.pk}/restore/", headers=JSON).json()["trashed_at"] is None


def test_an_out_of_date_form_gets_a_page_of_ours(ana):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ana)
    response = strict.post("/upload/", {})
    assert response.status_code == 403
    assert "Page out of date" in response.content.decode()


def test_an_empty_title_becomes_the_file_name(as_ana, ana):
    entry = an_asset(owner=ana, file_name="sea at noon.png")
    as_ana.post(entry.get_absolute_url(), {"title": " ", "visibility": "team"})
    entry.refresh_from_db()
    assert entry.title == "sea at noon"


def test_cards_of_unfinished_files_refresh_until_they_are_done(as_ana, ana):
    waiting = an_asset(owner=ana, stored_file=a_stored_file(state=State.QUEUED))
    page = as_ana.get("/").content.decode()
    assert f"id={waiting.pk}" in page
    assert "hx-trigger" in page
    answer = as_ana.get(f"/assets/cards/?id={waiting.pk}").content.decode()
    assert "hx-trigger" in answer
    assert "Waiting" in answer
    StoredFile.objects.mark_stored({waiting.stored_file_id: "https://images.segmind.com/1.png"}, timezone.now())
    answer = as_ana.get(f"/assets/cards/?id={waiting.pk}").content.decode()
    assert "hx-trigger" not in answer
    assert "https://images.segmind.com/1.png" in answer
    assert as_ana.get("/assets/cards/?id=x").status_code == 404


def test_a_failed_file_says_why_on_its_card(as_ana, ana):
    an_asset(owner=ana, stored_file=a_stored_file(state=State.FAILED, error="Segmind refused the file: too odd"))
    assert "too odd" in as_ana.get("/").content.decode()


def test_the_browsers_own_question_for_an_icon_has_an_answer(client):
    assert client.get("/favicon.ico")["location"].endswith("icon.svg")


def test_a_page_that_does_not_exist_is_404(as_ana):
    assert as_ana.get(f"/assets/{uuid.uuid4()}/").status_code == 404


def test_what_a_browser_might_run_is_sent_as_a_download(as_ana, ana):
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    entry = an_asset(owner=ana, stored_file=a_stored_file(content=svg, media_type="image/svg+xml"))
    response = as_ana.get(f"/assets/{entry.pk}/original/")
    assert response["content-type"] == "application/octet-stream"
    assert response["content-disposition"].startswith("attachment")
    assert response["x-content-type-options"] == "nosniff"
    assert response["content-security-policy"] == "default-src 'none'; sandbox"
    assert b"".join(response.streaming_content) == svg


def test_a_picture_is_shown_as_it_was_uploaded(as_ana, ana):
    content = a_picture()
    entry = an_asset(owner=ana, content=content)
    response = as_ana.get(f"/assets/{entry.pk}/original/")
    assert (response["content-type"], b"".join(response.streaming_content)) == ("image/png", content)


@pytest.mark.parametrize(
    ("header", "start", "stop"),
    [("bytes=0-9", 0, 10), ("bytes=10-", 10, 1000), ("bytes=-7", 993, 1000), ("bytes=990-5000", 990, 1000)],
)
def test_players_get_the_range_they_ask_for(as_ana, ana, header, start, stop):
    content = bytes(i % 251 for i in range(1000))
    entry = an_asset(owner=ana, stored_file=a_stored_file(content=content, media_type="video/mp4"))
    response = as_ana.get(f"/assets/{entry.pk}/original/", headers={"range": header})
    assert response.status_code == 206
    assert b"".join(response.streaming_content) == content[start:stop]
    assert response["content-range"] == f"bytes {start}-{stop - 1}/1000"
    assert int(response["content-length"]) == stop - start


@pytest.mark.parametrize("header", ["bytes=5000-", "bytes=9-3", "bytes=-", "bytes=a-b", "lines=1-2", "bytes=0-1,5-6"])
def test_a_range_that_makes_no_sense_gets_the_whole(as_ana, ana, header):
    entry = an_asset(owner=ana, content=a_picture())
    response = as_ana.get(f"/assets/{entry.pk}/original/", headers={"range": header})
    assert response.status_code == 200
    assert b"".join(response.streaming_content)


def test_every_page_has_a_strict_policy_and_nothing_inline(as_ana, ana):
    entry = an_asset(owner=ana, tags=("t",), description="d")
    for address in ["/", "/upload/", "/trash/", "/accounts/password/", entry.get_absolute_url()]:
        response = as_ana.get(address)
        policy = response["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        page = response.content.decode()
        assert " style=" not in page
        assert "<style" not in page
        assert "<script>" not in page
        assert " onclick" not in page


def test_an_inactive_account_sees_nothing(ana):
    client = client_of(ana)
    ana.is_active = False
    ana.save()
    assert client.get("/").status_code == 302


def test_signing_in_and_out(client):
    a_user("eve")
    response = client.post(
        "/accounts/login/", {"username": "eve", "password": "an easy password for tests"}, follow=True
    )
    assert response.redirect_chain == [("/", 302)]
    client.post("/accounts/logout/")
    assert client.get("/").status_code == 302


def test_the_trash_of_others_is_not_in_the_team_list(as_ben, ana):
    entry = an_asset(owner=ana, title="gone")
    entry.trash(timezone.now())
    assert titles(as_ben) == []
    assert Asset.objects.current().count() == 0


def search_form(client: Client, address: str) -> str:
    return re.search(r'<form class="search".*?</form>', client.get(address).content.decode(), re.DOTALL)[0]


def test_a_search_stays_in_the_order_and_on_the_page_it_is_made_on(as_ana):
    for address, order in (("/?sort=name", "name"), ("/trash/?sort=size&q=x", "size")):
        form = search_form(as_ana, address)
        assert f'action="{address.partition("?")[0]}"' in form
        assert f'name="sort" value="{order}"' in form
    assert 'name="sort"' not in search_form(as_ana, "/help/")


def test_pages_are_compressed_and_pictures_are_not(as_ana, ana):
    entry = an_asset(owner=ana, content=a_picture(size=(300, 300)))
    accepting = {"accept-encoding": "gzip, br"}
    page = as_ana.get("/", headers=accepting)
    assert page["content-encoding"] == "gzip"
    assert int(page["content-length"]) == len(page.content)
    assert f"card-{entry.pk}" in gzip.decompress(page.content).decode()
    assert "Accept-Encoding" in page["vary"]
    assert "content-encoding" not in as_ana.get("/")
    assert as_ana.get("/", headers=accepting | JSON)["content-encoding"] == "gzip"
    picture = as_ana.get(f"/assets/{entry.pk}/original/", headers=accepting)
    assert "content-encoding" not in picture
    assert int(picture["content-length"]) == entry.size
    picture.close()
