"""The client for Segmind Storage: one streamed HTTP request in, URLs or a typed error out.

It knows nothing about the database. The API key goes into one header and nowhere else: no log line, error or result
of this module contains it.

Source: Segmind's help centre, "Segmind Storage"; responses and errors as the official SDK and public programs see
them (the documented response has `urls`, the observed one `file_urls`).
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import requests
from django.conf import settings

from assets.segmind.body import Body, FileToSend
from assets.segmind.http import Connection, Deadline, Session
from assets.segmind.responses import (
    LostResponseError,
    SegmindError,
    UnavailableError,
    UnexpectedResponseError,
    read_credits,
    read_urls,
)

CREDITS_TIMEOUT = 30  # seconds
LATE = "Segmind did not answer in time."
LOST = "The files were sent, but Segmind’s response was lost."


def key_fingerprint() -> str:
    """Identifies a key in the list of upload requests without revealing it."""
    return hashlib.sha256(settings.SEGMIND_API_KEY.encode()).hexdigest()[:12]


def upload(files: Sequence[FileToSend], *, on_progress: Callable[[], None] | None = None) -> list[str]:
    """Store the files with one request. Returns their URLs in the order of the files; raises a SegmindError.

    `on_progress` is called now and then while the body is being sent. An exception from it ends the request.
    """
    body = Body(files, on_progress)
    deadline = Deadline(settings.SEGMIND_READ_TIMEOUT)
    headers = {"accept": "application/json, text/plain, */*", "content-type": "application/json"}
    try:
        with request_with_key("POST", settings.SEGMIND_UPLOAD_URL, headers, deadline=deadline, body=body) as response:
            return read_urls(response, expected=len(files))
    except UnexpectedResponseError:
        # What had arrived when we hung up can look like a short but complete response.
        if deadline.has_passed:
            raise LostResponseError(LOST) from None
        raise
    except requests.RequestException as error:
        if body.is_sent:
            raise LostResponseError(LOST) from None
        raise body.find_fault() or connection_error(error) from None
    finally:
        body.close()


def credits_left() -> float | None:
    """The credits left in the key's account, or None if the key works but Segmind names no credits.

    Raises a SegmindError: an AccountError if the key is refused. Nothing is uploaded.
    """
    deadline = Deadline(min(CREDITS_TIMEOUT, settings.SEGMIND_READ_TIMEOUT))
    headers = {"accept": "application/json"}
    try:
        with request_with_key("GET", settings.SEGMIND_CREDITS_URL, headers, deadline=deadline) as response:
            return read_credits(response)
    except requests.RequestException as error:
        if deadline.has_passed:
            raise UnavailableError(LATE) from None
        raise connection_error(error) from None


@contextmanager
def request_with_key(
    method: str, url: str, headers: dict[str, str], *, deadline: Deadline, body: Body | None = None
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
            # The socket would count the time during which this process is stopped.
            timeout=(settings.SEGMIND_CONNECT_TIMEOUT, None),
            allow_redirects=False,
            stream=True,
        ) as response,
    ):
        yield response


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


def connection_error(error: requests.RequestException) -> SegmindError:
    if isinstance(error, requests.exceptions.SSLError):
        return UnavailableError("Segmind could not be reached safely: its certificate is not valid.")
    if isinstance(error, requests.exceptions.Timeout):
        return UnavailableError(LATE)
    return UnavailableError("Segmind could not be reached, or the connection broke.")
