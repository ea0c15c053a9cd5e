"""A key is tried without an upload, and never said."""

import json

import pytest
from django.test import Client

from assets.services import segmind as client
from segmind_site import sandbox
from tests import segmind_server as server
from tests.segmind_server import KEY
from tests.test_commands import run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (server.raw(200, b'{"credits": 12.5}'), 0, "works and has 12.5 credits"),
        (server.raw(200, b'{"credits": 0}'), 0, "works and has 0 credits"),
        (server.error(404, "No credits found for the user"), 0, "works. Segmind names no credits"),
        (server.raw(404, b"<h1>Not Found</h1>"), 2, "could not be checked"),
        (server.error(401, f"Unauthorized: {KEY}"), 1, "is refused: Unauthorized"),
        (server.error(403, "Forbidden"), 1, "is refused: Forbidden"),
        (server.error(500), 2, "could not be checked"),
        (server.error(429), 2, "could not be checked"),
        (server.raw(200, b"[]"), 2, "names no credits"),
        (server.raw(200, b'{"credits": null}'), 2, "names no credits"),
        (server.raw(302, b"", location="http://127.0.0.1/"), 2, "could not be checked"),
        (server.waits, 2, "could not be checked"),
        (server.drips, 2, "could not be checked"),
    ],
)
def test_what_segmind_says_of_a_key_is_said_and_told_by_the_exit_status(
    segmind, settings, capsys, answer, status, words
):
    settings.SEGMIND_READ_TIMEOUT = 0.5
    segmind.credits = answer
    found, said = run(capsys, "check_key")
    assert (found, words in said) == (status, True), said
    assert client.key_fingerprint() in said and KEY not in said
    assert segmind.received == []


def test_it_is_asked_as_documented(segmind):
    asked = []
    segmind.credits = lambda handler, received: (asked.append(received), handler.answer(200, {"credits": 3}))
    assert client.credits_left() == 3
    assert asked[0].headers["x-api-key"] == KEY and "authorization" not in asked[0].headers


def test_a_program_gets_it_as_json(segmind, capsys):
    segmind.credits = server.error(401, "Unauthorized")
    assert json.loads(run(capsys, "check_key", "--json")[1]) == {
        "fingerprint": client.key_fingerprint(), "works": False, "credits": None, "reason": "Unauthorized",
    }  # fmt: skip


def test_a_server_that_is_away_says_nothing_of_the_key(settings, capsys):
    settings.SEGMIND_CREDITS_URL = "http://127.0.0.1:9/"
    assert run(capsys, "check_key")[0] == 2


def test_the_sandbox_knows_credits_of_whoever_has_its_key(settings):
    settings.ROOT_URLCONF = "tests.test_sandbox"
    answer = Client().get("/sandbox/get-user-credits", headers={"x-api-key": KEY})
    assert answer.json() == {"credits": sandbox.CREDITS}
    assert Client().get("/sandbox/get-user-credits", headers={"x-api-key": "SG_x"}).status_code == 401
