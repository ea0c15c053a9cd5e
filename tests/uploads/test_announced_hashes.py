"""What the sender says a file is, compared with what arrived."""

import base64
import hashlib

import pytest

from assets.models import Asset
from tests.support.factories import a_file_of, a_picture
from tests.uploads.test_form_guard import FORM, JSON, body_of, field, file_part

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]
CHANGED = "The file changed while it was uploading. Try again."


def digest(content: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


def in_hex(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def send(client, *parts: bytes, **headers: str):
    return client.generic("POST", "/upload/", body_of(*parts), FORM, headers={**JSON, **headers})


def codes(response) -> list[str | None]:
    return [result["error"] and result["error"]["code"] for result in response.json()["results"]]


def test_hashes_belong_to_the_files_in_their_order_and_a_changed_file_is_refused(as_ana):
    one, two, three, four = (a_picture() for _ in range(4))
    hashes = [in_hex(one).upper(), in_hex(one), "", in_hex(four)]
    files = [file_part(content) for content in (one, two, three, four)]
    response = send(as_ana, *(field("sha256", text) for text in hashes), *files)
    assert codes(response) == [None, "changed", None, None]
    assert response.json()["results"][1]["error"]["message"] == CHANGED
    assert {file.stored_file.sha256 for file in Asset.objects.all()} == {in_hex(x) for x in (one, three, four)}


def test_a_file_that_was_cut_off_and_one_that_is_no_picture_any_more_have_changed(as_ana):
    content = a_picture()
    cut, mixed = content[:-100], content[:100] + a_file_of(len(content))[100:]
    response = send(as_ana, *[field("sha256", in_hex(content))] * 2, file_part(cut), file_part(mixed))
    assert (response.status_code, codes(response)) == (400, ["changed", "changed"])


@pytest.mark.parametrize(
    ("hashes", "words"),
    [
        (["f" * 64], "2 files but 1 value of sha256"),
        (["", "", ""], "2 files but 3 values of sha256"),
        (["f" * 63, ""], "64 hexadecimal digits"),
        (["g" * 64, ""], "64 hexadecimal digits"),
    ],
)
def test_hashes_that_cannot_be_matched_refuse_the_form_and_say_what_to_send(as_ana, hashes, words):
    response = send(as_ana, *(field("sha256", text) for text in hashes), *[file_part(a_picture())] * 2)
    assert response.status_code == 400
    assert words in response.json()["errors"]["sha256"][0]["message"]
    assert not Asset.objects.exists()


def test_the_digest_of_a_part_is_that_of_its_file(as_ana):
    content = a_picture()
    right = file_part(content, f"Content-Digest: sha-512=:AAAA:, {digest(content)}\r\n")
    wrong = file_part(content, f"content-digest: {digest(b'other')}\r\n")
    other_algorithm = file_part(a_picture(), "Content-Digest: sha-512=:AAAA:\r\n")
    assert codes(send(as_ana, right, wrong, other_algorithm)) == [None, "changed", None]


def test_the_digest_of_a_request_is_that_of_its_body_or_of_its_only_file(as_ana):
    one, two = a_picture(), a_picture()
    parts = [file_part(one), file_part(two)]
    assert codes(send(as_ana, *parts, **{"content-digest": digest(body_of(*parts))})) == [None, None]
    assert codes(send(as_ana, *parts, **{"content-digest": digest(one)})) == ["changed", "changed"]
    assert codes(send(as_ana, file_part(one), **{"content-digest": digest(one)})) == [None]
    assert codes(send(as_ana, file_part(one), **{"content-digest": digest(two)})) == ["changed"]


@pytest.mark.parametrize("header", ["sha-256=abc", "sha-256=:abc:", "sha-256=:AAAA:", "sha-256=:!:", "nonsense"])
def test_a_digest_that_cannot_be_read_is_refused_with_what_to_send(as_ana, header):
    in_part = send(as_ana, file_part(a_picture(), f"Content-Digest: {header}\r\n"))
    on_request = send(as_ana, file_part(a_picture()), **{"content-digest": header})
    for response in (in_part, on_request):
        assert response.status_code == 400
        assert "Send sha-256=:…:" in response.json()["error"]["message"]
    assert not Asset.objects.exists()
