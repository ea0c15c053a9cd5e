"""What the upload tray asks the server before and after it sends files."""

import base64
import hashlib
import uuid

import pytest

from assets.models import Asset, State, StoredFile
from tests.support.factories import a_file_of, a_picture, a_stored_file, an_asset, damage
from tests.support.media import SOUNDS

pytestmark = pytest.mark.django_db(transaction=True)


def announced(content: bytes, name: str = "x.png", **fields) -> dict:
    return {"file_name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest(), **fields}


def ask(client, *files: dict) -> list[dict]:
    response = client.post("/upload/known/", {"files": list(files)}, content_type="application/json")
    assert response.status_code == 200, response.content
    return response.json()["results"]


def test_content_of_the_team_becomes_a_new_asset_without_its_bytes(as_ana, ana, ben):
    content = a_picture()
    an_asset(owner=ben, content=content, title="Sea")
    fields = {"title": "Mine", "tags": "blue", "collection": "Trips", "visibility": "private"}
    (result,) = ask(as_ana, announced(content, "sea.png", **fields))
    assert (result["status"], result["file_name"]) == ("known", "sea.png")
    assert result["note"] == "Already in the library: “Sea” by ben. It won’t be sent again."
    asset = result["asset"]
    assert (asset["owner"], asset["title"], asset["visibility"]) == ("ana", "Mine", "private")
    assert (asset["tags"], asset["collections"], asset["state"]) == (["blue"], ["Trips"], "stored")
    assert (StoredFile.objects.count(), Asset.objects.owned_by(ana).count()) == (1, 1)


@pytest.mark.parametrize("state", [State.STORED, State.FAILED, State.QUEUED])
def test_the_bytes_of_known_content_are_wanted_if_its_original_is_damaged(as_ana, ana, state):
    content = a_picture()
    file = an_asset(owner=ana, content=content, state=state).stored_file
    assert ask(as_ana, announced(content))[0]["status"] == "known"
    damage(file)
    assert ask(as_ana, announced(content))[0]["status"] == "unknown"
    file.original.storage.delete(file.original.name)
    assert ask(as_ana, announced(content))[0]["status"] == "unknown"


def test_an_asset_of_ones_own_is_returned_and_the_note_says_where_it_is(as_ana, ana):
    content = a_picture()
    asset = an_asset(owner=ana, content=content, title="Sea")
    asset.set_labels(collections=["Trips"])
    (result,) = ask(as_ana, announced(content, title="Another title", tags="blue"))
    assert result["note"] == "You already have “Sea” in Trips. Its title and visibility haven’t changed."
    assert (result["asset"]["id"], result["asset"]["title"]) == (str(asset.pk), "Sea")
    assert result["asset"]["tags"] == ["blue"]


def test_an_asset_of_ones_own_is_restored_from_the_trash_without_its_bytes(as_ana, ana):
    content = a_picture()
    asset = an_asset(owner=ana, content=content)
    as_ana.post(f"{asset.get_absolute_url()}trash/")
    (result,) = ask(as_ana, announced(content))
    assert result["status"] == "known"
    assert "restored from the trash" in result["note"]
    assert not Asset.objects.get().is_trashed


@pytest.mark.parametrize("hidden", ["private", "trashed"])
def test_content_that_only_others_can_see_is_answered_like_unknown_content(as_ana, ben, hidden):
    secret, new = a_picture(), a_picture()
    asset = an_asset(owner=ben, content=secret, visibility="private" if hidden == "private" else "team")
    if hidden == "trashed":
        asset.trash(asset.created_at)
    (of_secret,) = ask(as_ana, announced(secret, tags="a"))
    (of_new,) = ask(as_ana, announced(new, tags="a"))
    assert of_secret == of_new
    assert of_secret["status"] == "unknown"
    assert of_secret["asset"] is None
    assert Asset.objects.count() == 1


def test_hidden_content_takes_the_same_queries_as_new_content(as_ana, ben, django_assert_max_num_queries):
    secret, new = a_picture(), a_picture()
    an_asset(owner=ben, content=secret, visibility="private")
    counts = []
    for content in (secret, new):
        with django_assert_max_num_queries(20) as queries:
            ask(as_ana, announced(content))
        digest = hashlib.sha256(content).hexdigest()
        counts.append([q["sql"].replace(digest, "?") for q in queries if "django_session" not in q["sql"]])
    assert counts[0] == counts[1]


def test_known_content_without_its_original_has_to_be_uploaded(as_ana, ana):
    content = a_picture()
    an_asset(owner=ana, stored_file=a_stored_file(content=content))
    StoredFile.objects.update(original="")
    assert ask(as_ana, announced(content))[0]["status"] == "unknown"


def test_known_content_that_failed_is_sent_again(as_ana, ana):
    content = a_picture()
    an_asset(owner=ana, stored_file=a_stored_file(content=content, state=State.FAILED))
    assert ask(as_ana, announced(content))[0]["asset"]["state"] == "queued"


@pytest.mark.parametrize("content", [b"", a_file_of(200_000), b"MZ" + bytes(300), b"just words"])
def test_a_file_is_refused_before_sending_with_the_same_message_as_after_it(as_ana, upload, settings, content):
    settings.UPLOAD_MAX_FILE_BYTES = 100_000
    head = base64.b64encode(content[: 64 * 1024]).decode()
    (before,) = ask(as_ana, announced(content, "a.png", head=head))
    (after,) = upload(as_ana, ("a.png", content))["results"]
    assert before == after
    assert before["status"] == "refused"
    assert before["error"]["message"]


def test_part_of_a_head_is_not_enough_to_refuse_a_file(as_ana):
    content = b"just words " * 100
    assert ask(as_ana, announced(content, head=base64.b64encode(content[:50]).decode()))[0]["status"] == "unknown"


@pytest.mark.parametrize(("sound", "status"), [("aac", "unknown"), ("mp3", "refused")])
def test_a_head_may_begin_with_an_empty_tag_and_what_is_behind_the_tags(as_ana, settings, sound, status):
    settings.UPLOAD_MEDIA_TYPES = ["audio/aac"]
    content = b"ID3\4" + bytes(6) + SOUNDS[sound][1]()
    (answer,) = ask(as_ana, announced(content, head=base64.b64encode(content).decode()))
    assert answer["status"] == status


def test_one_invalid_file_does_not_stop_the_others(as_ana, ben):
    content = a_picture()
    an_asset(owner=ben, content=content)
    results = ask(as_ana, announced(content, tags="y" * 61), {}, announced(content))
    assert [result["status"] for result in results] == ["refused", "refused", "known"]
    assert (
        "at most" in results[0]["errors"]["tags"][0]["message"]
        or "may have" in results[0]["errors"]["tags"][0]["message"]
    )
    assert set(results[1]["errors"]) == {"file_name", "size"}


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"files": 1}', '{"files": [1]}', '{"files": null}', "\x00", "[" * 5000]
)
@pytest.mark.parametrize("url", ["/upload/known/", "/upload/states/"])
def test_a_body_of_the_wrong_shape_is_a_400_that_says_what_to_send(as_ana, url, body):
    response = as_ana.post(url, body, content_type="application/json")
    assert response.status_code == 400
    assert "a list of at most" in response.json()["error"]["message"]


def test_states_cover_only_visible_assets_in_a_fixed_number_of_queries(as_ana, ana, ben, django_assert_max_num_queries):
    own = [an_asset(owner=ana, state=state) for state in ("queued", "sending", "stored", "failed")]
    hidden = an_asset(owner=ben, visibility="private")
    ids = [str(asset.pk) for asset in own] + [str(hidden.pk), str(uuid.uuid4())]
    with django_assert_max_num_queries(20):
        answer = as_ana.post("/upload/states/", {"ids": ids}, content_type="application/json").json()
    assert {asset["id"]: asset["state"] for asset in answer["assets"]} == {
        str(asset.pk): asset.stored_file.state for asset in own
    }
    assert answer["activity"]["queued"] == 1
    assert {"url", "error", "link_status", "preview", "page"} <= set(answer["assets"][0])


def test_the_tray_contains_its_limits_and_urls(as_ana, ben):
    an_asset(owner=ben, tags=("secret",), visibility="private")
    page = as_ana.get("/upload/tray/").content.decode()
    for expected in (
        'data-max-bytes="500000000"',
        "/upload/known/",
        "/upload/states/",
        "/tags/complete/",
        "Images, videos, audio",
    ):
        assert expected in page
    assert "secret" not in page


@pytest.mark.parametrize("url", ["/upload/known/", "/upload/states/"])
def test_someone_who_is_not_signed_in_gets_a_401(client, url):
    response = client.post(url, {}, content_type="application/json", headers={"accept": "application/json"})
    assert response.status_code == 401


@pytest.mark.parametrize("address", ["/upload/known/", "/upload/states/"])
def test_a_form_in_place_of_json_is_refused_in_words(as_ana, address):
    response = as_ana.post(address, {"files": "x"})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "unreadable")
