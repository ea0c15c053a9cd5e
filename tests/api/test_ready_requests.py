"""Requests to models for programs."""

import pytest

from assets.models import SegmindModel, Use
from tests.support.factories import an_asset

pytestmark = pytest.mark.django_db
PATH = "/models/seedance-2.0/request"


def post(program, **body):
    return program.post(PATH, body, content_type="application/json")


def test_a_program_gets_the_body_and_the_code(program, ana):
    assets = [an_asset(owner=ana) for _ in range(2)]
    answer = post(
        program,
        assets=[str(asset.pk) for asset in assets],
        inputs=["first_frame_url", "last_frame_url"],
        values={"prompt": "Dance", "duration": 8},
        formats=["curl"],
    ).json()
    first, last = (asset.stored_file.url for asset in assets)
    assert answer["body"] == {"prompt": "Dance", "first_frame_url": first, "last_frame_url": last, "duration": 8}
    assert (answer["blanks"], answer["version"]) == ([], "v2")
    assert [each["name"] for each in answer["texts"]] == ["curl"]
    assert "$SEGMIND_API_KEY" in answer["texts"][0]["text"]
    assert SegmindModel.objects.get(slug="seedance-2.0").use_count == 1
    assert Use.objects.filter(user=ana).count() == 2


def test_what_cannot_be_is_refused_in_words(program, ana, ben):
    hidden = an_asset(owner=ben, visibility="private")
    waiting = an_asset(owner=ana, state="queued", title="Harbour")
    deep: list = []
    for _ in range(30):
        deep = [deep]
    refusals = [
        ({"assets": [str(hidden.pk)]}, 404, "does not exist, or you cannot see it"),
        ({"assets": [str(waiting.pk)]}, 409, "“Harbour” has no URL yet"),
        ({"values": {"promt": "x"}}, 422, "has no parameter promt"),
        ({"inputs": ["face"]}, 422, "has no input face"),
        ({"values": {"prompt": deep}}, 422, "nested too deeply"),
    ]
    for body, status, words in refusals:
        answer = post(program, **body)
        assert (answer.status_code, words in answer.json()["detail"]) == (status, True), answer.json()
    missing = program.post("/models/none/request", {}, content_type="application/json")
    assert (missing.status_code, "no such model" in missing.json()["detail"]) == (404, True)
