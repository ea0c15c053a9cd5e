"""The client, against a real server."""

import errno
import hashlib
import io
import logging
import os
import socket
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest

from assets.segmind import responses
from assets.segmind.client import FileToSend, upload
from assets.segmind.responses import (
    AccountError,
    DamagedFileError,
    LostResponseError,
    RateLimitError,
    RejectedError,
    SegmindError,
    TooLargeError,
    TooLongError,
    UnavailableError,
    UnexpectedResponseError,
)
from benchmarks.sink import Sink
from tests.support import replies, segmind_server
from tests.support.segmind_server import KEY

pytestmark = pytest.mark.any_database


def to_send(content: bytes, media_type: str = "image/png") -> FileToSend:
    return FileToSend(media_type, len(content), lambda: io.BytesIO(content), hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize("size", [1, 2, 3, 4, 98_303, 98_304, 98_305, 98_306, 1_000_000])
def test_every_byte_arrives_whatever_the_size(segmind, size):
    content = bytes(i % 251 for i in range(size))
    (url,) = upload([to_send(content)])
    assert segmind.received[0].files == [("image/png", content)]
    assert url.startswith(segmind.address)


def test_several_files_share_a_request_and_get_their_urls_in_order(segmind):
    contents = [b"one", b"two2", b"three"]
    urls = upload([to_send(content, f"image/x{i}") for i, content in enumerate(contents)])
    assert len(segmind.received) == 1
    assert [segmind.stored[url.removeprefix(segmind.address)][1] for url in urls] == contents


def test_exactly_the_documented_headers_are_sent(segmind):
    upload([to_send(b"abc")])
    headers = segmind.received[0].headers
    assert set(headers) == {
        "accept", "accept-encoding", "content-length", "content-type", "host", "user-agent", "x-api-key",
    }  # fmt: skip
    assert int(headers["content-length"]) == len(segmind.received[0].body)


@pytest.mark.parametrize("name", ["urls", "file_urls"])
def test_both_forms_of_the_response_are_understood(segmind, name):
    segmind.answer_name = name
    assert len(upload([to_send(b"a"), to_send(b"b")])) == 2


def test_a_single_url_is_understood(segmind):
    segmind.answers(replies.raw(200, b'{"url": "https://storage.segmind.com/assets/1.png"}'))
    assert upload([to_send(b"a")]) == ["https://storage.segmind.com/assets/1.png"]


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        (replies.error(400, "Invalid image"), RejectedError, "Invalid image"),
        (replies.error(422, "Bad"), RejectedError, "Bad"),
        (replies.error(401, "Invalid key"), AccountError, "Invalid key"),
        (replies.error(403, "No"), AccountError, "No"),
        (replies.error(406, "Insufficient credits"), AccountError, "Insufficient credits"),
        (replies.error(406, "Invalid content type"), UnexpectedResponseError, "406"),
        (replies.raw(405, b"<h1>405</h1>"), UnexpectedResponseError, "405"),
        (replies.raw(413, b"<h1>413</h1>"), TooLargeError, "413"),
        (replies.error(429, "Slow down"), RateLimitError, "Slow down"),
        (replies.error(500, "Oops"), UnavailableError, "Oops"),
        (replies.raw(502, b"<h1>Bad gateway</h1>"), UnavailableError, "502"),
        (replies.raw(503, b""), UnavailableError, "503"),
        (replies.raw(200, b"<h1>ok</h1>"), UnexpectedResponseError, "not JSON"),
        (replies.raw(200, b"[" * 100_000), UnexpectedResponseError, "not JSON"),
        (replies.raw(200, b"{}"), UnexpectedResponseError, "no URLs"),
        (replies.raw(200, b'{"urls": [1, 2]}'), UnexpectedResponseError, "no URLs"),
        (replies.raw(200, b" " * 3_000_000), TooLongError, "too long"),
        (replies.urls(), UnexpectedResponseError, "no URLs"),
        (replies.urls("https://a.segmind.com/1"), UnexpectedResponseError, "1 URLs for 2 files"),
        (replies.urls(*["https://a.segmind.com/1"] * 2), UnexpectedResponseError, "same URL"),
        (
            replies.urls("https://a.segmind.com/1", "https://evil.example/2"),
            UnexpectedResponseError,
            "SEGMIND_ASSET_HOSTS",
        ),
        (replies.hangs_up, LostResponseError, "lost"),
        (replies.cuts_after_storing, LostResponseError, "lost"),
    ],
)  # fmt: skip
def test_every_failure_says_whose_fault_it_is(segmind, reply, error, words):
    segmind.answers(reply)
    with pytest.raises(SegmindError) as caught:
        upload([to_send(b"a"), to_send(b"b")])
    assert type(caught.value) is error
    assert words in caught.value.message


def test_a_redirect_is_not_followed_with_the_key(segmind):
    with segmind_server.SegmindServer() as elsewhere:
        segmind.answers(replies.raw(307, b"", location=elsewhere.upload_url))
        with pytest.raises(UnexpectedResponseError):
            upload([to_send(b"a")])
        assert elsewhere.received == []


def test_a_refused_connection_means_unavailable(settings):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        settings.SEGMIND_UPLOAD_URL = f"http://127.0.0.1:{unused.getsockname()[1]}/upload-asset"
        with pytest.raises(UnavailableError):
            upload([to_send(b"a")])


@pytest.mark.parametrize("reply", [replies.waits, replies.drips])
def test_a_server_that_stalls_or_drips_is_abandoned_after_the_time_limit(segmind, settings, reply):
    settings.SEGMIND_READ_TIMEOUT = 0.3
    segmind.answers(reply)
    started = datetime.now(UTC)
    with pytest.raises(LostResponseError):
        upload([to_send(b"a")])
    assert datetime.now(UTC) - started < timedelta(seconds=4)


@pytest.mark.slow
def test_a_slow_connection_is_not_a_stalled_one(segmind, settings):
    settings.SEGMIND_CONNECT_TIMEOUT = 1
    segmind.has_a_narrow_line()
    segmind.early_faults.append(replies.reads_slowly)
    (url,) = upload([to_send(bytes(1_000_000))])
    assert len(segmind.stored[url.removeprefix(segmind.address)][1]) > 1_333_333


RESET = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-23T06:30:00Z", "2026-11-23T06:30:00+00:00", "2026-11-23 06:30:00", "1795415400", "1795415400000",
        "Mon, 23 Nov 2026 06:30:00 GMT", "2026-11-23 06:30:00 UTC", "Mon Nov 23 06:30:00 2026",
    ],
)  # fmt: skip
def test_the_reset_time_is_understood_in_every_format(segmind, value):
    segmind.answers(replies.error(429, "Slow down", x_rate_limit_reset_at_utc=value))
    with pytest.raises(RateLimitError) as caught:
        upload([to_send(b"a")])
    assert caught.value.retry_at == RESET


def test_retry_after_is_understood_and_nonsense_is_ignored(segmind):
    segmind.answers(replies.error(429, retry_after="20"), replies.error(429, x_rate_limit_reset_at_utc="soon"))
    with pytest.raises(RateLimitError) as seconds:
        upload([to_send(b"a")])
    assert timedelta(seconds=15) < seconds.value.retry_at - datetime.now(UTC) < timedelta(seconds=21)
    with pytest.raises(RateLimitError) as nonsense:
        upload([to_send(b"a")])
    assert nonsense.value.retry_at is None


def test_the_key_is_in_no_error_or_log_line_even_if_the_server_repeats_it(segmind, caplog):
    caplog.set_level(logging.DEBUG)
    segmind.answers(replies.error(401, f"The key {KEY} is invalid; SG_fedcba9876543210 too\nsecond line"))
    with pytest.raises(AccountError) as caught:
        upload([to_send(b"a")])
    assert caught.value.message == "The key [key] is invalid; [key] too second line"
    assert KEY not in caplog.text


def test_a_long_message_is_shortened(segmind):
    segmind.answers(replies.error(400, "x" * 5000))
    with pytest.raises(RejectedError) as caught:
        upload([to_send(b"a")])
    assert len(caught.value.message) == responses.MAX_MESSAGE_LENGTH


def fails(error: int):
    def open_file():
        raise OSError(error, os.strerror(error))

    return open_file


class BadSector(io.RawIOBase):
    """A file that can be read only to the middle."""

    def __init__(self, content: bytes) -> None:
        self.left = content[: len(content) // 2]

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        if not self.left:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        piece, self.left = self.left[: len(buffer)], self.left[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)


@pytest.mark.parametrize("size", [5, 1_000_000])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_no_request_with_another_content_than_was_received_is_completed(segmind, size, place):
    content = bytes(i % 251 for i in range(size))
    flipped = bytearray(content)
    flipped[-1] ^= 1
    damaged = {
        "flipped": lambda: io.BytesIO(flipped),
        "shorter": lambda: io.BytesIO(content[:-1]),
        "missing": fails(errno.ENOENT),
        "unreadable": fails(errno.EIO),
        "bad sector": lambda: BadSector(content),
    }
    for name, open_file in damaged.items():
        files = [to_send(b"fine"), to_send(b"fine too")]
        files.insert(place, FileToSend("image/png", size, open_file, hashlib.sha256(content).hexdigest()))
        with pytest.raises(DamagedFileError) as caught:
            upload(files)
        assert (name, caught.value.numbers) == (name, [place])
    assert segmind.received == []


def test_all_damaged_files_of_a_request_are_named_at_once(segmind):
    files = [to_send(bytes([number]) * 300_000) for number in range(6)]
    for number in (1, 4, 5):
        files[number] = FileToSend("image/png", 300_000, lambda: io.BytesIO(b"x" * 300_000), "0" * 64)
    with pytest.raises(DamagedFileError) as caught:
        upload(files)
    assert caught.value.numbers == [1, 4, 5]
    assert segmind.received == []


def test_a_server_that_is_short_of_file_descriptors_has_no_damaged_files(segmind):
    file = FileToSend("image/png", 5, fails(errno.EMFILE), "0" * 64)
    with pytest.raises(UnavailableError, match="could not be read"):
        upload([to_send(b"fine"), file])
    assert segmind.received == []


def test_a_file_that_can_be_read_at_the_second_look_is_not_damaged(segmind):
    opened = []

    def open_file():
        opened.append(b"right" if opened else b"wrong")
        return io.BytesIO(opened[-1])

    with pytest.raises(UnavailableError, match="could not be read"):
        upload([FileToSend("image/png", 5, open_file, hashlib.sha256(b"right").hexdigest())])
    assert segmind.received == []


@pytest.mark.parametrize(
    ("url", "accepted"),
    [
        ("https://images.segmind.com/assets/a@b.c/images/1.jpg", True),
        ("https://segmind.com/1", True),
        ("http://images.segmind.com/1", False),
        ("https://images.segmind.com.evil.example/1", False),
        ("https://evilsegmind.com/1", False),
        ("https://user@images.segmind.com/1", False),
        ("https://images.segmind.com\\@evil.example/1", False),
        ("https://images.segmind.com/a b", False),
        ("https://images.segmind.com/<script>", False),
        ("https://images.segmind.com:99999/1", False),
        ("https://images.segmind.com:443/1", True),
        ("https://images.segmind.com:8443/1", False),
        ("https://images.segmind.com:80/1", False),
        ("https://images.segmind.com:/1", False),
        ("https://evil.example%2f.segmind.com/1", False),
        ("https://evil.example%2F@x.segmind.com/1", False),
        ("https://evil.example;.segmind.com/1", False),
        ("https://evil.example;x=.segmind.com/1", False),
        ("https://evil_example.segmind.com/1", False),
        ("https://evil.example,.segmind.com/1", False),
        ("https://-.segmind.com/1", False),
        ("https://.segmind.com/1", False),
        ("https://a..segmind.com/1", False),
        ("https://images.segmind.com./1", False),
        ("https://[::1].segmind.com/1", False),
        ("https://" + "a." * 130 + "segmind.com/1", False),
        ("https://" + "a" * 64 + ".segmind.com/1", False),
        ("HTTPS://Images.Segmind.com/1", True),
        ("javascript:alert(1)//images.segmind.com", False),
        ("http://127.0.0.1:1234/1", True),
        ("http://localhost/1", False),
        ("https://images.segmind.com/" + "x" * 3000, False),
    ],
)  # fmt: skip
def test_only_safe_urls_of_allowed_hosts_are_asset_urls(url, accepted):
    assert responses.is_asset_url(url) is accepted


def test_http_to_a_loopback_address_is_for_development_only(settings):
    settings.DEBUG = False
    assert not responses.is_asset_url("http://127.0.0.1:1234/1")


def test_memory_does_not_grow_with_the_file(settings):
    """A body of 40 MB passes through; the pieces are what memory holds of it."""

    class Zeros(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer) -> int:
            return len(buffer)

    peak = {}
    for size in (1_000_000, 40_000_000):
        with Sink() as address:
            settings.SEGMIND_UPLOAD_URL = address
            sha256 = hashlib.sha256(bytes(size)).hexdigest()
            tracemalloc.start()
            upload([FileToSend("video/mp4", size, Zeros, sha256)])
            peak[size] = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
    assert peak[40_000_000] - peak[1_000_000] < 200_000
