"""Many files in one request, each with an answer of its own."""

import hashlib

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from assets.models import Asset, StoredFile, Visibility
from tests.support.factories import a_picture, a_stored_file, an_asset

pytestmark = pytest.mark.django_db(transaction=True)


def upload(program, *contents, key="", **fields):
    files = [ContentFile(content, name=f"{number}.png") for number, content in enumerate(contents)]
    return program.post("/assets/batch", {"file": files, **fields}, headers={"idempotency-key": key} if key else {})


def ask(program, *contents, **details):
    files = [
        {"sha256": hashlib.sha256(content).hexdigest(), "file_name": f"{number}.png", "size": len(content)}
        for number, content in enumerate(contents)
    ]
    return program.post("/assets/by-hash/batch", {"files": files, **details}, content_type="application/json")


def outcomes(response) -> list[tuple[str, str, str]]:
    """Of each file, its name, what became of it, and the code of its problem."""
    assert response.status_code == 200, response.content
    results = response.json()["results"]
    return [(each["file_name"], each["status"], (each["error"] or {}).get("code", "")) for each in results]


def test_each_file_is_received_known_or_refused_by_itself(program, ana, ben):
    first, second, known, secret = (a_picture(text=text) for text in "abcd")
    an_asset(owner=ben, stored_file=a_stored_file(content=known), title="Of Ben")
    an_asset(owner=ben, stored_file=a_stored_file(content=secret), visibility=Visibility.PRIVATE)
    contents = [first, b"just words", known, first, second, secret]
    hashes = ["", "", "", "", "0" * 64, ""]
    response = upload(program, *contents, sha256=hashes, title="Day", tags="sea", collection="Trips")
    assert outcomes(response) == [
        ("0.png", "received", ""),
        ("1.png", "refused", "media_type"),
        ("2.png", "known", ""),
        ("3.png", "known", ""),
        ("4.png", "refused", "changed"),
        ("5.png", "received", ""),
    ]
    results = response.json()["results"]
    assert (results[1]["error"]["status"], results[1]["asset"]) == (415, None)
    assert "Of Ben" in results[2]["note"]
    assert results[3]["asset"]["id"] == results[0]["asset"]["id"]
    assert [asset.title for asset in Asset.objects.filter(owner=ana).order_by("created_at")] == [
        "Day 1",
        "Day 2",
        "Day 4",
    ]
    for asset in Asset.objects.filter(owner=ana).with_details(ana):
        assert ([tag.name for tag in asset.tags.all()], asset.visibility) == (["sea"], "team")
        assert asset.stored_file.original.size == asset.stored_file.size


def test_a_batch_that_is_sent_again_makes_no_second_assets(program):
    contents = [a_picture(text=text) for text in "abc"]
    first = upload(program, *contents, key="k")
    again = upload(program, *contents, key="k")
    assert (again.content, again["idempotency-replayed"]) == (first.content, "true")
    assert upload(program, *contents[:2], key="k").json()["code"] == "key_reused"
    assert {status for _, status, _ in outcomes(upload(program, *contents))} == {"known"}
    assert (Asset.objects.count(), StoredFile.objects.count()) == (3, 3)


def test_a_form_that_is_wrong_as_a_whole_saves_nothing(program, settings):
    assert upload(program).status_code == 422
    assert upload(program, a_picture(), a_picture(), sha256=["0" * 64]).json()["errors"][0]["field"] == "sha256"
    assert upload(program, a_picture(), visibility="nobody").status_code == 422
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    assert upload(program, *(a_picture() for _ in range(3))).status_code == 413
    assert not Asset.objects.exists()


def test_many_hashes_are_asked_about_at_once(program, ana, ben):
    shown, secret, new = (a_picture(text=text) for text in "abc")
    an_asset(owner=ben, stored_file=a_stored_file(content=shown))
    an_asset(owner=ben, stored_file=a_stored_file(content=secret), visibility=Visibility.PRIVATE)
    response = ask(program, new, shown, secret, b"", tags=["sea"])
    assert outcomes(response) == [
        ("0.png", "unknown", ""),
        ("1.png", "known", ""),
        ("2.png", "unknown", ""),
        ("3.png", "refused", "empty"),
    ]
    asset = response.json()["results"][1]["asset"]
    assert (asset["owner"], asset["tags"]) == ("ana", ["sea"])
    assert ask(program).status_code == 422
    assert ask(program, *[new] * 101).status_code == 422


def test_afterwards_the_database_waits_for_the_disk_again(program):
    upload(program, a_picture())
    ask, expected = ("PRAGMA synchronous", 2) if connection.vendor == "sqlite" else ("SHOW synchronous_commit", "on")
    with connection.cursor() as cursor:
        cursor.execute(ask)
        assert cursor.fetchone() == (expected,)
