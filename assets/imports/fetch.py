"""Fetches files that people name by URL, from whatever host, without letting them look into this network.

Only https on its usual port is spoken. A name is looked up once, all of its addresses have to be public, and the
connection goes to one of them. Redirects are judged in the same way. Nothing of ours is sent: no key, no cookie.
"""

import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from urllib.parse import unquote, urljoin, urlsplit

import requests
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.http import parse_header_parameters
from urllib3.exceptions import NewConnectionError

from assets.links import addresses
from assets.segmind.http import Connection, Deadline, Session
from assets.segmind.responses import is_loopback

CONNECT_TIMEOUT = 10  # seconds
READ_TIMEOUT = 30
MAX_SECONDS = 60  # beside the time that the largest file takes at the least speed
MIN_BYTES_PER_SECOND = 1_000_000
MAX_REDIRECTS = 3
MAX_URL_LENGTH = 2000
PIECE = 256 * 1024
# Nothing about this network shows in how long a refusal takes.
REFUSAL_SECONDS = 0.5
WHAT_IS_ACCEPTED = "Enter an https address of a file, such as https://example.com/picture.png."
UNREACHABLE = (
    "No file could be fetched from this address. Check that it opens for everybody, without signing in, and that it "
    "leads to the file itself."
)


class UnreachableError(ValidationError):
    """`status` is what the host answered in the end; None if it did not. People are not told."""

    def __init__(self, status: int | None) -> None:
        super().__init__(UNREACHABLE, code="unreachable")
        self.status = status


class Remote:
    """A file on its way: what the host calls it, how large it says that it is, and its bytes."""

    def __init__(self, url: str, response: requests.Response) -> None:
        self.name = _find_name(url, response)
        self.length = _find_length(response)
        self._response = response

    def pieces(self) -> Iterator[bytes]:
        try:
            yield from self._response.iter_content(PIECE)
        except ValueError:  # for a piece of negative length
            raise _RefusedError from None


def check_url(url: str) -> str:
    """The URL without blanks around it. Raises ValidationError for one that is not fetched from."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _refusal(WHAT_IS_ACCEPTED) from None
    if len(url) > MAX_URL_LENGTH or not parts.hostname or not url.isprintable() or " " in url:
        raise _refusal(WHAT_IS_ACCEPTED)
    if "@" in parts.netloc:
        raise _refusal("Leave out the name and password in the address: they would be kept with the asset.")
    if _is_local(parts.hostname) and parts.scheme in ("http", "https"):
        return url
    if parts.scheme != "https" or port not in (None, 443):
        raise _refusal(WHAT_IS_ACCEPTED)
    return url


@contextmanager
def open_remote(url: str) -> Iterator[Remote]:
    """The file at a URL, to be read within. Raises ValidationError, whatever went wrong."""
    started = time.monotonic()
    try:
        with _follow(check_url(url)) as remote:
            yield remote
    except (requests.RequestException, _RefusedError) as error:
        time.sleep(max(0.0, started + REFUSAL_SECONDS - time.monotonic()))
        raise UnreachableError(error.status if isinstance(error, _RefusedError) else None) from None


@contextmanager
def _follow(url: str) -> Iterator[Remote]:
    deadline = Deadline(MAX_SECONDS + settings.UPLOAD_MAX_FILE_BYTES / MIN_BYTES_PER_SECOND)
    for _ in range(MAX_REDIRECTS + 1):
        with Session(PublicConnection, deadline) as session, _get(session, url) as response:
            if not response.is_redirect:
                if response.status_code != HTTPStatus.OK:
                    raise _RefusedError(response.status_code)
                yield Remote(url, response)
                if deadline.has_passed:
                    raise _RefusedError
                return
            url = _find_target(url, response)
    raise _RefusedError


def _find_target(url: str, response: requests.Response) -> str:
    """Where a redirect leads."""
    try:
        return check_url(urljoin(url, response.headers["location"]))
    except (ValidationError, ValueError):
        raise _RefusedError from None


def _get(session: Session, url: str) -> requests.Response:
    return session.get(
        url,
        headers={"user-agent": "segmind-asset-library", "accept": "*/*", "accept-encoding": "identity"},
        timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
        allow_redirects=False,
        stream=True,
    )


class _RefusedError(Exception):
    """Nothing, or nothing that may be fetched."""

    def __init__(self, status: int | None = None) -> None:
        super().__init__()
        self.status = status


class PublicConnection(Connection):
    """A proxy, where one is configured, decides by itself where it connects to."""

    def _new_conn(self) -> socket.socket:
        if self.proxy is not None:
            return super()._new_conn()
        may_contact = addresses.is_loopback if _is_local(self.host) else addresses.is_public
        try:
            return addresses.connect(
                self.host, self.port, may_contact=may_contact, timeout=CONNECT_TIMEOUT, need_all=True
            )
        except OSError as error:
            raise NewConnectionError(self, str(error)) from error


def _is_local(host: str) -> bool:
    """Where the sandbox and the tests are."""
    return settings.DEBUG and is_loopback(host)


def _find_length(response: requests.Response) -> int | None:
    length = response.headers.get("content-length", "")
    return int(length) if re.fullmatch(r"[0-9]{1,18}", length) else None


def _find_name(url: str, response: requests.Response) -> str:
    parts = urlsplit(url)
    return _find_filename(response) or unquote(parts.path.rpartition("/")[2]) or parts.hostname or "file"


def _find_filename(response: requests.Response) -> str:
    try:
        _, options = parse_header_parameters(response.headers.get("content-disposition", ""))
    except ValueError:
        return ""
    return options.get("filename", "")


def _refusal(message: str) -> ValidationError:
    return ValidationError(message, code="url")
