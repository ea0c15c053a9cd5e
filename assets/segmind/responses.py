"""Turns Segmind's responses into URLs, or into an error that says whose fault it is.

The text of an error is safe to show: the key, and anything that looks like one, is removed from the server's message.
"""

import ipaddress
import json
import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import requests
from django.conf import settings

from assets.text.shorten import shorten

MAX_RESPONSE_BYTES = 1_000_000
MAX_MESSAGE_LENGTH = 300
MAX_RETRY_SECONDS = 86_400
# Smaller numbers cannot be dates of this century: they count seconds from now, or seconds instead of milliseconds.
MIN_EPOCH_SECONDS = 1e6
MIN_EPOCH_MILLISECONDS = 1e11
# Printable ASCII, without what must not appear in a page or an attribute.
URL = re.compile(r"[!#-;=?-\[\]-~]{1,2000}")
# Scheme and host of a URL.
ORIGIN = re.compile(r"https?://[^/?#]+", re.IGNORECASE)
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NAME = rf"(?=[a-z0-9.-]{{1,253}}(:|\Z))({_LABEL}\.)*{_LABEL}"
HOST = re.compile(rf"(?P<host>{_NAME}|\[[0-9a-f:.]+\])(:(?P<port>\d{{1,5}}))?")
HTTPS_PORT = "443"


class SegmindError(Exception):
    """A request that returned no URLs. The subclass says whose fault it is; the text is safe to show."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


class RejectedError(SegmindError):
    """Segmind refuses something in this request (400, 422): one of its files, not the others."""


class TooLargeError(SegmindError):
    """The body is larger than Segmind accepts (413)."""


class AccountError(SegmindError):
    """The key or the account is refused (401, 402, 403, 406). No file is at fault, and none can be stored for now."""


class RateLimitError(SegmindError):
    """Too many requests (429). `retry_at` is when to come back, or None if the server does not say."""

    def __init__(self, message: str, *, status: int | None = None, retry_at: datetime | None = None) -> None:
        super().__init__(message, status=status)
        self.retry_at = retry_at


class UnavailableError(SegmindError):
    """Segmind or the network has a problem (5xx, no connection). Nothing was stored; try again later."""


class LostResponseError(SegmindError):
    """The whole body was sent and no response came back. The files may or may not be stored."""


class UnexpectedResponseError(SegmindError):
    """A response that we do not understand or do not trust."""

    @property
    def may_have_stored(self) -> bool:
        """Whether it claims success, so that the files may be stored under URLs that we did not get."""
        return self.status is not None and _is_success(self.status)


class TooLongError(UnexpectedResponseError):
    """A response that is longer than is read."""


class DamagedFileError(SegmindError):
    """Files on this server are missing or not what they were, so the request was cut short and nothing was stored.

    `numbers` are their places in the request.
    """

    def __init__(self, numbers: Sequence[int]) -> None:
        super().__init__("The copy on this server is damaged.")
        self.numbers = numbers


ERRORS: dict[int, type[SegmindError]] = {
    HTTPStatus.BAD_REQUEST: RejectedError,
    HTTPStatus.UNPROCESSABLE_ENTITY: RejectedError,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: TooLargeError,
    HTTPStatus.UNAUTHORIZED: AccountError,
    HTTPStatus.PAYMENT_REQUIRED: AccountError,
    HTTPStatus.FORBIDDEN: AccountError,
    HTTPStatus.REQUEST_TIMEOUT: UnavailableError,
}


def read_urls(response: requests.Response, *, expected: int) -> list[str]:
    content = _read(response)
    status = response.status_code
    if not _is_success(status):
        raise _make_error(response, content)
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise UnexpectedResponseError("Segmind’s response is not JSON.", status=status) from None
    urls = _find_urls(document)
    if urls is None:
        raise UnexpectedResponseError("Segmind’s response has no URLs.", status=status)
    if len(urls) != expected:
        raise UnexpectedResponseError(f"Segmind returned {len(urls)} URLs for {expected} files.", status=status)
    if len(set(urls)) != len(urls):
        raise UnexpectedResponseError("Segmind returned the same URL for several files.", status=status)
    # Hundreds of URLs usually share one origin.
    if not all(map(_is_allowed, set(map(_origin, urls)))):
        raise UnexpectedResponseError(
            "Segmind returned a URL on a host that SEGMIND_ASSET_HOSTS does not list.", status=status
        )
    return urls


def read_credits(response: requests.Response) -> float | None:
    """The credits that a response names, or None if it knows of none for a valid key."""
    content = _read(response)
    status = response.status_code
    if status == HTTPStatus.NOT_FOUND and _find_message(content):
        return None
    if not _is_success(status):
        raise _make_error(response, content)
    try:
        return float(json.loads(content)["credits"])
    except (ValueError, TypeError, LookupError, RecursionError):
        raise UnexpectedResponseError("Segmind’s response names no credits.", status=status) from None


def read_content(response: requests.Response, *, max_bytes: int) -> bytes:
    """The body of a successful response of up to `max_bytes`. Raises TooLongError for a longer one."""
    content = _read(response, max_bytes)
    if not _is_success(response.status_code):
        raise _make_error(response, content)
    return content


def read_json(response: requests.Response, *, max_bytes: int) -> object:
    """Such a body as a document."""
    try:
        return json.loads(read_content(response, max_bytes=max_bytes))
    except (ValueError, RecursionError):
        raise UnexpectedResponseError("Segmind’s response is not JSON.", status=response.status_code) from None


def _is_success(status: int) -> bool:
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def _read(response: requests.Response, max_bytes: int = MAX_RESPONSE_BYTES) -> bytes:
    """The body of a response, up to a limit that no upload's response exceeds."""
    content = bytearray()
    for piece in response.iter_content(64 * 1024):
        content += piece
        if len(content) > max_bytes:
            raise TooLongError("Segmind’s response is too long.", status=response.status_code)
    return bytes(content)


def _find_urls(document: object) -> list[str] | None:
    if not isinstance(document, dict):
        return None
    urls = document.get("urls") or document.get("file_urls") or document.get("url")
    if isinstance(urls, str):
        urls = [urls]
    if not isinstance(urls, list) or not all(isinstance(url, str) for url in urls):
        return None
    return urls


def is_asset_url(url: str) -> bool:
    """Whether a URL may be stored, shown and contacted: it uses https and its port, and its host is allowed.

    http and other ports are allowed only for a loopback address that SEGMIND_ASSET_HOSTS names, with DEBUG on.
    """
    return _is_allowed(_origin(url))


def _origin(url: str) -> str:
    """Scheme and host of a URL as written; empty if it has none, or contains a character that it must not."""
    origin = ORIGIN.match(url)
    return origin[0] if origin and URL.fullmatch(url) else ""


def _is_allowed(origin: str) -> bool:
    scheme, _, network_location = origin.lower().partition("://")
    parts = HOST.fullmatch(network_location)
    if parts is None:
        return False
    host, port = parts["host"], parts["port"]
    if not any(_matches(host, port, allowed) for allowed in _allowed_hosts()):
        return False
    is_local = settings.DEBUG and is_loopback(host.strip("[]"))
    return is_local or (scheme == "https" and port in (None, HTTPS_PORT))


def _allowed_hosts() -> list[str]:
    return [allowed.strip().lower() for allowed in settings.SEGMIND_ASSET_HOSTS]


def _matches(host: str, port: str | None, allowed: str) -> bool:
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


def _make_error(response: requests.Response, content: bytes) -> SegmindError:
    status = response.status_code
    message = _find_message(content) or f"Segmind answered with status {status}."
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimitError(message, status=status, retry_at=_read_retry_at(response))
    # 406 means a lack of credits, or that something in between does not understand the request.
    if status == HTTPStatus.NOT_ACCEPTABLE and "content type" not in message.lower():
        return AccountError(message, status=status)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return UnavailableError(message, status=status)
    if error := ERRORS.get(status):
        return error(message, status=status)
    return UnexpectedResponseError(f"Segmind answered with an unexpected status: {status}.", status=status)


def _find_message(content: bytes) -> str:
    """The message of a JSON response as one short line without anything like a key, or an empty string."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(document, dict):
        return ""
    values = (document.get(name) for name in ("error_description", "error", "message"))
    text = next((value for value in values if isinstance(value, str)), "")
    text = text.replace(settings.SEGMIND_API_KEY, "[key]") if settings.SEGMIND_API_KEY else text
    text = re.sub(r"SG_[0-9a-zA-Z]{8,}", "[key]", text)
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= MAX_MESSAGE_LENGTH else shorten(text, MAX_MESSAGE_LENGTH - 1) + "…"


def _read_retry_at(response: requests.Response) -> datetime | None:
    """When to come back: Segmind's own reset time, or `Retry-After`. Their formats are not published."""
    for name in ("x-rate-limit-reset-at-utc", "retry-after"):
        if value := response.headers.get(name, "").strip():
            moment = parse_time(value, relative=name == "retry-after")
            if moment is not None:
                return moment
    return None


def _parse_date(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value.removesuffix(" UTC"))
    except ValueError:
        return parsedate_to_datetime(value)


def parse_time(value: str, *, relative: bool) -> datetime | None:
    """A time given in ISO 8601, epoch seconds or milliseconds, as an HTTP date or, if `relative`, in seconds."""
    try:
        if re.fullmatch(r"\d+(\.\d+)?", value):
            seconds = float(value)
            if relative or seconds < MIN_EPOCH_SECONDS:
                return datetime.fromtimestamp(time.time() + min(seconds, MAX_RETRY_SECONDS), UTC)
            return datetime.fromtimestamp(seconds / 1000 if seconds > MIN_EPOCH_MILLISECONDS else seconds, UTC)
        moment = _parse_date(value)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
