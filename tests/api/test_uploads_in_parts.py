"""The tus protocol for programs: the rules themselves are tried in tests/uploads/test_resumable.py."""

import hashlib

import pytest

from assets.models import Asset
from tests.api.test_errors import check
from tests.support.factories import a_file_of
from tests.uploads.test_resumable import BYTES, encode

pytestmark = pytest.mark.django_db(transaction=True)
TUS = {"Tus-Resumable": "1.0.0"}


def begin(program, content: bytes, **said: str):
    headers = TUS | {"Upload-Length": str(len(content)), "Upload-Metadata": encode(filename="film.pdf", **said)}
    return program.generic("POST", "/uploads/", headers=headers)


def send(program, path: str, chunk: bytes, at: int):
    return program.generic("PATCH", path, chunk, BYTES, headers=TUS | {"Upload-Offset": str(at)})


def test_a_program_sends_a_file_in_parts(program, ana, ben, program_of):
    content = a_file_of(70_000)
    begun = begin(program, content, sha256=hashlib.sha256(content).hexdigest(), tags="launch")
    assert begun.status_code == 201
    path = begun["Location"].removeprefix("/api/v1")
    assert send(program, path, content[:50_000], 0)["Upload-Offset"] == "50000"
    assert program.generic("HEAD", path, headers=TUS)["Upload-Offset"] == "50000"
    check(send(program, path, content[50_000:], 7), 409, "conflict")
    check(program_of(ben).get(path), 404, "not_found")
    assert program.get(path).json()["status"] == "receiving"
    assert send(program, path, content[50_000:], 50_000).status_code == 204
    answer = program.get(path).json()
    assert (answer["status"], answer["offset"], answer["error"]) == ("received", 70_000, None)
    assert answer["asset"]["page"].startswith("http://testserver/assets/")
    assert Asset.objects.get().owner == ana


def test_what_is_refused_is_a_problem(program, ana, program_of):
    check(program.generic("POST", "/uploads/"), 412, "version")
    check(begin(program, b""), 400, "empty")
    check(begin(program_of(ana, "read"), b"x"), 403, "scope")
    path = begin(program, b"MZ" + b"x" * 5000)["Location"].removeprefix("/api/v1")
    check(send(program, path, b"MZ" + b"x" * 5000, 0), 400, "media_type")
    assert program.get(path).json()["error"]["code"] == "media_type"
    assert program.options("/uploads/")["Tus-Version"] == "1.0.0"
