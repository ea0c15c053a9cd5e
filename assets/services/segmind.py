"""The client of Segmind Storage: one streamed HTTP exchange in, URLs or a typed error out.

Knows nothing of the database. The key goes into one header and nowhere else: no log line, no error and no
answer of this module contains it.

Source: Segmind's help centre, "Segmind Storage"; answers and errors as the official SDK and public programs see
them (the documented answer has `urls`, the observed one `file_urls`).
"""

import contextlib
import hashlib
import ipaddress
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import pybase64
import requests
from django.conf import settings
from requests.adapters import HTTPAdapter

# A multiple of 3, so that pieces encode without padding between them; larger pieces cost page faults.
PIECE = 96 * 1024
MOST_ANSWER_BYTES = 1_000_000
MOST_MESSAGE_CHARACTERS = 300
MOST_URL_CHARACTERS = 2_000
BODY_START = b'{"data_urls":['
BODY_END = b"]}"
LOST = "The files went out, but Segmind's answer was lost."


class SegmindError(Exception):
    """An exchange that gave no URLs. The subclass says whose fault it is; the text is safe to show."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


class RejectedError(SegmindError):
    """Something in this body is bad (400, 422): one of its files, not its neighbours."""


class TooLargeError(SegmindError):
    """The body is larger than the server takes (413)."""


class AccountError(SegmindError):
    """The key or the account is refused (401, 403, 406): no file is at fault, nothing will pass until it is mended."""


class RateLimitError(SegmindError):
    """Too many requests (429). `retry_at`: when the server wants to see us again; None where it does not say."""

    def __init__(self, message: str, *, status: int | None = None, retry_at: datetime | None = None) -> None:
        super().__init__(message, status=status)
        self.retry_at = retry_at


class UnavailableError(SegmindError):
    """Their side, or the way there (5xx, no connection): nothing was stored, another time."""


class LostAnswerError(SegmindError):
    """The whole body went out and no answer came back: the files may or may not be stored."""


class UnexpectedAnswerError(SegmindError):
    """An answer we do not understand or do not trust: the files may or may not be stored."""


class UnreadableFileError(SegmindError):
    """A file could not be read here, so the request was broken off. `number`: its place in the request."""

    def __init__(self, number: int) -> None:
        super().__init__("The original is missing or damaged on this server.")
        self.number = number


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
    deadline = _Deadline()
    with requests.Session() as session:
        session.headers.clear()
        adapter = _Adapter(deadline)
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        try:
            with session.post(
                settings.SEGMIND_UPLOAD_URL,
                data=body,
                headers={
                    "accept": "application/json, text/plain, */*",
                    "x-api-key": settings.SEGMIND_API_KEY,
                    "content-type": "application/json",
                    "user-agent": "segmind-asset-library",
                    "accept-encoding": "identity",
                },
                # Keeps requests from adding a password of this machine's .netrc.
                auth=lambda prepared: prepared,
                timeout=(settings.SEGMIND_CONNECT_TIMEOUT, settings.SEGMIND_READ_TIMEOUT),
                allow_redirects=False,
                stream=True,
            ) as response:
                return _urls_of(response, expected=len(files))
        except UnexpectedAnswerError:
            # What was there when we hung up can look like a short, whole answer.
            if deadline.has_passed:
                raise LostAnswerError(LOST) from None
            raise
        except requests.RequestException as error:
            raise body.failure or _connection_error(error, body) from None
        finally:
            deadline.cancel()


class _Body:
    """The request's body, read from the files and encoded piece by piece; `len()` is its exact size."""

    def __init__(self, files: Sequence[FileToSend], on_progress: Callable[[], None] | None) -> None:
        self._files = files
        self._on_progress = on_progress or (lambda: None)
        self.is_out = False
        self.failure: UnreadableFileError | None = None

    def __len__(self) -> int:
        return body_size(self._files)

    def __iter__(self) -> Iterator[bytes]:
        yield BODY_START
        for number, file in enumerate(self._files):
            yield (b"," if number else b"") + file.prefix
            try:
                yield from self._pieces(file)
            except OSError:
                self.failure = UnreadableFileError(number)
                raise
            yield b'"'
        # Set before the last bytes leave: from then on the server may have everything.
        self.is_out = True
        yield BODY_END

    def _pieces(self, file: FileToSend) -> Iterator[bytes]:
        left = file.size
        buffer = memoryview(bytearray(PIECE))
        with file.open() as stream:
            while left:
                filled = _fill(buffer[: min(PIECE, left)], stream)
                if filled < min(PIECE, left):
                    raise OSError("The original is shorter than it was when it was received.")
                left -= filled
                yield pybase64.b64encode(buffer[:filled])
                self._on_progress()


def _fill(buffer: memoryview, stream: BinaryIO) -> int:
    """Read until the buffer is full or the stream ends; the number of bytes read."""
    filled = 0
    while filled < len(buffer) and (count := stream.readinto(buffer[filled:])):  # type: ignore[attr-defined]
        filled += count
    return filled


class _Deadline:
    """Hangs up when the answer as a whole takes longer than the read time limit.

    The library's own limit starts again with every byte, so a server that drips could hold us for ever, and
    longer than the lease on the files.
    """

    def __init__(self) -> None:
        self.has_passed = False
        self._timer: threading.Timer | None = None

    def start(self, sock: socket.socket) -> None:
        self._timer = threading.Timer(settings.SEGMIND_READ_TIMEOUT, self._hang_up, [sock])
        self._timer.daemon = True
        self._timer.start()

    def cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _hang_up(self, sock: socket.socket) -> None:
        self.has_passed = True
        with contextlib.suppress(OSError):  # closed meanwhile
            sock.shutdown(socket.SHUT_RDWR)


class _Adapter(HTTPAdapter):
    """Starts the deadline when the body is out and the wait for the answer begins."""

    def __init__(self, deadline: _Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        deadline = self._deadline

        class Connection(pool.ConnectionCls):  # type: ignore[name-defined,misc]
            def getresponse(self) -> Any:
                deadline.start(self.sock)
                return super().getresponse()

        pool.ConnectionCls = Connection
        return pool


def _connection_error(error: requests.RequestException, body: _Body) -> SegmindError:
    if body.is_out:
        return LostAnswerError(LOST)
    if isinstance(error, requests.exceptions.SSLError):
        return UnavailableError("Segmind could not be reached safely: its certificate is not valid.")
    if isinstance(error, requests.exceptions.Timeout):
        return UnavailableError("Segmind did not answer in time.")
    return UnavailableError("Segmind could not be reached, or the connection broke while sending.")


def _urls_of(response: requests.Response, *, expected: int) -> list[str]:
    content = _read(response)
    status = response.status_code
    if not 200 <= status < 300:
        raise _error_of(response, content)
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        raise UnexpectedAnswerError("Segmind's answer is not JSON.", status=status) from None
    urls = _listed_urls(answer)
    if urls is None:
        raise UnexpectedAnswerError("Segmind's answer has no URLs.", status=status)
    if len(urls) != expected:
        raise UnexpectedAnswerError(
            f"Segmind answered {len(urls)} URLs for {expected} files.", status=status
        )
    if len(set(urls)) != len(urls):
        raise UnexpectedAnswerError("Segmind answered the same URL for several files.", status=status)
    for url in urls:
        if not is_asset_url(url):
            raise UnexpectedAnswerError(
                "Segmind answered a URL of a host that SEGMIND_ASSET_HOSTS does not list.", status=status
            )
    return urls


def _read(response: requests.Response) -> bytes:
    """The answer, up to a bound; more than that is no answer of this API."""
    content = b""
    for piece in response.iter_content(64 * 1024):
        content += piece
        if len(content) > MOST_ANSWER_BYTES:
            raise UnexpectedAnswerError("Segmind's answer is too long.", status=response.status_code)
    return content


def _listed_urls(answer: object) -> list[str] | None:
    if not isinstance(answer, dict):
        return None
    urls = answer.get("urls") or answer.get("file_urls") or answer.get("url")
    if isinstance(urls, str):
        urls = [urls]
    if not isinstance(urls, list) or not all(isinstance(url, str) for url in urls):
        return None
    return urls


def is_asset_url(url: str) -> bool:
    """Whether a URL may be stored, shown and contacted: https, and of an allowed host.

    http passes only for a loopback address that SEGMIND_ASSET_HOSTS names, with DEBUG on.
    """
    if len(url) > MOST_URL_CHARACTERS or not url.isascii() or not url.isprintable() or re.search(r"[\s\\<>\"]", url):
        return False
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if "@" in parts.netloc or not any(_matches(host, port, allowed) for allowed in settings.SEGMIND_ASSET_HOSTS):
        return False
    if parts.scheme == "https":
        return True
    return parts.scheme == "http" and settings.DEBUG and is_loopback(host)


def _matches(host: str, port: int | None, allowed: str) -> bool:
    allowed = allowed.lower()
    if re.search(r":\d+$", allowed):
        return f"{host}:{port}" == allowed
    if allowed.startswith("."):
        return host.endswith(allowed) or host == allowed[1:]
    return host == allowed


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _error_of(response: requests.Response, content: bytes) -> SegmindError:
    status = response.status_code
    message = _message_of(content) or f"Segmind answered with status {status}."
    if status in (400, 422):
        return RejectedError(message, status=status)
    if status == 413:
        return TooLargeError(message, status=status)
    if status in (401, 402, 403) or (status == 406 and "content type" not in message.lower()):
        return AccountError(message, status=status)
    if status == 429:
        return RateLimitError(message, status=status, retry_at=_retry_at(response))
    if status >= 500 or status == 408:
        return UnavailableError(message, status=status)
    return UnexpectedAnswerError(f"Segmind answered with status {status}, which is not expected.", status=status)


def _message_of(content: bytes) -> str:
    """The server's own words, where it gave some as JSON: one short line without anything like a key."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(answer, dict):
        return ""
    text = next(
        (answer[name] for name in ("error_description", "error", "message") if isinstance(answer.get(name), str)),
        "",
    )
    text = text.replace(settings.SEGMIND_API_KEY, "[key]") if settings.SEGMIND_API_KEY else text
    text = re.sub(r"SG_[0-9a-zA-Z]{8,}", "[key]", text)
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= MOST_MESSAGE_CHARACTERS else text[: MOST_MESSAGE_CHARACTERS - 1] + "…"


def _retry_at(response: requests.Response) -> datetime | None:
    """When the server wants us back: its own reset time, or `Retry-After`. Their formats are not published."""
    for name in ("x-rate-limit-reset-at-utc", "retry-after"):
        if value := response.headers.get(name, "").strip():
            if moment := _moment(value, relative=name == "retry-after"):
                return moment
    return None


def _moment(value: str, *, relative: bool) -> datetime | None:
    """A moment given as ISO 8601, as epoch seconds (or milliseconds), as an HTTP date or, `relative`, in seconds."""
    try:
        if re.fullmatch(r"\d+(\.\d+)?", value):
            seconds = float(value)
            if relative:
                return datetime.fromtimestamp(time.time() + min(seconds, 86_400), UTC)
            return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
        if "," in value:
            moment = parsedate_to_datetime(value)
        else:
            moment = datetime.fromisoformat(value)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

