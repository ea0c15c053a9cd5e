"""The answer of every operation, for each role of the owner and each scope of the token. A new one needs a row here."""

import json
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from assets.models import GenerationHistory, GenerationRun, Role, SavedSearch, Share, State, StoredFile, Tag, Webhook
from assets.models.tokens import Scope
from tests.openapi import render
from tests.support.factories import a_picture, a_stored_file, a_user, an_asset
from tests.support.programs import Program, a_token
from tests.test_access_matrix import PRIVATE_WORD, create_set, everything, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
ROLES = list(Role)


@dataclass(frozen=True)
class Row:
    """`answers`: for a viewer, a member, a manager and an administrator, whose tokens have all the scopes they may."""

    method: str
    path: str
    scope: str
    answers: str
    data: Any = None


ALL = "200 200 200 200"
# What the asset, the tag and the others are that somebody else has made.
MANAGERS = "403 403 200 200"
AN_UNKNOWN_FILE = {"sha256": "0" * 64, "file_name": "a.png", "size": 1}
ROWS = [
    Row("GET", "/me", "", ALL),
    Row("GET", "/status", "read", ALL),
    Row("POST", "/status/try-now", "admin", MANAGERS),
    Row("GET", "/assets", "read", ALL),
    Row("POST", "/assets", "upload", "403 201 201 201", "a file"),
    Row("POST", "/assets/batch", "upload", "403 200 200 200", "a file"),
    Row("POST", "/assets/by-hash/batch", "upload", "403 200 200 200", {"files": [AN_UNKNOWN_FILE]}),
    Row("POST", "/assets/by-hash", "upload", "403 404 404 404", AN_UNKNOWN_FILE),
    Row("POST", "/assets/by-url", "upload", "403 422 422 422", {"url": "http://example.com/a.png"}),
    Row("GET", "/assets/{id}", "read", ALL),
    Row("PATCH", "/assets/{id}", "write", MANAGERS, {"title": "Changed"}),
    Row("DELETE", "/assets/{id}", "write", "403 403 204 204"),
    Row("GET", "/assets/{id}/original", "read", ALL),
    Row("GET", "/assets/{id}/preview", "read", ALL),
    Row("GET", "/assets/{id}/snippets", "read", ALL),
    Row("GET", "/assets/{id}/fits", "read", ALL),
    Row("GET", "/models", "read", ALL),
    Row("GET", "/models/{slug}", "read", ALL),
    Row("POST", "/models/{slug}/request", "read", ALL, {"values": {"prompt": "A harbour"}}),
    Row("POST", "/assets/{id}/restore", "write", MANAGERS),
    Row("POST", "/assets/{id}/retry", "write", "403 404 200 200"),
    Row("PUT", "/assets/{id}/favourite", "write", "403 204 204 204"),
    Row("DELETE", "/assets/{id}/favourite", "write", "403 204 204 204"),
    Row("GET", "/uploads/{id}", "upload", "403 404 404 404"),
    Row("GET", "/searches", "read", ALL),
    Row("POST", "/searches", "write", "403 201 201 201", {"name": "New", "q": "tag:sea"}),
    Row("PATCH", "/searches/{id}", "write", MANAGERS, {"name": "Changed"}),
    Row("DELETE", "/searches/{id}", "write", "403 403 204 204"),
    Row("GET", "/sets", "read", ALL),
    Row("POST", "/sets", "write", "403 201 201 201", {"title": "New"}),
    Row("GET", "/sets/{id}", "read", ALL),
    Row("PATCH", "/sets/{id}", "write", MANAGERS, {"version": 1, "title": "Changed"}),
    Row("DELETE", "/sets/{id}", "write", "403 403 204 204"),
    # Of which one asset is private.
    Row("GET", "/sets/{id}/request", "read", "409 409 409 409"),
    Row("GET", "/shares", "read", "403 200 200 200"),
    Row("POST", "/shares", "write", "403 201 201 201", {"name": "New", "q": ""}),
    Row("GET", "/shares/{id}", "read", "403 404 200 200"),
    Row("PATCH", "/shares/{id}", "write", "403 404 403 403", {"name": "Changed"}),
    Row("DELETE", "/shares/{id}", "write", "403 404 200 200"),
    Row("GET", "/tags", "read", ALL),
    Row("PATCH", "/tags/{id}", "write", MANAGERS, {"name": "Changed"}),
    Row("DELETE", "/tags/{id}", "write", "403 403 204 204"),
    Row("GET", "/collections", "read", ALL),
    Row("POST", "/collections", "write", "403 201 201 201", {"path": "New"}),
    Row("GET", "/collections/{id}", "read", ALL),
    Row("PATCH", "/collections/{id}", "write", MANAGERS, {"description": "Changed"}),
    Row("DELETE", "/collections/{id}", "write", "403 403 204 204"),
    Row("POST", "/bulk", "write", "403 200 200 200", {"action": "tag", "tags": ["new"], "q": "", "confirm": True}),
    Row("GET", "/export", "read", ALL),
    Row("GET", "/undo", "read", ALL),
    Row("POST", "/undo/{id}", "write", "403 404 404 404"),
    Row("GET", "/events", "read", ALL),
    Row("GET", "/outputs", "read", ALL),
    Row("POST", "/outputs/{id}/keep", "write", "403 202 202 202"),
    Row("GET", "/runs/{id}", "read", ALL),
    Row("GET", "/webhooks", "admin", MANAGERS),
    Row("POST", "/webhooks", "admin", "403 403 201 201", {"url": "https://a.example.com", "events": ["asset.stored"]}),
    Row("GET", "/webhooks/{id}", "admin", MANAGERS),
    Row("PATCH", "/webhooks/{id}", "admin", MANAGERS, {"is_paused": True}),
    Row("DELETE", "/webhooks/{id}", "admin", "403 403 204 204"),
    Row("POST", "/webhooks/{id}/secret", "admin", MANAGERS),
    Row("POST", "/webhooks/{id}/test", "admin", "403 403 202 202"),
    Row("GET", "/webhooks/{id}/deliveries", "admin", MANAGERS),
    Row("POST", "/webhooks/{id}/deliveries/{delivery_pk}/send-again", "admin", "403 403 202 202"),
]


def test_every_operation_has_a_row():
    paths = json.loads(render())["paths"]
    known = {(row.method, row.path) for row in ROWS}
    assert {(method.upper(), path) for path, methods in paths.items() for method in methods} == known


@pytest.fixture
def ids() -> dict[str, Any]:
    """Of somebody else, by the first part of the path."""
    owner = a_user("owner")
    file = a_stored_file()
    file.preview.save(f"previews/{file.sha256}.webp", ContentFile(b"RIFF....WEBP"))
    asset = an_asset(owner=owner, stored_file=file, title="Shown")
    asset.set_labels(tags=["sea"], collections=["Trips"])
    secret = an_asset(owner=owner, title=PRIVATE_WORD, visibility="private")
    secret.set_labels(tags=[f"{PRIVATE_WORD} tag"], collections=[f"{PRIVATE_WORD} collection"])
    now = timezone.now()
    webhook = Webhook.objects.create(url="https://b.example.com", events="asset.stored")
    GenerationHistory.objects.create(is_on=True)
    run = GenerationRun.objects.create(request_id="1", model="flux", made_at=now, prompt="A harbour")
    url, tomorrow = "https://images.segmind.com/outputs/1.png", now + timedelta(days=1)
    return {
        "runs": run.pk,
        "outputs": run.outputs.create(url=url, expires_at=tomorrow).pk,
        "webhooks": webhook.pk,
        "delivery": webhook.deliveries.create(type="webhook.test", at=now, queued_at=now).pk,
        "assets": asset.pk,
        "private": secret.pk,
        "searches": SavedSearch.objects.create(name="Of the team", text="tag:sea").pk,
        "sets": create_set("Of the team", "team", [asset, secret]).pk,
        "shares": Share.objects.create(created_by=owner, name=PRIVATE_WORD, includes_private=True).pk,
        "tags": Tag.objects.get(name="sea").pk,
        "collections": asset.collections.get().pk,
        "uploads": uuid.uuid4(),
        "undo": uuid.uuid4(),
    }


def ask(program: Program, row: Row, path: str) -> tuple[int, str, str]:
    """The status, the code of the problem if it is one, and the text. Nothing that it changed stays."""
    before = everything()
    with transaction.atomic():
        if row.data == "a file":
            response = program.post(path, {"file": ContentFile(a_picture(), name="a.png")})
        else:
            body = json.dumps(row.data) if row.data else ""
            headers = {"if-match": "*"}
            response = program.generic(row.method, path, body, "application/json", headers=headers)
        text = text_of(response)
        code = json.loads(text)["code"] if response["content-type"] == "application/problem+json" else ""
        if response.status_code >= 400:
            assert [rows for rows in everything() if rows not in before] == [], (row, code)
        transaction.set_rollback(True)
    return response.status_code, code, text


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method}-{row.path}")
def test_roles_and_scopes(row, ids):
    noun = row.path.split("/")[1]
    path = row.path.replace("{id}", str(ids.get(noun))).replace("{delivery_pk}", str(ids["delivery"]))
    path = path.replace("{slug}", "seedance-2.0")
    if row.path.endswith("/retry"):
        StoredFile.objects.update(state=State.FAILED, error="no", url="")
    people = {role: a_user(f"a-{role}", role=role) for role in ROLES}
    programs = {role: Program(a_token(person)) for role, person in people.items()}
    expected = dict(zip(ROLES, map(int, row.answers.split()), strict=True))
    for role, program in programs.items():
        program.get("/me")  # its use is noted
        status, _, text = ask(program, row, path)
        assert status == expected[role], (role, text)
        assert PRIVATE_WORD not in text, role
        if noun == "assets" and "{id}" in row.path:
            private = ask(program, row, row.path.replace("{id}", str(ids["private"])))
            assert private[0] in (403, 404), role
            assert (private[0], private[1]) in ((404, "not_found"), (403, "scope"), (403, "forbidden")), role
    for scope in Scope:
        program = Program(a_token(people[Role.MANAGER], scope))
        program.get("/me")
        status, code, _ = ask(program, row, path)
        is_enough = row.scope in ("", scope)
        assert (status, code == "scope") == (expected[Role.MANAGER] if is_enough else 403, not is_enough), scope


GETS = [row for row in ROWS if row.method == "GET"]


@pytest.mark.parametrize("row", GETS, ids=lambda row: row.path)
def test_head_has_the_headers_of_get(row, ids, program):
    path = row.path.replace("{id}", str(ids.get(row.path.split("/")[1]))).replace("{slug}", "seedance-2.0")
    program.get("/me")
    if row.path == "/uploads/{id}":  # tus has its own meaning of it
        assert program.head(path, headers={"tus-resumable": "1.0.0"}).status_code == 404
        return
    get, head = program.get(path), program.head(path)
    assert (head.status_code, text_of(head), text_of(get) != "") == (get.status_code, "", True)
    assert dict(head.items()) | {"RateLimit": ""} == dict(get.items()) | {"RateLimit": ""}
    options = program.options(path)
    assert (options.status_code, text_of(options)) == (204, "")
    assert {"GET", "HEAD", "OPTIONS"} <= set(options["allow"].split(", "))
