"""What Segmind answers, made into URLs or into an error that says whose fault it is.

An error's text is safe to show: the key, and whatever looks like one, is taken out of the server's words.
"""

import ipaddress
import json
import re
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import requests
from django.conf import settings

MOST_ANSWER_BYTES = 1_000_000
MOST_MESSAGE_CHARACTERS = 300
# Printable ASCII, without what must not stand in a page or an attribute.
URL = re.compile(r"[!#-;=?-\[\]-~]{1,2000}")
# What of a URL says which host it leads to, and how.
ORIGIN = re.compile(r"https?://[^/?#]+", re.IGNORECASE)


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
    """An answer we do not understand or do not trust."""

    @property
    def may_have_stored(self) -> bool:
        """Whether it claims success: then the files may be stored under URLs that we did not get."""
        return self.status is not None and 200 <= self.status < 300


class UnreadableFileError(SegmindError):
    """A file could not be read here, so the request was broken off. `number`: its place in the request."""

    def __init__(self, number: int) -> None:
        super().__init__("The original is missing or damaged on this server.")
        self.number = number


def urls_of(response: requests.Response, *, expected: int) -> list[str]:
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
        raise UnexpectedAnswerError(f"Segmind answered {len(urls)} URLs for {expected} files.", status=status)
    if len(set(urls)) != len(urls):
        raise UnexpectedAnswerError("Segmind answered the same URL for several files.", status=status)
    # Hundreds of URLs have one origin, as a rule.
    if not all(map(_is_allowed, set(map(_origin, urls)))):
        raise UnexpectedAnswerError(
            "Segmind answered a URL of a host that SEGMIND_ASSET_HOSTS does not list.", status=status
        )
    return urls


def credits_of(response: requests.Response) -> float | None:
    """The credits that an answer names; None where it says of a good key that it knows of none."""
    content = _read(response)
    status = response.status_code
    if status == 404 and _message_of(content):
        return None
    if not 200 <= status < 300:
        raise _error_of(response, content)
    try:
        return float(json.loads(content)["credits"])
    except (ValueError, TypeError, LookupError, RecursionError):
        raise UnexpectedAnswerError("Segmind's answer names no credits.", status=status) from None


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
    return _is_allowed(_origin(url))


def _origin(url: str) -> str:
    """The origin of a URL, as it stands there; empty where the URL has none, or a character that it should not."""
    found = ORIGIN.match(url)
    return found[0] if found and URL.fullmatch(url) else ""


def _is_allowed(origin: str) -> bool:
    try:
        parts = urlsplit(origin)
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
            moment = _moment(value, relative=name == "retry-after")
            if moment is not None:
                return moment
    return None


def _date(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value.removesuffix(" UTC"))
    except ValueError:
        return parsedate_to_datetime(value)


def _moment(value: str, *, relative: bool) -> datetime | None:
    """A moment given as ISO 8601, as epoch seconds (or milliseconds), as an HTTP date or, `relative`, in seconds."""
    try:
        if re.fullmatch(r"\d+(\.\d+)?", value):
            seconds = float(value)
            if relative or seconds < 1e6:  # no moment of this century: so many seconds from now
                return datetime.fromtimestamp(time.time() + min(seconds, 86_400), UTC)
            return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
        moment = _date(value)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
