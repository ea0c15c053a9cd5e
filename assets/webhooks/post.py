"""One signed request to a webhook, by the address rules of imports. Redirects are not followed."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import requests

from assets.imports.fetch import CONNECT_TIMEOUT, PublicConnection
from assets.models.webhooks import ANSWER_LENGTH
from assets.segmind.http import Deadline, Session
from assets.text.shorten import shorten

READ_TIMEOUT = 10  # seconds
MAX_SECONDS = 15
# As much of an answer as is read.
MAX_BYTES = 1000
UNREACHABLE = "No answer. Check that the address can be reached from the internet."


@dataclass(frozen=True)
class Answer:
    """`status` is None if there was none; `text` then says what to do."""

    status: int | None
    text: str

    @property
    def is_success(self) -> bool:
        return self.status is not None and HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def is_gone(self) -> bool:
        return self.status == HTTPStatus.GONE


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Never raises for what the other side does. Nothing of this network shows in the answer."""
    try:
        with Session(PublicConnection, Deadline(MAX_SECONDS)) as session:
            return _post(session, url, body, headers)
    except requests.RequestException:
        return Answer(None, UNREACHABLE)


def _post(session: Session, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    sent = {
        "user-agent": "segmind-asset-library",
        "content-type": "application/json",
        "accept-encoding": "identity",
        **headers,
    }
    timeout = (CONNECT_TIMEOUT, READ_TIMEOUT)
    with session.post(url, body, headers=sent, timeout=timeout, allow_redirects=False, stream=True) as response:
        return Answer(response.status_code, _as_text(_read_beginning(response)))


def _read_beginning(response: requests.Response) -> bytes:
    """Empty if it cannot be read: the status alone says whether the event was taken."""
    try:
        return next(response.iter_content(MAX_BYTES), b"")
    except (requests.RequestException, ValueError):
        return b""


def _as_text(content: bytes) -> str:
    text = "".join(letter if letter.isprintable() else " " for letter in content.decode(errors="replace"))
    return shorten(" ".join(text.split()), ANSWER_LENGTH)
