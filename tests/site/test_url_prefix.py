"""A library below a path: which part of a request's path is the prefix. See also tests/browser/test_url_prefix.py."""

import pytest

from segmind_site.url_prefix import without_prefix
from tests.site.test_settings import PRODUCTION, run

ASSET = "/assets/0b1f7a52-6a86-4b0a-9d56-0d5d0d1f5c11/"


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("prefix", "sent", "seen"),
    [
        ("", "/upload/", "/upload/"),
        ("/library", "/library/upload/", "/upload/"),
        ("/library", "/upload/", "/upload/"),
        ("/library", "/library/", "/"),
        ("/library", "/library", "/"),
        ("/library", "/", "/"),
        ("/library", "/library2/", "/library2/"),
        ("/library", "/library/library/", "/library/"),
        ("/tools/library", "/tools/library/static/css/base.css", "/static/css/base.css"),
        # Where a page of the library begins like the prefix.
        ("/assets", ASSET, ASSET),
        ("/assets", f"/assets{ASSET}", ASSET),
        ("/assets", "/assets/upload/", "/upload/"),
    ],
)
def test_the_prefix_is_taken_off_unless_a_proxy_has_done_so(prefix, sent, seen):
    paths = []
    application = without_prefix(lambda environ, start: paths.append(environ["PATH_INFO"]) or [], prefix)
    application({"PATH_INFO": sent}, lambda *_: None)
    assert paths == [seen]


@pytest.mark.any_database
@pytest.mark.slow
def test_with_https_only_the_library_gets_its_cookies():
    code = """
from django.test import Client
from django.conf import settings
client = Client(headers={"host": "library.example.com"})
print(client.get("/healthz").status_code, client.get("/trash/").headers["location"])
print(settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_PATH, settings.CSRF_COOKIE_PATH)
"""
    environment = PRODUCTION | {"URL_PREFIX": "/library/"}
    answer = run("shell", "--no-imports", "-c", code, **environment)
    assert answer.stdout.splitlines() == [
        "200 https://library.example.com/library/trash/",
        "__Secure-sessionid /library /library",
    ], answer.stderr
