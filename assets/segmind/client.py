"""The client of Segmind Storage: one streamed HTTP exchange in, URLs or a typed error out.

Knows nothing of the database. The key goes into one header and nowhere else: no log line, no error and no
answer of this module contains it.

Source: Segmind's help centre, "Segmind Storage"; answers and errors as the official SDK and public programs see
them (the documented answer has `urls`, the observed one `file_urls`).
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

import pybase64
import requests
from django.conf import settings
from requests.adapters import HTTPAdapter

from assets.segmind.deadline import Deadline
from assets.segmind.responses import (
    AccountError,
    LostAnswerError,
    RateLimitError,
    RejectedError,
    SegmindError,
    TooLargeError,
    UnavailableError,
    UnexpectedAnswerError,
    UnreadableFileError,
    credits_of,
    urls_of,
)

__all__ = [
    "AccountError",
    "FileToSend",
    "LostAnswerError",
    "RateLimitError",
    "RejectedError",
    "SegmindError",
    "TooLargeError",
    "UnavailableError",
    "UnexpectedAnswerError",
    "UnreadableFileError",
    "body_size",
    "credits_left",
    "encoded_size",
    "key_fingerprint",
    "upload",
]

# A multiple of 3, so that pieces encode without padding between them. Each piece is one read and one write: small ones
# cost system calls and wake the receiver as often; of larger ones every other one is memory the process gets anew.
PIECE = 192 * 1024
BODY_START = b'{"data_urls":['
BODY_END = b"]}"
CREDITS_TIMEOUT = 30  # seconds
LOST = "The files went out, but Segmind's answer was lost."


@dataclass(frozen=True)
class FileToSend:
    """`open` gives the content as a binary stream of exactly `size` bytes."""

    media_type: str
    size: int
    open: Callable[[], BinaryIO]

    @property
    def encoded_size(self) -> int:
        """Bytes of the body that this file takes, separator included."""
        return encoded_size(self.media_type, self.size)

    @property
    def prefix(self) -> bytes:
        return f'"data:{self.media_type};base64,'.encode("ascii")


def encoded_size(media_type: str, size: int) -> int:
    """Bytes of the body that a file of `size` bytes takes: `"data:<type>;base64,<4·⌈n/3⌉>",`."""
    return len(f'"data:{media_type};base64,",') + 4 * -(-size // 3)


def key_fingerprint() -> str:
    """Tells keys apart in the ledger without telling the key."""
    return hashlib.sha256(settings.SEGMIND_API_KEY.encode()).hexdigest()[:12]


def body_size(files: Sequence[FileToSend]) -> int:
    """The exact Content-Length of a request with these files, in bytes."""
    return len(BODY_START) + sum(file.encoded_size for file in files) - 1 + len(BODY_END)


def upload(files: Sequence[FileToSend], *, on_progress: Callable[[], None] | None = None) -> list[str]:
    """Store the files with one request; their URLs, in the order of the files.

    `on_progress` is called now and then while the body goes out; what it raises ends the exchange.
    Raises a SegmindError.
    """
    body = _Body(files, on_progress)
    deadline = Deadline(settings.SEGMIND_READ_TIMEOUT)
    headers = {"accept": "application/json, text/plain, */*", "content-type": "application/json"}
    try:
        with _answer("POST", settings.SEGMIND_UPLOAD_URL, headers, deadline=deadline, body=body) as response:
            return urls_of(response, expected=len(files))
    except UnexpectedAnswerError:
        # What was there when we hung up can look like a short, whole answer.
        if deadline.has_passed:
            raise LostAnswerError(LOST) from None
        raise
    except requests.RequestException as error:
        if body.is_out:
            raise LostAnswerError(LOST) from None
        raise body.failure or _connection_error(error) from None
    finally:
        body.close()


def credits_left() -> float | None:
    """What the account of the key can still spend; None where the key is good and nothing is said of credits.

    Raises a SegmindError, an AccountError where the key is refused. Nothing is uploaded.
    """
    deadline = Deadline(min(CREDITS_TIMEOUT, settings.SEGMIND_READ_TIMEOUT))
    headers = {"accept": "application/json"}
    try:
        with _answer("GET", settings.SEGMIND_CREDITS_URL, headers, deadline=deadline) as response:
            return credits_of(response)
    except requests.RequestException as error:
        raise _connection_error(error) from None


@contextmanager
def _answer(
    method: str, url: str, headers: dict[str, str], *, deadline: Deadline, body: "_Body | None" = None
) -> Iterator[requests.Response]:
    """One exchange with the key: no redirect is followed, and the wait for the answer ends with the deadline."""
    with requests.Session() as session:
        session.headers.clear()
        for scheme in ("https://", "http://"):
            session.mount(scheme, _Adapter(deadline))
        try:
            with session.request(
                method,
                url,
                data=body,
                headers={
                    **headers,
                    "x-api-key": settings.SEGMIND_API_KEY,
                    "user-agent": "segmind-asset-library",
                    "accept-encoding": "identity",
                },
                # Keeps requests from adding a password of this machine's .netrc.
                auth=lambda prepared: prepared,
                timeout=(settings.SEGMIND_CONNECT_TIMEOUT, deadline.seconds),
                allow_redirects=False,
                stream=True,
            ) as response:
                yield response
        finally:
            deadline.cancel()


class _Body:
    """The request's body, read from the files and encoded piece by piece; `len()` is its exact size."""

    def __init__(self, files: Sequence[FileToSend], on_progress: Callable[[], None] | None) -> None:
        self._files = files
        self._size = body_size(files)
        self._on_progress = on_progress or (lambda: None)
        self._stream: BinaryIO | None = None
        self.is_out = False
        self.failure: UnreadableFileError | None = None

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        buffer = memoryview(bytearray(PIECE))
        # What is small travels together: every write wakes the receiver.
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
        # Set before the last bytes leave: from then on the server may have everything.
        self.is_out = True
        yield BODY_END

    def _pieces(self, file: FileToSend, buffer: memoryview) -> Iterator[bytes]:
        left = file.size
        with file.open() as self._stream:
            while left:
                filled = _fill(buffer[: min(len(buffer), left)], self._stream)
                if filled < min(len(buffer), left):
                    raise OSError("The original is shorter than it was when it was received.")
                left -= filled
                yield pybase64.b64encode(buffer[:filled])
                self._on_progress()

    def close(self) -> None:
        """Close the file that was being read when the connection broke."""
        if self._stream is not None:
            self._stream.close()


def _fill(buffer: memoryview, stream: BinaryIO) -> int:
    """Read until the buffer is full or the stream ends; the number of bytes read."""
    filled = 0
    while filled < len(buffer) and (count := stream.readinto(buffer[filled:])):  # type: ignore[attr-defined]
        filled += count
    return filled


class _Adapter(HTTPAdapter):
    """Watches over the time: of every step of the body's way out, and, once it is out, of the answer as a whole."""

    def __init__(self, deadline: Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        deadline = self._deadline

        class Connection(pool.ConnectionCls):  # type: ignore[name-defined,misc]
            def send(self, data: bytes) -> None:
                # `sendall`, which the library calls, has one short time limit for the whole of a piece, and so takes
                # a slow line for one that stalls. The lease on the files lasts for a piece at this limit.
                if self.sock is None:
                    self.connect()
                until = time.monotonic() + settings.SEGMIND_READ_TIMEOUT
                left = memoryview(data)
                while left:
                    if time.monotonic() > until:
                        raise TimeoutError("The piece is not out in time.")
                    left = left[self.sock.send(left) :]

            def getresponse(self) -> Any:
                deadline.start(self.sock)
                return super().getresponse()

        pool.ConnectionCls = Connection
        return pool


def _connection_error(error: requests.RequestException) -> SegmindError:
    if isinstance(error, requests.exceptions.SSLError):
        return UnavailableError("Segmind could not be reached safely: its certificate is not valid.")
    if isinstance(error, requests.exceptions.Timeout):
        return UnavailableError("Segmind did not answer in time.")
    return UnavailableError("Segmind could not be reached, or the connection broke.")
