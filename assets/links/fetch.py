"""Fetches stored URLs without trusting their hosts.

Only hosts of SEGMIND_ASSET_HOSTS are asked, redirects are not followed, addresses inside this network are not
contacted, and no response is read further than needed. The API key is never sent.
"""

import hashlib
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import IO

import requests
from django.conf import settings
from urllib3.exceptions import NewConnectionError

from assets.links import addresses
from assets.segmind.http import Connection, Deadline, Session
from assets.segmind.responses import is_asset_url, is_loopback

CONNECT_TIMEOUT = 10  # seconds
PIECE = 64 * 1024
MAX_READ_SECONDS = 60  # for a response, beside the time that its content takes at the least speed
MIN_BYTES_PER_SECOND = 2_000_000


class UnreachableError(Exception):
    """The host did not answer, or its answer says nothing about this URL."""


class GoneError(Exception):
    """The host says that there is no such file, or that we may not have it."""


class RefusedError(GoneError):
    """403: some hosts answer it for a missing file, others for everything they refuse to serve us."""


class Throttle:
    """Called before each request to a host, it waits so that there are at most `per_second` of them."""

    def __init__(self, per_second: float) -> None:
        self.gap = 1 / per_second
        self._next = time.monotonic()

    def __call__(self) -> None:
        now = time.monotonic()
        if self._next > now:
            time.sleep(self._next - now)
        self._next = max(self._next, now) + self.gap


@dataclass(frozen=True)
class RemoteFile:
    """What a host says about a file; None or empty where it says nothing."""

    size: int | None
    media_type: str


def fetch_info(url: str, *, throttle: Throttle | None = None) -> RemoteFile:
    """Size and type as the host states them. Raises UnreachableError or GoneError."""
    with _request("HEAD", url, throttle=throttle) as response:
        if response.status_code in (HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED):
            return RemoteFile(None, "")
        _raise_for_status(response)
        length = response.headers.get("content-length", "")
        return RemoteFile(int(length) if re.fullmatch(r"\d{1,18}", length) else None, _media_type(response))


def fetch_range(url: str, start: int, length: int, *, throttle: Throttle | None = None) -> bytes | None:
    """`length` bytes from `start` on, or None if the host only serves whole files and `start` is not 0."""
    ranges = {"range": f"bytes={start}-{start + length - 1}"}
    with _request("GET", url, ranges, throttle=throttle) as response:
        _raise_for_status(response)
        if response.status_code != HTTPStatus.PARTIAL_CONTENT and start:
            return None
        content = b""
        for piece in response.iter_content(PIECE):
            content += piece
            if len(content) >= length:
                break
        return content[:length]


def fetch_sha256(url: str, *, max_bytes: int, target: IO[bytes] | None = None, throttle: Throttle | None = None) -> str:
    """The SHA-256 of the whole content, or an empty string if it is longer than `max_bytes`. Written to `target`."""
    digest, size = hashlib.sha256(), 0
    with _request("GET", url, max_bytes=max_bytes, throttle=throttle) as response:
        _raise_for_status(response)
        for piece in response.iter_content(PIECE):
            size += len(piece)
            if size > max_bytes:
                return ""
            digest.update(piece)
            if target is not None:
                target.write(piece)
    return digest.hexdigest()


@contextmanager
def _request(
    method: str,
    url: str,
    headers: dict[str, str] | None = None,
    *,
    max_bytes: int = 0,
    throttle: Throttle | None = None,
) -> Iterator[requests.Response]:
    if not is_asset_url(url):
        raise UnreachableError("The host is not one of SEGMIND_ASSET_HOSTS.")
    if throttle is not None:
        throttle()
    deadline = Deadline(MAX_READ_SECONDS + max_bytes / MIN_BYTES_PER_SECOND)
    try:
        with (
            Session(_PublicConnection, deadline) as session,
            session.request(
                method,
                url,
                headers={"user-agent": "segmind-asset-library", "accept-encoding": "identity", **(headers or {})},
                timeout=(_connect_timeout(), settings.LINK_TIMEOUT),
                allow_redirects=False,
                stream=True,
            ) as response,
        ):
            yield response
    except requests.RequestException:
        raise UnreachableError("The host could not be reached.") from None
    if deadline.has_passed:
        raise UnreachableError("The host sends too slowly.")


def _raise_for_status(response: requests.Response) -> None:
    status = response.status_code
    if status == HTTPStatus.FORBIDDEN:
        raise RefusedError("The host refused the request.")
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        raise GoneError(f"The host answered with status {status}.")
    if status not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
        raise UnreachableError(f"The host answered with status {status}.")


def _media_type(response: requests.Response) -> str:
    return response.headers.get("content-type", "").partition(";")[0].strip().lower()


def _connect_timeout() -> float:
    return float(min(CONNECT_TIMEOUT, settings.LINK_TIMEOUT))


class _PublicConnection(Connection):
    """Contacts public addresses only. A proxy, where one is configured, does that itself."""

    def _new_conn(self) -> socket.socket:
        if self.proxy is not None:
            return super()._new_conn()
        # For tests and the sandbox.
        is_local = settings.DEBUG and is_loopback(self.host)
        may_contact = addresses.is_loopback if is_local else addresses.is_public
        try:
            return addresses.connect(self.host, self.port, may_contact=may_contact, timeout=_connect_timeout())
        except OSError as error:
            raise NewConnectionError(self, str(error)) from error
