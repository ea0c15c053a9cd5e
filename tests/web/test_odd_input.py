"""Input that nothing sensible sends is answered with a sentence, never with status 500."""

import json

import pytest
from django.http import HttpResponse

from assets.models import Asset, Collection, Tag
from tests.conftest import client_of
from tests.support.factories import a_picture, an_administrator, an_asset

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}
HALF = "\ud83d"
FILE = {"file_name": "sea.png", "size": 10, "sha256": "", "head": "", "title": "", "tags": "", "collection": ""}


def announce(client, *files: dict) -> list[dict]:
    answer = client.post("/upload/known/", json.dumps({"files": files}), "application/json")
    assert answer.status_code == 200
    return answer.json()["results"]


@pytest.mark.parametrize(
    "field", ["file_name", "title", "tags", "collection", "description", "visibility", "sha256", "head"]
)
@pytest.mark.parametrize(
    ("value", "words"),
    [(f"a{HALF}", "half a character"), (["a"], "Send text"), ({"a": 1}, "Send text"), (True, "Send text")],
)
def test_a_field_that_is_no_text_is_refused_and_the_other_files_are_answered(as_ana, field, value, words):
    odd, good = announce(as_ana, FILE | {field: value}, FILE)
    assert (odd["status"], list(odd["errors"])) == ("refused", [field])
    assert words in odd["errors"][field][0]["message"]
    assert good["status"] == "unknown"


@pytest.mark.parametrize("size", [-1, 1e308, 10**40, "ten", None, [], "\0", "9" * 4000])
def test_a_size_that_is_none_is_refused(as_ana, size):
    assert announce(as_ana, FILE | {"size": size})[0]["status"] == "refused"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"\x00", b"\xff\xfe", b'{"files": [1]}', b'{"files": {}}', b'{"ids": [1]}', b"[" * 100_000,
        b'{"files": [{"title": "\xff"}]}', b'{"ids": ["\\ud83d"]}', b'{"files": [{"size": ' + b"9" * 5000 + b"}]}",
    ],
)  # fmt: skip
@pytest.mark.parametrize("url", ["/upload/known/", "/upload/states/"])
def test_a_body_that_is_not_as_documented_is_explained(as_ana, url, body):
    answer = as_ana.post(url, body, "application/json")
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("Send an object with")


@pytest.mark.parametrize("field", ["title", "description", "tags", "add_tags", "collection", "remove_collections"])
@pytest.mark.parametrize("value", [f"a{HALF}", [HALF]])
def test_an_edit_with_half_a_character_saves_nothing(as_ana, ana, field, value):
    page = an_asset(owner=ana).get_absolute_url()
    before = as_ana.get(page, headers=JSON).json()
    edit = {"version": before["version"], "title": "new", "description": "new", field: value}
    answer = as_ana.post(page, edit, "application/json", headers=JSON)
    assert answer.status_code == 400
    (errors,) = answer.json()["errors"].values()
    assert "half a character" in errors[0]["message"]
    assert as_ana.get(page, headers=JSON).json() == before


@pytest.mark.parametrize("title", ["\ufeff", "\u200b\u2060", "\u3164", "\u202e"])
def test_a_title_of_which_nothing_is_seen_is_none(as_ana, ana, title):
    asset = an_asset(owner=ana, file_name="sea.png")
    assert as_ana.post(asset.get_absolute_url(), {"title": title}).status_code == 302
    assert Asset.objects.get().title == "sea"


ODD_QUERIES = [
    "/?after=0001-01-01T00:00:00%2B14:00_{pk}", "/?after=%ED%A0%BD", "/?q=%00",
    "/?sort=size&after=9999999999999999999_{pk}",
    "/?q=in:%2F%00", "/?q=%F0%9F%98", "/tags/?q=%00&after=%00", "/collections/complete/?q=%00", "/assets/cards/?id=%00",
    "/activity/?outcome=%00", "/admin/assets/asset/?created_at__year=99999999999999999999",
    "/admin/assets/asset/?created_at__year=99999&created_at__month=1", "/admin/assets/asset/?q=%00",
    "/admin/assets/asset/?created_at__year=2026&created_at__month=13",
    "/admin/auditlog/logentry/?action=99999999999999999999", "/admin/auditlog/logentry/?q=99999999999999999999",
    "/admin/auditlog/logentry/?actor=99999999999999999999", "/admin/auditlog/logentry/?content_type=" + "9" * 400,
    "/admin/auditlog/logentry/?action=" + "9" * 4400, "/admin/assets/asset/?p=99999999999999999999",
]  # fmt: skip


@pytest.mark.parametrize("url", ODD_QUERIES)
def test_an_odd_query_is_no_error_of_the_server(ana, url):
    asset = an_asset(owner=ana)
    assert client_of(an_administrator()).get(url.format(pk=asset.pk)).status_code < 500


@pytest.mark.parametrize(
    ("url", "data"),
    [
        ("/assets/bulk/", {"action": "trash", "all": "1", "q": "\0", "confirmed": "1"}),
        ("/assets/bulk/", {"action": "tag", "all": "1", "sort": "\0", "tags": "x", "confirmed": "1"}),
        ("/assets/bulk/", {"action": "copy", "all": "1", "q": "\0"}),
        ("/assets/bulk/", {"action": "export", "all": "1", "trash": "\0"}),
        ("/layout/", {"next": "nowhere"}),
        ("/layout/", {"next": "/\0\r\n"}),
        ("{page}", {"title": "\0"}),
        ("{page}", {"tags": "\0"}),
        ("{tag}", {"name": "\0"}),
        ("/collections/", {"name": "\0"}),
    ],
)
def test_an_odd_form_is_refused(ana, as_ana, url, data):
    asset = an_asset(owner=ana, tags=("sea",))
    url = url.format(page=asset.get_absolute_url(), tag=f"/tags/{Tag.objects.get().pk}/")
    assert 300 <= as_ana.post(url, data, headers=JSON).status_code < 500
    assert not Asset.objects.trashed().exists()


@pytest.mark.parametrize("text", [b"\xed\xa0\xbd", b"\xff", b"\xf0\x9f\x98"])
def test_what_is_no_utf8_in_a_form_is_replaced_or_refused(as_ana, text):
    part = b"--b\r\nContent-Disposition: form-data; "
    title = part + b'name="title"\r\n\r\n' + text + b"\r\n--b--\r\n"

    def send(name: bytes) -> HttpResponse:
        picture = b'name="files"; filename="' + name + b'.png"\r\n\r\n' + a_picture() + b"\r\n"
        return as_ana.post("/upload/", part + picture + title, "multipart/form-data; boundary=b", headers=JSON)

    assert "\ufffd" in send(b"sea").json()["results"][0]["asset"]["title"]
    refused = send(text)
    assert refused.status_code == 400
    assert refused.json()["error"]["message"] == "The form could not be read: a name in it is not UTF-8."


@pytest.mark.parametrize("charset", ["hex", "utf-7", "utf-16", "unicode_escape", "latin-1"])
@pytest.mark.parametrize("form", ["multipart/form-data; boundary=b", "application/x-www-form-urlencoded", "text/plain"])
def test_text_in_another_encoding_is_refused(as_ana, charset, form):
    answer = as_ana.generic("POST", "/collections/", b"--b--", f"{form}; charset={charset}", headers=JSON)
    assert answer.status_code == 400
    assert "UTF-8" in answer.json()["error"]["message"]


@pytest.mark.parametrize("charset", ["utf8", "UTF-8", "us-ascii", "unknown"])
def test_text_in_utf8_is_taken(as_ana, charset):
    form = f"application/x-www-form-urlencoded; charset={charset}"
    as_ana.generic("POST", "/collections/", b"name=%C3%A9", form)
    assert Collection.objects.get().name == "é"
