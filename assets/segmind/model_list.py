"""Segmind's lists of models, which are public: nothing of ours is sent with the question, no key.

Source: the official SDK 1.3.0, `models.list()`, and https://www.segmind.com/llms.txt. The shape of what comes is left
to others.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import requests
from django.conf import settings

from assets.segmind.client import LATE, connection_error
from assets.segmind.http import Connection, Deadline, Session
from assets.segmind.responses import UnavailableError, read_content, read_json

TIMEOUT = 60  # seconds, for each list
MAX_BYTES = 4_000_000


def fetch_models() -> object:
    """The list for programs. Raises a SegmindError."""
    with _get(settings.SEGMIND_MODELS_URL) as response:
        return read_json(response, max_bytes=MAX_BYTES)


def fetch_directory() -> str:
    """The list for people and language models, a table in Markdown. Raises a SegmindError."""
    with _get(settings.SEGMIND_DIRECTORY_URL) as response:
        return read_content(response, max_bytes=MAX_BYTES).decode("utf-8", "replace")


@contextmanager
def _get(url: str) -> Iterator[requests.Response]:
    deadline = Deadline(min(TIMEOUT, settings.SEGMIND_READ_TIMEOUT))
    headers = {
        "accept": "application/json, text/plain",
        "user-agent": "segmind-asset-library",
        "accept-encoding": "identity",
    }
    timeout = (settings.SEGMIND_CONNECT_TIMEOUT, None)
    try:
        with (
            Session(Connection, deadline) as session,
            session.get(url, headers=headers, timeout=timeout, allow_redirects=False, stream=True) as response,
        ):
            yield response
    except requests.RequestException as error:
        raise (UnavailableError(LATE) if deadline.has_passed else connection_error(error)) from None
