"""Body and prompt text agree in their numbers, however a set is arranged."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.models import LinkStatus, SetRole
from tests.support.factories import a_picture, a_stored_file, an_asset

JSON = {"accept": "application/json"}
KINDS = {"image": "image/png", "video": "video/mp4", "audio": "audio/mpeg"}


def an_asset_of(kind: str, owner, **fields):
    return an_asset(owner=owner, stored_file=a_stored_file(media_type=KINDS[kind]), **fields)


def make_set(client, assets, **fields) -> str:
    sent = {"id": [asset.pk for asset in assets], "set": "new", "title": "Scene", "confirmed": "1", **fields}
    response = client.post("/sets/add/", sent, headers=JSON)
    assert response.status_code == 201, response.content
    return f"/sets/{response.json()['id']}/"


def copy(client, page: str, form: str) -> str:
    response = client.get(f"{page}copy/?as={form}", headers=JSON)
    assert response.status_code == 200, response.content
    return response.json()["text"]


def urls_by_kind(body: dict) -> dict[str, list[str]]:
    """Those that the body has, in its order."""
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for name, value in body.items():
        if name.endswith("_frame_url"):
            found["image"].append(value)
        elif name.startswith("reference_"):
            found[name.removeprefix("reference_").removesuffix("s")] += value
    return found


ARRANGEMENTS = st.tuples(
    st.permutations(range(13)),
    st.lists(st.sampled_from(SetRole.values), min_size=13, max_size=13),
)


def test_the_numbers_of_the_prompt_are_the_places_in_the_body_in_any_arrangement(ana, as_ana):
    """Of nine images, three films and a sound."""
    assets = [an_asset_of(kind, ana) for kind in ["image"] * 9 + ["video"] * 3 + ["audio"]]
    page = make_set(as_ana, assets, model="seedance-2.0")
    members = as_ana.get(page, headers=JSON).json()["members"]
    by_asset = {str(asset.pk): asset.stored_file.url for asset in assets}
    urls = {member["id"]: by_asset[member["asset_id"]] for member in members}

    @settings(max_examples=12)
    @given(ARRANGEMENTS)
    def check(arrangement):
        order, roles = arrangement
        ids = [members[at]["id"] for at in order]
        sent = {f"role-{pk}": role for pk, role in zip(ids, roles, strict=True)} | {f"words-{pk}": pk for pk in ids}
        response = as_ana.post(page, {"member": ids, **sent}, headers=JSON)
        assert [member["id"] for member in response.json()["members"]] == ids
        body, lines = json.loads(copy(as_ana, page, "body")), copy(as_ana, page, "prompt").splitlines()
        assert body["prompt"].splitlines() == lines
        said = [re.fullmatch(r"(\w+) (\d+): (\S+)", line).groups() for line in lines]
        found = {kind: [urls[pk] for each, _, pk in said if each == kind] for kind in KINDS}
        assert found == urls_by_kind(body)
        assert [int(number) for _, number, _ in said] == [
            number for each in found.values() for number in range(1, len(each) + 1)
        ]

    check()


@pytest.fixture
def scene(ana, as_ana) -> str:
    assets = [an_asset_of(kind, ana) for kind in ["image"] * 2 + ["audio"]]
    return make_set(as_ana, assets, model="seedance-2.0")


@pytest.mark.django_db(transaction=True)
def test_a_file_that_was_uploaded_again_has_its_new_url_in_body_and_curl(ana, as_ana, scene, segmind, work, program):
    path = scene.rstrip("/") + "/request"
    content = a_picture()
    old = segmind.keep("image/png", content)
    file = a_stored_file(content=content, media_type="image/png", url=old, link_status=LinkStatus.BROKEN)
    asset = an_asset(owner=ana, stored_file=file)
    sent = {"id": [asset.pk], "set": scene.split("/")[2], "confirmed": "1"}
    assert as_ana.post("/sets/add/", sent, headers=JSON).status_code == 200
    before = copy(as_ana, scene, "prompt")
    assert old in json.dumps(program.get(path).json()["body"])
    as_ana.post(f"/assets/{asset.pk}/heal/")
    work()
    file.refresh_from_db()
    assert file.url not in ("", old)
    sent = program.get(path).json()
    for text in (json.dumps(sent["body"]), sent["curl"]):
        assert (file.url in text, old in text) == (True, False)
    assert copy(as_ana, scene, "prompt") == before


def test_a_set_from_six_pictures_and_a_voice_needs_only_the_key(ana, as_ana):
    assets = [an_asset_of(kind, ana) for kind in ["image"] * 6 + ["audio"]]
    page = make_set(as_ana, assets, model="seedance-2.0")
    text = copy(as_ana, page, "curl")
    assert "REPLACE" not in text
    assert "$SEGMIND_API_KEY" in text
    assert "image 6: " in text
    assert "audio 1: voice, " in text
