"""Uploading with a token, and sending a request again."""

import hashlib

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from assets.models import Asset, KeptAnswer, Role, Visibility
from tests.support.factories import a_picture, a_stored_file, a_user, an_asset

pytestmark = pytest.mark.django_db(transaction=True)


def upload(program, content, name="a.png", *, key="", **fields):
    headers = {"idempotency-key": key} if key else {}
    return program.post("/assets", {"file": ContentFile(content, name=name), **fields}, headers=headers)


def add(program, content, **fields):
    body = {"sha256": hashlib.sha256(content).hexdigest(), "file_name": "a.png", "size": len(content), **fields}
    return program.post("/assets/by-hash", body, content_type="application/json")


def test_an_upload_becomes_an_asset_with_its_url(program, segmind, work):
    content = a_picture()
    made = upload(program, content, "Harbour.png", tags="sea, night", collection="Trips/2024", visibility="private")
    assert made.status_code == 201, made.content
    facts = made.json()
    assert (facts["title"], facts["tags"], facts["collections"]) == ("Harbour", ["night", "sea"], ["Trips/2024"])
    assert (facts["state"], facts["url"], facts["visibility"]) == ("queued", None, "private")
    assert facts["sha256"] == hashlib.sha256(content).hexdigest()
    work()
    assert program.get(f"/assets/{facts['id']}").json()["state"] == "stored"
    assert upload(program, content).status_code == 200


def test_known_content_needs_no_bytes_and_what_others_keep_private_is_unknown(program, ana, ben):
    content, secret = a_picture(), a_picture()
    an_asset(owner=ben, stored_file=a_stored_file(content=content))
    an_asset(owner=ben, stored_file=a_stored_file(content=secret), visibility=Visibility.PRIVATE)
    known = add(program, content, tags=["sea"])
    assert (known.status_code, known.json()["owner"], known.json()["tags"]) == (200, "ana", ["sea"])
    unknown = add(program, secret)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown")
    assert add(program, a_picture()).json() == unknown.json()


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [(b"", 422, "empty"), (b"just words", 415, "media_type"), (b"x" * 2000, 413, "too_large")],
)
def test_refused_files_say_why(program, settings, content, status, code):
    settings.UPLOAD_MAX_FILE_BYTES = 1000
    response = upload(program, content)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert not Asset.objects.exists()


def test_a_form_without_one_file_and_a_changed_file_are_refused(program):
    assert program.post("/assets", {"title": "x"}).status_code == 422
    assert program.post("/assets", {}, content_type="application/json").status_code == 422
    assert program.post("/assets").status_code == 422
    assert upload(program, a_picture(), sha256="0" * 64).json()["code"] == "changed"


def test_viewers_and_tokens_without_the_scope_cannot_upload(program_of, ana):
    assert upload(program_of(ana, "read", "write"), a_picture()).json()["code"] == "scope"
    assert upload(program_of(a_user(role=Role.VIEWER)), a_picture()).status_code == 403


def test_the_same_key_gets_the_same_answer_and_is_carried_out_once(program, ana):
    content = a_picture()
    first = upload(program, content, key="k1", title="One")
    again = upload(program, content, key="k1", title="One")
    assert (again.status_code, again.content) == (201, first.content)
    assert (again["idempotency-replayed"], again["etag"]) == ("true", first["etag"])
    assert upload(program, content, key="k1", title="Two").json()["code"] == "key_reused"
    assert upload(program, content, key="k2", title="One").status_code == 200
    KeptAnswer.objects.update(begun_at=timezone.now() - timezone.timedelta(days=2))
    assert upload(program, content, key="k1", title="One").status_code == 200


def test_a_key_in_use_has_to_wait_and_a_refusal_is_not_kept(program, ana):
    KeptAnswer.objects.create(token=ana.tokens.get(), key="k", begun_at=timezone.now())
    waiting = upload(program, a_picture(), key="k")
    assert (waiting.status_code, waiting.json()["code"]) == (409, "in_progress")
    assert upload(program, a_picture(), key="x" * 256).status_code == 422
    asset = an_asset(owner=a_user())
    path, key = f"/assets/{asset.pk}/restore", {"idempotency-key": "r"}
    assert program.post(path, headers=key).status_code == 403
    Asset.objects.update(owner=ana)
    assert program.post(path, headers=key).status_code == 200
