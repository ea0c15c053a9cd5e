"""A key is tried without an upload, and never said."""

import json

import pytest
from django.test import Client

from assets.segmind.client import credits_left, key_fingerprint
from segmind_site import sandbox
from tests.management.test_commands import run
from tests.support import replies
from tests.support.segmind_server import KEY

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (replies.raw(200, b'{"credits": 12.5}'), 0, "It has 12.5 credits left."),
        (replies.raw(200, b'{"credits": 0}'), 0, "It has 0 credits left."),
        (replies.error(404, "No credits found for the user"), 0, "Segmind accepts the API key"),
        (replies.raw(404, b"<h1>Not Found</h1>"), 2, "could not be checked"),
        (replies.error(401, f"Unauthorized: {KEY}"), 1, "Segmind refuses the API key"),
        (replies.error(403, "Forbidden"), 1, "Segmind refuses the API key"),
        (replies.error(500), 2, "could not be checked"),
        (replies.error(429), 2, "could not be checked"),
        (replies.raw(200, b"[]"), 2, "names no credits"),
        (replies.raw(200, b'{"credits": null}'), 2, "names no credits"),
        (replies.raw(302, b"", location="http://127.0.0.1/"), 2, "could not be checked"),
        (replies.waits, 2, "could not be checked"),
        (replies.drips, 2, "could not be checked"),
    ],
)
def test_output_and_exit_status_tell_whether_the_key_works(segmind, settings, capsys, answer, status, words):
    settings.SEGMIND_READ_TIMEOUT = 0.5
    segmind.credits = answer
    found, said = run(capsys, "check_key")
    assert (found, words in said) == (status, True), said
    assert key_fingerprint() in said
    assert KEY not in said
    assert segmind.received == []


def test_credits_are_requested_as_documented(segmind):
    asked = []
    segmind.credits = lambda handler, received: (asked.append(received), handler.answer(200, {"credits": 3}))
    assert credits_left() == 3
    assert asked[0].headers["x-api-key"] == KEY
    assert "authorization" not in asked[0].headers


def test_the_command_can_print_json(segmind, capsys):
    segmind.credits = replies.error(401, "Unauthorized")
    assert json.loads(run(capsys, "check_key", "--json")[1]) == {
        "fingerprint": key_fingerprint(), "works": False, "credits": None, "reason": "Unauthorized",
    }  # fmt: skip


def test_an_unreachable_server_says_nothing_about_the_key(settings, capsys):
    settings.SEGMIND_CREDITS_URL = "http://127.0.0.1:9/"
    assert run(capsys, "check_key")[0] == 2


def test_the_sandbox_returns_credits_for_its_key(settings):
    settings.ROOT_URLCONF = "tests.site.test_sandbox"
    answer = Client().get("/sandbox/get-user-credits", headers={"x-api-key": KEY})
    assert answer.json() == {"credits": sandbox.CREDITS}
    assert Client().get("/sandbox/get-user-credits", headers={"x-api-key": "SG_x"}).status_code == 401
