"""The client for Segmind Storage: one streamed HTTP request in, URLs or a typed error out.

It knows nothing about the database. The API key goes into one header and nowhere else: no log line, error or result
of this module contains it.

Source: Segmind's help centre, "Segmind Storage"; responses and errors as the official SDK and public programs see
them (the documented response has `urls`, the observed one `file_urls`).
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Protocol

import pybase64
import requests
from django.conf import settings

from assets.segmind.http import Connection, Deadline, Session
from assets.segmind.responses import (
    LostResponseError,
    SegmindError,
    UnavailableError,
    UnexpectedResponseError,
    UnreadableFileError,
    read_credits,
    read_urls,
)

# A multiple of 3, so that no padding stands between encoded pieces. Each piece is one read and one write: smaller ones
# cost system calls and wake the receiver more often, larger ones make the process allocate memory again and again.
PIECE = 192 * 1024
BODY_START = b'{"data_urls":['
BODY_END = b"]}"
CREDITS_TIMEOUT = 30  # seconds
LOST = "The files were sent, but Segmind’s response was lost."


class BinaryStream(Protocol):
    """What the client needs of an open file."""

    def readinto(self, buffer: memoryview, /) -> int: ...
    def close(self) -> None: ...


@dataclass(frozen=True)
class FileToSend:
    """`open` returns the content as a binary stream of exactly `size` bytes."""

    media_type: str
    size: int
    open: Callable[[], BinaryStream]

    @property
    def encoded_size(self) -> int:
        """How many bytes of the body this file takes, separator included."""
        return encoded_size(self.media_type, self.size)

    @property
    def prefix(self) -> bytes:
        return f'"data:{self.media_type};base64,'.encode("ascii")


def encoded_size(media_type: str, size: int) -> int:
    """How many bytes of the body a file of `size` bytes takes: `"data:<type>;base64,<4·⌈n/3⌉>",`."""
    return len(f'"data:{media_type};base64,",') + 4 * -(-size // 3)


def key_fingerprint() -> str:
    """Identifies a key in the list of upload requests without revealing it."""
    return hashlib.sha256(settings.SEGMIND_API_KEY.encode()).hexdigest()[:12]


def body_size(files: Sequence[FileToSend]) -> int:
    """The exact Content-Length of a request with these files."""
    return len(BODY_START) + sum(file.encoded_size for file in files) - 1 + len(BODY_END)


def upload(files: Sequence[FileToSend], *, on_progress: Callable[[], None] | None = None) -> list[str]:
    """Store the files with one request. Returns their URLs in the order of the files; raises a SegmindError.

    `on_progress` is called now and then while the body is being sent. An exception from it ends the request.
    """
    body = _Body(files, on_progress)
    deadline = Deadline(settings.SEGMIND_READ_TIMEOUT)
    headers = {"accept": "application/json, text/plain, */*", "content-type": "application/json"}
    try:
        with _request("POST", settings.SEGMIND_UPLOAD_URL, headers, deadline=deadline, body=body) as response:
            return read_urls(response, expected=len(files))
    except UnexpectedResponseError:
        # What had arrived when we hung up can look like a short but complete response.
        if deadline.has_passed:
            raise LostResponseError(LOST) from None
        raise
    except requests.RequestException as error:
        if body.is_sent:
            raise LostResponseError(LOST) from None
        raise body.failure or _connection_error(error) from None
    finally:
        body.close()


def credits_left() -> float | None:
    """The credits left in the key's account, or None if the key works but Segmind names no credits.

    Raises a SegmindError: an AccountError if the key is refused. Nothing is uploaded.
    """
    deadline = Deadline(min(CREDITS_TIMEOUT, settings.SEGMIND_READ_TIMEOUT))
    headers = {"accept": "application/json"}
    try:
        with _request("GET", settings.SEGMIND_CREDITS_URL, headers, deadline=deadline) as response:
            return read_credits(response)
    except requests.RequestException as error:
        raise _connection_error(error) from None


@contextmanager
def _request(
    method: str, url: str, headers: dict[str, str], *, deadline: Deadline, body: "_Body | None" = None
) -> Iterator[requests.Response]:
    """Send one request with the key. Redirects are not followed, since the key would go with them."""
    with (
        Session(_Connection, deadline) as session,
        session.request(
            method,
            url,
            data=body,
            headers={
                **headers,
                "x-api-key": settings.SEGMIND_API_KEY,
                "user-agent": "segmind-asset-library",
                "accept-encoding": "identity",
            },
            timeout=(settings.SEGMIND_CONNECT_TIMEOUT, deadline.seconds),
            allow_redirects=False,
            stream=True,
        ) as response,
    ):
        yield response


class _Body:
    """The request body, read from the files and encoded piece by piece. `len()` is its exact size."""

    def __init__(self, files: Sequence[FileToSend], on_progress: Callable[[], None] | None) -> None:
        self._files = files
        self._size = body_size(files)
        self._on_progress = on_progress or (lambda: None)
        self._stream: BinaryStream | None = None
        self.is_sent = False
        self.failure: UnreadableFileError | None = None

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        buffer = memoryview(bytearray(PIECE))
        # Small pieces are sent together, since every write wakes the receiver.
        due, waiting = [BODY_START], 0
        for number, file in enumerate(self._files):
            due.append(file.prefix)
            try:
                for piece in self._pieces(file, buffer):
                    due.append(piece)
                    waiting += len(piece)
                    if waiting >= PIECE:
                        yield b"".join(due)
                        due, waiting = [], 0
            except OSError:
                self.failure = UnreadableFileError(number)
                raise
            due.append(b'",' if number + 1 < len(self._files) else b'"')
        yield b"".join(due)
        # Set before the last bytes leave: from here on the server may have everything.
        self.is_sent = True
        yield BODY_END

    def _pieces(self, file: FileToSend, buffer: memoryview) -> Iterator[bytes]:
        left = file.size
        with closing(file.open()) as self._stream:
            while left:
                filled = _fill(buffer[: min(len(buffer), left)], self._stream)
                if filled < min(len(buffer), left):
                    raise OSError("The original is shorter than when it was received.")
                left -= filled
                yield pybase64.b64encode(buffer[:filled])
                self._on_progress()

    def close(self) -> None:
        """Close the file that was being read when the connection broke."""
        if self._stream is not None:
            self._stream.close()


def _fill(buffer: memoryview, stream: BinaryStream) -> int:
    """Read until the buffer is full or the stream ends. Returns the number of bytes read."""
    filled = 0
    while filled < len(buffer) and (count := stream.readinto(buffer[filled:])):
        filled += count
    return filled


class _Connection(Connection):
    def send(self, data: bytes) -> None:  # type: ignore[override]  # requests only sends bytes
        # The library's `sendall` has one short time limit for a whole piece, so a slow line looks like a stalled one.
        # The lease on the files covers a piece that takes this long.
        if self.sock is None:
            self.connect()
        until = time.monotonic() + settings.SEGMIND_READ_TIMEOUT
        left = memoryview(data)
        while left:
            if time.monotonic() > until:
                raise TimeoutError("Sending a piece took too long.")
            left = left[self.sock.send(left) :]


def _connection_error(error: requests.RequestException) -> SegmindError:
    if isinstance(error, requests.exceptions.SSLError):
        return UnavailableError("Segmind could not be reached safely: its certificate is not valid.")
    if isinstance(error, requests.exceptions.Timeout):
        return UnavailableError("Segmind did not answer in time.")
    return UnavailableError("Segmind could not be reached, or the connection broke.")
