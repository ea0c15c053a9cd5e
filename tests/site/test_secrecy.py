"""The API key never appears in a page, log line, task or row, whatever goes wrong."""

import logging

import pytest
from django.apps import apps
from django.db import connection
from django.urls import path

from tests.conftest import client_of
from tests.support import replies
from tests.support.factories import a_picture, an_administrator
from tests.support.segmind_server import KEY

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def read_all_rows() -> str:
    """All rows of all tables, as text."""
    with connection.cursor() as cursor:
        rows = []
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            rows += [str(row) for row in cursor.fetchall()]
    return "\n".join(rows)


def test_the_key_is_in_no_row_log_line_or_page(as_ana, upload, segmind, work, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    echo = f"Your key {KEY} is bad"
    segmind.answers(
        replies.error(500, echo),
        replies.error(400, echo),
        replies.raw(302, b"", location=f"http://127.0.0.1/{KEY}"),
    )
    upload(as_ana, ("a.png", a_picture()))
    upload(as_ana, ("b.png", a_picture()))
    work()
    upload(as_ana, ("c.png", a_picture()))
    segmind.answers(replies.error(401, echo))
    work()
    as_root = client_of(an_administrator())
    paths = [
        "/",
        "/upload/",
        "/trash/",
        "/admin/",
        "/admin/assets/storedfile/",
        "/admin/assets/uploadrequest/",
        "/admin/auditlog/logentry/",
        "/readyz",
    ]
    paths += [asset["page"] for asset in as_ana.get("/", headers={"accept": "application/json"}).json()["assets"]]
    pages = "".join(as_root.get(page).content.decode() for page in paths)
    assert "[key]" in pages
    output = "".join(capfd.readouterr())
    for text in (read_all_rows(), caplog.text, output, pages):
        assert KEY not in text


def breaks(request):
    raise RuntimeError("on purpose")


urlpatterns = [path("breaks", breaks)]


def test_debug_error_pages_hide_the_key(settings, as_ana):
    settings.ROOT_URLCONF = __name__
    as_ana.raise_request_exception = False
    response = as_ana.get("/breaks")
    assert response.status_code == 500
    assert b"SEGMIND_API_KEY" in response.content
    assert KEY not in response.content.decode()
