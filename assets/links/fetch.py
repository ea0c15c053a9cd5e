"""Reading stored URLs: what a host answers for one, without trusting it.

Only hosts of SEGMIND_ASSET_HOSTS are asked, redirects are not followed, an address inside this network is not
spoken to, and no answer is read further than asked for. No key travels here.
"""

import hashlib
import ipaddress
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import requests
from django.conf import settings

from assets.segmind.http import Connection, Deadline, Session
from assets.segmind.responses import is_asset_url, is_loopback

CONNECT_TIMEOUT = 10  # seconds
PIECE = 64 * 1024
# Of one answer as a whole; a content of 500 MB at 10 MB/s fits.
MAX_READ_SECONDS = 60  # seconds
GONE = (404, 410)


class UnreachableError(Exception):
    """The host did not answer, or not about this URL: nothing is known of the link."""


class GoneError(Exception):
    """The host says that there is no such file, or none for us."""


class RefusedError(GoneError):
    """None for us (403): so some hosts say that there is no such file, and others that they serve us nothing."""


def at_once() -> None:
    pass


class Pace:
    """Called before each request to a host, it waits for as long as keeps to so many of them a second."""

    def __init__(self, per_second: float) -> None:
        self.gap = 1 / per_second
        self._next = time.monotonic()

    def __call__(self) -> None:
        now = time.monotonic()
        if self._next > now:
            time.sleep(self._next - now)
        self._next = max(self._next, now) + self.gap


@dataclass(frozen=True)
class Facts:
    """What a host says of a file: bytes and media type, where it says them."""

    size: int | None
    media_type: str


def facts(url: str, *, pace: Callable[[], None] = at_once) -> Facts:
    """Size and type as the host states them, asked for at that pace. Raises UnreachableError or GoneError."""
    pace()
    with _request("HEAD", url) as response:
        if response.status_code in (405, 501):
            return Facts(None, "")
        _check(response)
        length = response.headers.get("content-length", "")
        return Facts(int(length) if re.fullmatch(r"\d{1,18}", length) else None, _media_type(response))


def part(url: str, start: int, length: int, *, pace: Callable[[], None] = at_once) -> bytes | None:
    """`length` bytes from `start` on; None where the host sends only whole files and `start` is not 0."""
    pace()
    with _request("GET", url, {"range": f"bytes={start}-{start + length - 1}"}) as response:
        _check(response)
        if response.status_code != 206 and start:
            return None
        content = b""
        for piece in response.iter_content(PIECE):
            content += piece
            if len(content) >= length:
                break
        return content[:length]


def digest(url: str, *, max_bytes: int) -> str:
    """SHA-256 of the whole content, which is read up to `max_bytes`; longer ones are no file of ours."""
    found, size = hashlib.sha256(), 0
    with _request("GET", url) as response:
        _check(response)
        for piece in response.iter_content(PIECE):
            size += len(piece)
            if size > max_bytes:
                return ""
            found.update(piece)
    return found.hexdigest()


@contextmanager
def _request(method: str, url: str, headers: dict[str, str] | None = None) -> Iterator[requests.Response]:
    if not is_asset_url(url):
        raise UnreachableError("Its host is not one of SEGMIND_ASSET_HOSTS.")
    deadline = Deadline(MAX_READ_SECONDS)
    try:
        with (
            Session(_PublicConnection, deadline) as session,
            session.request(
                method,
                url,
                headers={"user-agent": "segmind-asset-library", "accept-encoding": "identity", **(headers or {})},
                timeout=(min(CONNECT_TIMEOUT, settings.LINK_TIMEOUT), settings.LINK_TIMEOUT),
                allow_redirects=False,
                stream=True,
            ) as response,
        ):
            yield response
    except requests.RequestException:
        raise UnreachableError("It could not be reached.") from None
    if deadline.has_passed:
        raise UnreachableError("Its host sends too slowly.")


def _check(response: requests.Response) -> None:
    if response.status_code == 403:
        raise RefusedError("Its host refuses it.")
    if response.status_code in GONE:
        raise GoneError(f"Its host answers with status {response.status_code}.")
    if response.status_code not in (200, 206):
        raise UnreachableError(f"Its host answers with status {response.status_code}.")


def _media_type(response: requests.Response) -> str:
    return response.headers.get("content-type", "").partition(";")[0].strip().lower()


class _PublicConnection(Connection):
    """Hangs up before sending a byte if the host's name leads to an address inside this network."""

    def connect(self) -> None:
        super().connect()
        if self.proxy is None and not _is_public(self.sock.getpeername()[0], self.host):
            self.close()
            raise requests.ConnectionError("The address is inside this network.")


def _is_public(address: str, host: str) -> bool:
    if ipaddress.ip_address(address.partition("%")[0]).is_global:
        return True
    # A loopback address that the settings name themselves: tests and the sandbox.
    return settings.DEBUG and is_loopback(host)
