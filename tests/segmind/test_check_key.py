"""A key is tried without an upload, and never said."""

import json

import pytest
from django.test import Client

from assets.segmind.client import credits_left, key_fingerprint
from segmind_site import sandbox
from tests.management.test_commands import run
from tests.support import segmind_server
from tests.support.segmind_server import KEY

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (segmind_server.raw(200, b'{"credits": 12.5}'), 0, "works and has 12.5 credits"),
        (segmind_server.raw(200, b'{"credits": 0}'), 0, "works and has 0 credits"),
        (segmind_server.error(404, "No credits found for the user"), 0, "works. Segmind names no credits"),
        (segmind_server.raw(404, b"<h1>Not Found</h1>"), 2, "could not be checked"),
        (segmind_server.error(401, f"Unauthorized: {KEY}"), 1, "is refused: Unauthorized"),
        (segmind_server.error(403, "Forbidden"), 1, "is refused: Forbidden"),
        (segmind_server.error(500), 2, "could not be checked"),
        (segmind_server.error(429), 2, "could not be checked"),
        (segmind_server.raw(200, b"[]"), 2, "names no credits"),
        (segmind_server.raw(200, b'{"credits": null}'), 2, "names no credits"),
        (segmind_server.raw(302, b"", location="http://127.0.0.1/"), 2, "could not be checked"),
        (segmind_server.waits, 2, "could not be checked"),
        (segmind_server.drips, 2, "could not be checked"),
    ],
)
def test_what_segmind_says_of_a_key_is_said_and_told_by_the_exit_status(
    segmind, settings, capsys, answer, status, words
):
    settings.SEGMIND_READ_TIMEOUT = 0.5
    segmind.credits = answer
    found, said = run(capsys, "check_key")
    assert (found, words in said) == (status, True), said
    assert key_fingerprint() in said and KEY not in said
    assert segmind.received == []


def test_it_is_asked_as_documented(segmind):
    asked = []
    segmind.credits = lambda handler, received: (asked.append(received), handler.answer(200, {"credits": 3}))
    assert credits_left() == 3
    assert asked[0].headers["x-api-key"] == KEY and "authorization" not in asked[0].headers


def test_a_program_gets_it_as_json(segmind, capsys):
    segmind.credits = segmind_server.error(401, "Unauthorized")
    assert json.loads(run(capsys, "check_key", "--json")[1]) == {
        "fingerprint": key_fingerprint(), "works": False, "credits": None, "reason": "Unauthorized",
    }  # fmt: skip


def test_a_server_that_is_away_says_nothing_of_the_key(settings, capsys):
    settings.SEGMIND_CREDITS_URL = "http://127.0.0.1:9/"
    assert run(capsys, "check_key")[0] == 2


def test_the_sandbox_knows_credits_of_whoever_has_its_key(settings):
    settings.ROOT_URLCONF = "tests.site.test_sandbox"
    answer = Client().get("/sandbox/get-user-credits", headers={"x-api-key": KEY})
    assert answer.json() == {"credits": sandbox.CREDITS}
    assert Client().get("/sandbox/get-user-credits", headers={"x-api-key": "SG_x"}).status_code == 401
