"""Whatever a host answers, an import ends in words, soon, and little of it is read."""

import gzip
import itertools
import time
from collections.abc import Iterator

import pytest

from assets.imports import fetch
from assets.models import Asset
from tests.imports.test_imports import bring
from tests.support.raw_server import Answer, RawServer, serving

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]

OK = b"HTTP/1.1 200 OK\r\n"
FOUND = b"HTTP/1.1 302 Found\r\n"
ZEROS = bytes(256 * 1024)


def bytes_of(*pieces: bytes) -> Answer:
    return lambda: iter(pieces)


def endless(head: bytes, piece: bytes = ZEROS) -> Answer:
    return lambda: itertools.chain([head], itertools.repeat(piece))


def dripping(head: bytes) -> Answer:
    def drip() -> Iterator[bytes]:
        yield head
        while True:
            time.sleep(0.2)
            yield b"x"

    return drip


BOMB = gzip.compress(gzip.compress(bytes(60_000_000)))
ANSWERS = {
    "nothing": bytes_of(),
    "no-http": endless(b"\x00\x01\x02"),
    "long-line": endless(OK + b"X: ", b"x" * 65536),
    "many-headers": endless(OK, b"X: y\r\n" * 1000),
    "only-continue": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "dripping-head": dripping(OK + b"X: "),
    "dripping-body": dripping(OK + b"\r\n"),
    "short": bytes_of(OK + b"Content-Length: 100\r\n\r\nx"),
    "two-lengths": bytes_of(OK + b"Content-Length: 1\r\nContent-Length: 5\r\n\r\nxxxxx"),
    "bad-chunks": bytes_of(OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nxxxxx"),
    "no-gzip": bytes_of(OK + b"Content-Encoding: gzip\r\n\r\nxxxxx"),
    "endless-redirect": endless(FOUND + b"Location: /nothing\r\n\r\n"),
    "no-address": bytes_of(FOUND + b"Location: https://[\r\n\r\n"),
    "no-text": bytes_of(FOUND + b"Location: /\xff\xfe\r\n\r\n"),
    "long-name": bytes_of(FOUND + b"Location: https://" + b"a" * 70 + b".example/\r\n\r\n"),
    "long-address": bytes_of(FOUND + b"Location: https://example.com/" + b"a" * 5000 + b"\r\n\r\n"),
    "loop": bytes_of(FOUND + b"Location: /loop\r\n\r\n"),
    "plain": bytes_of(FOUND + b"Location: http://example.com/\r\n\r\n"),
    "port": bytes_of(FOUND + b"Location: https://1.1.1.1:22/\r\n\r\n"),
    "bomb": bytes_of(OK + b"Content-Encoding: gzip, gzip\r\n\r\n", BOMB),
    "huge-length": bytes_of(OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\nx"),
    "charset": bytes_of(OK + b"Content-Disposition: attachment; filename*=nonsense''a.png\r\n\r\nx"),
}  # fmt: skip
# What is read to its end is refused for what it is.
REFUSED = dict.fromkeys(ANSWERS, "unreachable") | {
    "bomb": "too_large", "huge-length": "media_type", "charset": "media_type",
}  # fmt: skip


@pytest.fixture
def host(settings, monkeypatch) -> Iterator[RawServer]:
    settings.DEBUG = True  # which lets imports reach this machine
    settings.UPLOAD_MAX_FILE_BYTES = 10_000_000
    monkeypatch.setattr(fetch, "MAX_SECONDS", -9)  # one second in all
    monkeypatch.setattr(fetch, "REFUSAL_SECONDS", 0)
    with serving(ANSWERS) as server:
        yield server


@pytest.mark.parametrize("path", ANSWERS)
def test_a_hostile_answer_is_refused_soon(as_ana, host, path):
    started = time.monotonic()
    (result,) = bring(as_ana, host.url(path))
    seconds = time.monotonic() - started
    assert result["error"]["code"] == REFUSED[path], result
    assert seconds < 4
    assert host.sent < 30_000_000
    assert not Asset.objects.exists()
