"""What the upload tray asks the server before it sends anything, and afterwards."""

import base64
import hashlib
import uuid

import pytest

from assets.models import Asset, State, StoredFile
from tests.support.factories import a_file_of, a_picture, a_stored_file, an_asset

pytestmark = pytest.mark.django_db(transaction=True)


def announced(content: bytes, name: str = "x.png", **fields) -> dict:
    return {"file_name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest(), **fields}


def ask(client, *files: dict) -> list[dict]:
    response = client.post("/upload/known/", {"files": list(files)}, content_type="application/json")
    assert response.status_code == 200, response.content
    return response.json()["results"]


def test_content_of_the_team_becomes_an_own_entry_without_its_bytes(as_ana, ana, ben):
    content = a_picture()
    an_asset(owner=ben, content=content, title="Sea")
    fields = {"title": "Mine", "tags": "blue", "collection": "Trips", "visibility": "private"}
    (result,) = ask(as_ana, announced(content, "sea.png", **fields))
    assert (result["status"], result["file_name"]) == ("known", "sea.png")
    assert result["note"] == "Already in the library: “Sea” by ben. It is not sent again."
    asset = result["asset"]
    assert (asset["owner"], asset["title"], asset["visibility"]) == ("ana", "Mine", "private")
    assert (asset["tags"], asset["collections"], asset["state"]) == (["blue"], ["Trips"], "stored")
    assert (StoredFile.objects.count(), Asset.objects.owned_by(ana).count()) == (1, 1)


def test_an_own_entry_is_given_back_and_says_where_it_is(as_ana, ana):
    content = a_picture()
    entry = an_asset(owner=ana, content=content, title="Sea")
    entry.label(collections=["Trips"])
    (result,) = ask(as_ana, announced(content, title="Another title", tags="blue"))
    assert result["note"] == "You have it already: “Sea” in Trips. Its title and visibility are as they were."
    assert (result["asset"]["id"], result["asset"]["title"]) == (str(entry.pk), "Sea")
    assert result["asset"]["tags"] == ["blue"]


def test_an_own_entry_comes_out_of_the_trash_without_its_bytes(as_ana, ana):
    content = a_picture()
    entry = an_asset(owner=ana, content=content)
    as_ana.post(f"{entry.get_absolute_url()}trash/")
    (result,) = ask(as_ana, announced(content))
    assert result["status"] == "known" and "out of the trash" in result["note"]
    assert not Asset.objects.get().is_trashed


@pytest.mark.parametrize("hidden", ["private", "trashed"])
def test_what_only_others_may_see_is_answered_as_if_it_were_unknown(as_ana, ben, hidden):
    secret, new = a_picture(), a_picture()
    entry = an_asset(owner=ben, content=secret, visibility="private" if hidden == "private" else "team")
    if hidden == "trashed":
        entry.trash(entry.created_at)
    (of_secret,) = ask(as_ana, announced(secret, tags="a"))
    (of_new,) = ask(as_ana, announced(new, tags="a"))
    assert of_secret == of_new
    assert of_secret["status"] == "unknown" and of_secret["asset"] is None
    assert Asset.objects.count() == 1


def test_asking_for_hidden_content_takes_the_same_queries_as_for_new(as_ana, ben, django_assert_max_num_queries):
    secret, new = a_picture(), a_picture()
    an_asset(owner=ben, content=secret, visibility="private")
    counts = []
    for content in (secret, new):
        with django_assert_max_num_queries(20) as queries:
            ask(as_ana, announced(content))
        digest = hashlib.sha256(content).hexdigest()
        counts.append([q["sql"].replace(digest, "?") for q in queries if "django_session" not in q["sql"]])
    assert counts[0] == counts[1]


def test_known_content_without_the_original_that_is_to_be_kept_has_to_come_up(as_ana, ana):
    content = a_picture()
    an_asset(owner=ana, stored_file=a_stored_file(content=content))
    StoredFile.objects.update(original="")
    assert ask(as_ana, announced(content))[0]["status"] == "unknown"


def test_known_content_that_had_failed_is_sent_again(as_ana, ana):
    content = a_picture()
    an_asset(owner=ana, stored_file=a_stored_file(content=content, state=State.FAILED))
    assert ask(as_ana, announced(content))[0]["asset"]["state"] == "queued"


@pytest.mark.parametrize("content", [b"", a_file_of(200_000), b"MZ" + bytes(300), b"just words"])
def test_what_is_refused_before_sending_is_refused_in_the_words_of_an_upload(as_ana, upload, settings, content):
    settings.UPLOAD_MAX_FILE_BYTES = 100_000
    head = base64.b64encode(content[: 64 * 1024]).decode()
    (before,) = ask(as_ana, announced(content, "a.png", head=head))
    (after,) = upload(as_ana, ("a.png", content))["results"]
    assert before == after
    assert before["status"] == "refused" and before["error"]["message"]


def test_a_mere_piece_of_a_head_refuses_nothing(as_ana):
    content = b"just words " * 100
    assert ask(as_ana, announced(content, head=base64.b64encode(content[:50]).decode()))[0]["status"] == "unknown"


def test_one_mistaken_file_stops_no_other(as_ana, ben):
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
@pytest.mark.parametrize("address", ["/upload/known/", "/upload/states/"])
def test_a_body_of_another_shape_is_a_400_that_says_what_is_wanted(as_ana, address, body):
    response = as_ana.post(address, body, content_type="application/json")
    assert response.status_code == 400
    assert "a list of at most" in response.json()["error"]["message"]


def test_states_tell_of_visible_entries_only_in_a_fixed_number_of_queries(
    as_ana, ana, ben, django_assert_max_num_queries
):
    own = [an_asset(owner=ana, state=state) for state in ("queued", "sending", "stored", "failed")]
    hidden = an_asset(owner=ben, visibility="private")
    ids = [str(entry.pk) for entry in own] + [str(hidden.pk), str(uuid.uuid4())]
    with django_assert_max_num_queries(20):
        answer = as_ana.post("/upload/states/", {"ids": ids}, content_type="application/json").json()
    assert {entry["id"]: entry["state"] for entry in answer["assets"]} == {
        str(entry.pk): entry.stored_file.state for entry in own
    }
    assert answer["activity"]["queued"] == 1
    assert {"url", "error", "link_status", "preview", "page"} <= set(answer["assets"][0])


def test_the_tray_brings_limits_and_addresses(as_ana, ben):
    an_asset(owner=ben, tags=("secret",), visibility="private")
    page = as_ana.get("/upload/tray/").content.decode()
    for expected in (
        'data-most-bytes="500000000"',
        "/upload/known/",
        "/upload/states/",
        "/tags/complete/",
        "Images, videos, audio",
    ):
        assert expected in page
    assert "secret" not in page


@pytest.mark.parametrize("address", ["/upload/known/", "/upload/states/"])
def test_a_stranger_learns_nothing(client, address):
    response = client.post(address, {}, content_type="application/json", headers={"accept": "application/json"})
    assert response.status_code == 401
