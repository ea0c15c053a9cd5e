"""Whose files are read, and from which addresses: judged before the body, or before its first file."""

import io
import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from assets.models import Asset, Role
from tests.conftest import client_of
from tests.support.factories import a_file_of, a_picture, a_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]
JSON = {"accept": "application/json"}
FORM = "multipart/form-data; boundary=b"
TOKEN = "t" * 32


class UnreadBody:
    """A body that must not be read."""

    def read(self, size: int = -1) -> bytes:
        raise AssertionError("the body was read")

    readline = read


def field(name: str, value: str) -> bytes:
    return f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()


def file_part(content: bytes, headers: str = "") -> bytes:
    head = f'--b\r\nContent-Disposition: form-data; name="files"; filename="x.png"\r\n{headers}\r\n'
    return head.encode() + content + b"\r\n"


def body_of(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--b--\r\n"


def browser_of(user) -> Client:
    """A client whose requests are checked for their token, as those of a browser are."""
    client = Client(enforce_csrf_checks=True)
    client.cookies["csrftoken"] = TOKEN
    client.force_login(user)
    return client


def is_empty(folder: Path) -> bool:
    return not list(folder.rglob("*"))


@pytest.fixture(autouse=True)
def _nothing_is_left_behind():
    yield
    assert is_empty(Path(django_settings.FILE_UPLOAD_TEMP_DIR))


def post_stream(client: Client, url: str, stream: object, *, length: int, content_type: str = FORM, **headers: str):
    extra = {"wsgi.input": stream, "CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(length or "")}
    return client.generic("POST", url, headers={**JSON, **headers}, **extra)


def post_unread(client: Client, url: str = "/upload/", *, length: int = 300_000_000, **options: str):
    return post_stream(client, url, UnreadBody(), length=length, **options)


def test_files_of_somebody_who_is_signed_out_are_not_read(client):
    response = post_unread(client)
    assert (response.status_code, response.json()["error"]["code"]) == (401, "signed_out")
    page = client.post("/upload/", {"files": SimpleUploadedFile("x.png", a_picture())})
    assert page.status_code == 401
    assert "Sign in" in page.content.decode()


def test_files_of_a_viewer_are_not_read():
    response = post_unread(client_of(a_user("vera", role=Role.VIEWER)))
    assert (response.status_code, response.json()["error"]["code"]) == (403, "forbidden")
    assert "You are a viewer" in response.json()["error"]["message"]


def test_a_wrong_token_in_the_header_and_a_foreign_origin_are_refused_unread(ana):
    assert post_unread(browser_of(ana), **{"x-csrftoken": "f" * 32}).status_code == 403
    assert post_unread(browser_of(ana), origin="https://evil.example").status_code == 403


@pytest.mark.parametrize(
    "parts",
    [
        [file_part(a_file_of(2_000_000))],
        [field("csrfmiddlewaretoken", "f" * 32), file_part(a_file_of(2_000_000))],
        [file_part(a_file_of(2_000_000)), field("csrfmiddlewaretoken", TOKEN)],
    ],
    ids=["no token", "wrong token", "token after the file"],
)
def test_a_form_without_its_token_before_the_files_is_refused_at_the_first_file(ana, parts, monkeypatch):
    monkeypatch.setattr(django_settings, "FILE_UPLOAD_TEMP_DIR", "/nowhere/that/can/be/written")
    response = browser_of(ana).generic("POST", "/upload/", body_of(*parts), FORM)
    assert response.status_code == 403
    assert not Asset.objects.exists()
    monkeypatch.undo()


def test_a_plain_form_and_a_program_with_the_header_are_taken(ana):
    picture = file_part(a_picture())
    browser = browser_of(ana)
    plain = browser.generic("POST", "/upload/", body_of(field("csrfmiddlewaretoken", TOKEN), picture), FORM)
    program = browser.generic(
        "POST", "/upload/", body_of(field("title", "Sea"), picture), FORM, headers={**JSON, "x-csrftoken": TOKEN}
    )
    assert (plain.status_code, program.status_code) == (200, 200)


@pytest.mark.parametrize("url", ["/accounts/login/", "/accounts/password/", "/tags/complete/", "/upload/known/"])
@pytest.mark.parametrize("is_signed_in", [True, False])
def test_other_pages_take_no_files_and_no_large_forms(client, ana, url, is_signed_in):
    if is_signed_in:
        client.force_login(ana)
    small = client.post(url, {"username": "x", "file": SimpleUploadedFile("x.png", a_picture())}, headers=JSON)
    assert (small.status_code, small.json()["error"]["code"]) == (403, "forbidden")
    assert "takes no files" in small.json()["error"]["message"]
    large = post_unread(client, url)
    assert (large.status_code, large.json()["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "application/json", "text/plain"])
def test_a_giant_body_that_is_no_form_of_files_is_not_read(as_ana, content_type):
    for url in ("/upload/", "/upload/known/", "/assets/bulk/"):
        assert post_unread(as_ana, url, content_type=content_type).status_code == 413


def test_a_form_that_is_too_large_is_refused_by_its_length_and_otherwise_while_it_is_read(as_ana, settings):
    settings.UPLOAD_MAX_FORM_BYTES = 3_000_000
    by_length = post_unread(as_ana, length=6_000_000)
    while_read = as_ana.generic("POST", "/upload/", body_of(*[file_part(a_file_of(1_000_000))] * 4), FORM, headers=JSON)
    for response in (by_length, while_read):
        assert (response.status_code, response.json()["error"]["code"]) == (413, "too_large")
        assert "3 MB together" in response.json()["error"]["message"]
    assert not Asset.objects.exists()


def test_a_form_of_unknown_length_is_asked_for_it(as_ana):
    response = post_unread(as_ana, length=0, **{"transfer-encoding": "chunked"})
    assert (response.status_code, response.json()["error"]["code"]) == (411, "length_required")


@pytest.mark.parametrize("body", [b"", b"--b", b"nonsense", body_of(file_part(a_picture()))[:-30]])
def test_an_upload_that_ends_early_is_one_line_in_the_log(as_ana, body, caplog):
    response = post_stream(as_ana, "/upload/", io.BytesIO(body), length=100_000)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "bad_request")
    assert [bool(record.exc_info) for record in caplog.records if record.levelname != "INFO"] == [False]


def test_the_page_sends_its_token_before_the_files(as_ana):
    page = as_ana.get("/upload/").content.decode()
    token = re.search(r'<input[^>]*name="csrfmiddlewaretoken"[^>]*form="upload-form"', page)
    assert token
    assert token.start() < page.index('type="file"')
