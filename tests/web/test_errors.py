"""What a person sees, and a program gets, when something is not to be had: real answers of the application."""

import io
import logging
import uuid

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from tests.conftest import client_of
from tests.support.factories import a_user, an_asset

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def breaks(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a secret of the code")


def waits(request: HttpRequest) -> HttpResponse:
    raise OperationalError("database is locked")


urlpatterns = [path("", include("segmind_site.urls")), path("breaks", breaks), path("waits", waits)]
handler400 = "segmind_site.errors.bad_request"
handler403 = "segmind_site.errors.permission_denied"
handler404 = "segmind_site.errors.page_not_found"
handler500 = "segmind_site.errors.server_error"
JSON = {"accept": "application/json"}


@pytest.fixture(autouse=True)
def in_production(settings):
    settings.DEBUG = False
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def ask(ana):
    """Asks as Ana, with the CSRF check of a browser; an error of the application is an answer, not an exception."""
    client = client_of(ana)
    client.raise_request_exception = False
    return client


def error_of(response) -> dict:
    return response.json()["error"]


@pytest.mark.parametrize(
    ("status", "words", "bring_about"),
    [
        (404, "Not found", lambda client: client.get("/nothing/")),
        (403, "Not allowed", lambda client: client.post(f"{an_asset().get_absolute_url()}trash/")),
        (
            400,
            "Request not understood",
            lambda client: client.post("/upload/", b"x", "multipart/form-data; boundary=y"),
        ),
        (400, "Request not understood", lambda client: client.get("/", headers={"host": "evil.example"})),
        (405, "Nothing to open here", lambda client: client.get("/assets/bulk/")),
        (413, "Form too large", lambda client: client.post("/assets/bulk/", {"q": "x" * 3_000_000})),
        (500, "Something went wrong", lambda client: client.get("/breaks")),
        (503, "Library not available", lambda client: client.get("/waits")),
    ],
)
def test_an_error_page_says_what_happened_and_links_to_the_library(ask, status, words, bring_about):
    response = bring_about(ask)
    page = response.content.decode()
    assert response.status_code == status
    assert words in page
    assert f"Error {status}" in page
    assert 'href="/"' in page
    assert "a secret of the code" not in page


def test_a_form_without_its_token_is_out_of_date(ana):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ana)
    response = client.post("/assets/bulk/", {"action": "trash"})
    assert response.status_code == 403
    assert "Page out of date" in response.content.decode()


@pytest.mark.parametrize(
    ("fields", "limit"),
    [
        ({"q": "x" * 3_000_000}, "2.6 MB of text"),
        ({"id": ["1"] * 10_200}, "10,100 fields"),
    ],
)
def test_too_large_a_form_is_refused_with_the_limit(ask, fields, limit):
    page = ask.post("/assets/bulk/", fields)
    assert page.status_code == 413
    assert limit in page.content.decode()


def test_too_many_files_are_refused_with_the_limit(ask, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    body = b"".join(
        b'--y\r\ncontent-disposition: form-data; name="files"; filename="%d.png"\r\n\r\nx\r\n' % number
        for number in range(3)
    )
    page = ask.post("/upload/", body + b"--y--\r\n", "multipart/form-data; boundary=y")
    assert page.status_code == 413
    assert "2 files" in page.content.decode()


@pytest.mark.parametrize("url", ["/nothing/", f"/assets/{uuid.UUID(int=0)}/", "/admin/nothing/"])
def test_with_debug_a_missing_page_is_the_same(settings, url):
    settings.DEBUG = True
    response = client_of(a_user(role="administrator")).get(url)
    assert response.status_code == 404
    assert "belongs to somebody’s private asset" in response.content.decode()


def test_with_debug_a_missing_slash_is_added(ana, settings):
    settings.DEBUG = True
    assert client_of(ana).get("/tags")["location"] == "/tags/"


@pytest.mark.parametrize(
    ("url", "status", "code"),
    [
        ("/nothing/", 404, "not_found"),
        ("/breaks", 500, "internal_server_error"),
        ("/waits", 503, "service_unavailable"),
    ],
)
def test_a_program_gets_errors_as_json(ask, url, status, code):
    response = ask.get(url, headers=JSON)
    assert response.status_code == status
    assert error_of(response)["code"] == code
    assert error_of(response)["message"].endswith(".")
    assert "a secret of the code" not in response.content.decode()


def test_a_program_learns_that_its_form_is_too_large(ask):
    response = ask.post("/assets/bulk/", {"q": "x" * 3_000_000}, headers=JSON)
    assert response.status_code == 413
    assert "Send it in parts" in error_of(response)["message"]


def test_a_database_error_says_when_to_retry(ask):
    assert int(ask.get("/waits")["Retry-After"]) > 0


def test_error_pages_need_no_query(ask, django_assert_num_queries):
    """They are there where it is not. Two queries: who asks, before it goes wrong."""
    with django_assert_num_queries(2):
        assert ask.get("/waits").status_code == 503


@pytest.fixture
def log(monkeypatch):
    """What the console shows, its filters included."""
    written = io.StringIO()
    console = next(handler for handler in logging.getLogger("django").handlers if handler.name == "console")
    monkeypatch.setattr(console, "stream", written)
    return written


@pytest.mark.parametrize("request_", [{"path": "/people/"}, {"path": "/", "headers": {"host": "evil.example"}}])
def test_a_refused_request_is_one_line_in_the_log(ask, log, request_):
    assert ask.get(**request_).status_code in (400, 403)
    assert len(log.getvalue().splitlines()) == 1
