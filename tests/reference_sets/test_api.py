"""Sets for programs."""

import pytest

from assets.models import User
from tests.reference_sets.test_numbers import an_asset_of


@pytest.fixture
def assets(ana):
    return [an_asset_of(kind, ana, title=f"A {kind}") for kind in ("image", "image", "audio")]


def test_a_program_makes_arranges_and_sends_a_set(program, assets):
    members = [{"asset_id": str(asset.pk), "words": f"words {at}"} for at, asset in enumerate(assets)]
    new = {"title": "Scene", "model": "seedance-2.0", "members": members}
    made = program.post("/sets", new, content_type="application/json")
    assert (made.status_code, made.json()["warnings"]) == (201, [])
    path = f"/sets/{made.json()['id']}"
    first, second, voice = made.json()["members"]
    change = {"version": made.json()["version"], "members": [{"id": each["id"]} for each in (second, first, voice)]}
    changed = program.patch(path, change, content_type="application/json").json()
    assert [each["words"] for each in changed["members"]] == ["words 1", "words 0", "words 2"]
    sent = program.get(f"{path}/request").json()
    assert sent["body"]["reference_images"] == [asset.stored_file.url for asset in (assets[1], assets[0])]
    assert sent["body"]["prompt"] == sent["prompt"] == "image 1: words 1\nimage 2: words 0\naudio 1: words 2"
    assert (sent["blanks"], "$SEGMIND_API_KEY" in sent["curl"]) == ([], True)
    late = program.patch(
        path,
        {**change, "members": [{"id": each["id"]} for each in (voice, second, first)]},
        content_type="application/json",
    )
    assert (late.status_code, late.json()["code"]) == (409, "conflict")
    only_texts = program.patch(path, {"version": change["version"], "note": "At dusk"}, content_type="application/json")
    assert (only_texts.json()["note"], only_texts.json()["members"]) == ("At dusk", changed["members"])
    assert [each["title"] for each in program.get("/sets").json()["items"]] == ["Scene"]
    assert program.delete(path).status_code == 204
    assert program.get(path).status_code == 404


def test_a_set_is_as_visible_as_uploads_unless_it_says_so(program, ana):
    User.objects.filter(pk=ana.pk).update(default_visibility="private")
    for said, visibility in (({}, "private"), ({"visibility": "team"}, "team")):
        made = program.post("/sets", {"title": "Scene", **said}, content_type="application/json")
        assert made.json()["visibility"] == visibility


def test_what_cannot_be_is_said(program, assets):
    twice = {"title": "Scene", "members": [{"asset_id": str(assets[0].pk)}] * 2}
    assert program.post("/sets", twice, content_type="application/json").status_code == 422
    made = program.post("/sets", {"title": "Scene"}, content_type="application/json").json()
    refused = program.get(f"/sets/{made['id']}/request")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_ready")
    assert refused.json()["detail"] == "This set is empty. Add assets first."
