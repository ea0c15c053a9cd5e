"""Uploads in parts, by the tus protocol, as a browser's tray and programs use it."""

import base64
import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from assets.models import Asset, ResumableUpload, Role, StoredFile
from assets.uploads import resumable
from assets.uploads.part_file import OvertakenError
from tests.conftest import client_of
from tests.support.factories import a_file_of, a_picture, a_user, an_asset

pytestmark = [pytest.mark.django_db(transaction=True)]

START = "/upload/resumable/"
BYTES = "application/offset+octet-stream"
TUS = {"Tus-Resumable": "1.0.0", "Accept": "application/json"}


def encode(**values: str) -> str:
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in values.items())


def begin(client: Client, content: bytes, *, body: bytes = b"", **said: str):
    metadata = encode(**{"filename": "film.pdf", "filetype": "ignored", **said})
    headers = TUS | {"Upload-Length": str(len(content)), "Upload-Metadata": metadata}
    return client.generic("POST", START, body, BYTES if body else "", headers=headers)


def send(client: Client, url: str, chunk: bytes, at: int, **headers: str):
    return client.generic("PATCH", url, chunk, BYTES, headers=TUS | {"Upload-Offset": str(at)} | headers)


def tell(client: Client, url: str):
    return client.generic("HEAD", url, headers=TUS)


def parts() -> list[Path]:
    return list(Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*.part"))


@pytest.fixture(autouse=True)
def _no_part_is_left() -> Iterator[None]:
    yield
    for part in parts():
        part.unlink()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_file_arrives_in_parts_and_goes_on_from_its_last_byte(as_ana):
    content = a_file_of(700_000)
    begun = begin(as_ana, content, sha256=sha256(content), title="Long film", tags="hero, launch", collection="Launch")
    url = begun["Location"]
    assert (begun.status_code, begun["Upload-Offset"], begun["Tus-Resumable"]) == (201, "0", "1.0.0")
    assert send(as_ana, url, content[:300_000], 0)["Upload-Offset"] == "300000"
    asked = tell(as_ana, url)
    assert (asked["Upload-Offset"], asked["Upload-Length"], asked["Cache-Control"]) == ("300000", "700000", "no-store")
    assert as_ana.get(url, headers=TUS).json()["status"] == "receiving"
    assert Asset.objects.count() == 0
    last = send(as_ana, url, content[300_000:], 300_000)
    assert (last.status_code, last["Upload-Offset"]) == (204, "700000")
    answer = as_ana.get(url, headers=TUS).json()
    assert (answer["status"], answer["offset"], answer["length"], answer["error"]) == (
        "received",
        700_000,
        700_000,
        None,
    )
    assert {answer["asset"][name] for name in ("title", "sha256", "file_name")} == {
        "Long film", sha256(content), "film.pdf"
    }  # fmt: skip
    assert (answer["asset"]["tags"], answer["asset"]["collections"]) == (["hero", "launch"], ["Launch"])
    assert Path(StoredFile.objects.get().original.path).read_bytes() == content
    assert not parts()


def test_the_bytes_can_come_with_the_first_request(as_ana):
    content = a_picture()
    begun = begin(as_ana, content, body=content, filename="a.png")
    assert (begun.status_code, begun["Upload-Offset"]) == (201, str(len(content)))
    assert as_ana.get(begun["Location"], headers=TUS).json()["asset"]["title"] == "a"


def test_what_the_person_has_already_is_answered_without_its_bytes(as_ana, ana):
    content = a_file_of(5000)
    mine = an_asset(owner=ana, content=content)
    begun = begin(as_ana, content, sha256=sha256(content))
    answer = as_ana.get(begun["Location"], headers=TUS).json()
    assert (begun.status_code, begun["Upload-Offset"]) == (201, "5000")
    assert (answer["status"], answer["asset"]["id"]) == ("known", str(mine.pk))


def test_nobody_learns_what_others_keep_private(as_ana, ben):
    content = a_file_of(5000)
    an_asset(owner=ben, content=content, visibility="private")
    assert begin(as_ana, content, sha256=sha256(content))["Upload-Offset"] == "0"


def test_other_bytes_than_announced_are_refused_and_forgotten(as_ana):
    content = a_file_of(5000)
    url = begin(as_ana, content, sha256=sha256(b"other"))["Location"]
    refused = send(as_ana, url, content, 0)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "changed")
    assert as_ana.get(url, headers=TUS).json()["error"]["code"] == "changed"
    assert tell(as_ana, url).status_code == 410
    assert (Asset.objects.count(), parts()) == (0, [])


def test_bytes_that_changed_on_their_way_are_sent_again(as_ana):
    content = a_file_of(5000)
    url = begin(as_ana, content)["Location"]
    digest = base64.b64encode(hashlib.sha1(content).digest()).decode()
    spoilt = content[:-1] + b"!"
    assert send(as_ana, url, spoilt, 0, **{"Upload-Checksum": f"sha1 {digest}"}).status_code == 460
    assert tell(as_ana, url)["Upload-Offset"] == "0"
    assert send(as_ana, url, content, 0, **{"Upload-Checksum": f"sha1 {digest}"}).status_code == 204


def test_what_was_complete_when_the_server_stopped_becomes_an_asset_when_it_is_asked(as_ana):
    content = a_file_of(5000)
    url = begin(as_ana, content)["Location"]
    upload = ResumableUpload.objects.get()
    resumable.append(upload, lambda size: content[:size], len(content), 0)
    assert tell(as_ana, url)["Upload-Offset"] == "5000"
    assert Asset.objects.get().stored_file.sha256 == sha256(content)


def test_a_later_request_takes_over_from_one_that_hangs(as_ana):
    content = a_file_of(1_000_000)
    url = begin(as_ana, content)["Location"]
    upload = ResumableUpload.objects.get()

    def read(size: int) -> bytes:
        """The earlier connection has sent its first bytes when the later one comes."""
        start = resumable.get_offset(upload)
        if not start:
            return content[:size]
        assert send(as_ana, url, content[start:], start).status_code == 204
        return content[start : start + size]

    with pytest.raises(OvertakenError):
        resumable.append(upload, read, len(content), 0)
    assert Path(StoredFile.objects.get().original.path).read_bytes() == content


@pytest.mark.parametrize(
    ("method", "headers", "status", "code"),
    [
        ("POST", {"Tus-Resumable": "0.2.2"}, 412, "version"),
        ("POST", {"Upload-Length": "many"}, 400, "invalid"),
        ("POST", {"Upload-Length": "", "Upload-Defer-Length": "1"}, 400, "invalid"),
        ("POST", {"Upload-Length": "0"}, 400, "empty"),
        ("POST", {"Upload-Length": "600000000"}, 413, "too_large"),
        ("POST", {"Upload-Metadata": "filename ????"}, 400, "invalid"),
        ("POST", {"Upload-Metadata": "filename /w=="}, 400, "invalid"),
        ("POST", {"Upload-Metadata": ""}, 400, "invalid"),
        ("PUT", {}, 405, "method"),
    ],
)
def test_what_cannot_begin_is_refused_in_words(as_ana, method, headers, status, code):
    usual = TUS | {"Upload-Length": "5000", "Upload-Metadata": encode(filename="a.pdf")}
    response = as_ana.generic(method, START, headers={**usual, **headers})
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert response.json()["error"]["message"]
    assert not ResumableUpload.objects.exists()


@pytest.mark.parametrize(
    ("at", "chunk", "headers", "status"),
    [
        (7, b"x", {}, 409),
        (0, b"x" * 5001, {}, 413),
        (0, b"x", {"Upload-Offset": ""}, 400),
        (0, b"x", {"Upload-Checksum": "md5 abcd"}, 400),
        (0, b"x", {"Tus-Resumable": "2.0.0"}, 412),
        (0, b"x", {"Content-Type": "text/plain"}, 415),
    ],
)
def test_what_does_not_follow_is_refused_and_nothing_is_kept_of_it(as_ana, at, chunk, headers, status):
    url = begin(as_ana, a_file_of(5000))["Location"]
    content_type = headers.pop("Content-Type", BYTES)
    response = as_ana.generic("PATCH", url, chunk, content_type, headers=TUS | {"Upload-Offset": str(at)} | headers)
    assert response.status_code == status
    assert tell(as_ana, url)["Upload-Offset"] == "0"


def test_a_part_belongs_to_whom_began_it(as_ana, as_ben):
    url = begin(as_ana, a_file_of(5000))["Location"]
    answers = [as_ben.generic(method, url, b"x", BYTES, headers=TUS) for method in ("GET", "HEAD", "PATCH", "DELETE")]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert send(Client(), url, b"x", 0).status_code == 401
    assert begin(client_of(a_user(role=Role.VIEWER)), a_file_of(5000)).status_code == 403


def test_a_part_is_cancelled_or_dies_after_a_day(as_ana):
    urls = [begin(as_ana, a_file_of(5000))["Location"] for _ in range(3)]
    for url in urls:
        send(as_ana, url, b"%PDF", 0)
    assert as_ana.delete(urls[0], headers=TUS).status_code == 204
    assert (tell(as_ana, urls[0]).status_code, len(parts())) == (404, 2)
    ResumableUpload.objects.filter(pk=urls[1].split("/")[-2]).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert tell(as_ana, urls[1]).status_code == 404
    resumable.delete_expired(timezone.now())
    assert [path.stem for path in parts()] == [urls[2].split("/")[-2].replace("-", "")]


def test_a_server_says_what_it_can_do(as_ana):
    response = as_ana.options(START)
    assert response["Tus-Version"] == "1.0.0"
    assert {"creation", "checksum", "termination", "expiration"} <= set(response["Tus-Extension"].split(","))
    assert response["Tus-Max-Size"] == str(settings.UPLOAD_MAX_FILE_BYTES)
