"""Requests to the library: pooled, sent again with growing pauses, and errors in the library's own sentences."""

import random
import re
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from segmind_assets.version import __version__

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
CONNECT_SECONDS, READ_SECONDS = 10, 120
POOL_SIZE = 32
TRY_AGAIN = (408, 425, 429, 502, 503, 504)
_random = random.SystemRandom()
TOKEN = re.compile(r"sal_[A-Za-z0-9]{8,}")


class LibraryError(Exception):
    """What the library refused, and why: `code` for programs, the text for people. `status` is that of HTTP."""

    def __init__(self, message: str, *, code: str = "error", status: int = 0, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.code, self.status, self.retry_after = code, status, retry_after

    @property
    def may_pass(self) -> bool:
        """The same request may succeed later, without anybody doing anything."""
        return (self.status in TRY_AGAIN and self.code != "too_many") or self.code == "in_progress"


class UnreachableError(LibraryError):
    """No answer has come. Codes: `unreachable`, and `host` or `certificate` where the address is probably wrong."""

    @property
    def may_pass(self) -> bool:
        return self.code == "unreachable"


class Patience:
    """How long to go on with what fails. Every pause is longer than the one before, unless the library says when."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.renew()

    def renew(self) -> None:
        """Something succeeded."""
        self._until, self._pause = time.monotonic() + self._seconds, FIRST_PAUSE

    def wait_after(self, error: LibraryError) -> None:
        """Raises the error if it is final, or there is no patience left."""
        pause = self._pause * _random.uniform(0.75, 1.25)
        if error.retry_after is not None:
            pause = max(pause, error.retry_after)
        if not error.may_pass or time.monotonic() + pause > self._until:
            raise error
        time.sleep(pause)
        self._pause = min(self._pause * 2, LONGEST_PAUSE)


class _Bearer(requests.auth.AuthBase):
    """In the place of what a .netrc says."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Connection:
    """Threads may share one. `patience`: seconds for which a request that may pass is sent again."""

    def __init__(self, url: str, token: str, *, patience: float = 30) -> None:
        self.url, self.patience = clean_url(url), patience
        if not TOKEN.fullmatch(token):
            raise LibraryError("This is not a token of a library: those begin with “sal_”.", code="token")
        self._session = requests.Session()
        self._session.auth = _Bearer(token)
        self._session.headers["User-Agent"] = f"segmind-assets/{__version__}"
        self._session.headers["Accept"] = "application/json"
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=POOL_SIZE))

    def close(self) -> None:
        self._session.close()

    def get(self, path: str, **options: Any) -> Any:
        return self.request("GET", path, **options).json()

    def post(self, path: str, **options: Any) -> requests.Response:
        """However often it is sent, it is carried out once."""
        return self.request("POST", path, headers={"Idempotency-Key": str(uuid.uuid4())}, **options)

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        patience = Patience(self.patience)
        while True:
            try:
                return self.request_once(method, path, **options)
            except LibraryError as error:
                patience.wait_after(error)

    def request_once(self, method: str, path: str, **options: Any) -> requests.Response:
        """`path` below /api/v1, or a whole address of this library. Raises LibraryError."""
        url = path if path.startswith(("http://", "https://")) else f"{self.url}/api/v1{path}"
        send: Callable[..., requests.Response] = self._session.request
        timeout = (CONNECT_SECONDS, READ_SECONDS)
        try:
            response = send(method, url, timeout=timeout, allow_redirects=False, **options)
        except requests.RequestException as error:
            code, reason = _explain(error)
            raise UnreachableError(f"Can’t reach {self.url}: {reason}.", code=code) from None
        if response.is_redirect:
            raise LibraryError(
                f"{self.url} redirects to {_origin(response.headers.get('Location', ''))}. Use that address.",
                code="redirect",
            )
        if not response.ok:
            raise _as_error(response)
        return response


def clean_url(url: str) -> str:
    """`https://assets.example.com`, without a slash at the end. Raises LibraryError."""
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise LibraryError(f"“{url}” is not the address of a library, such as https://assets.example.com.", code="url")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise LibraryError("The address of a library has no account, “?” or “#” in it.", code="url")
    return url.strip().rstrip("/").removesuffix("/api/v1")


def _explain(error: requests.RequestException) -> tuple[str, str]:
    """A code and a few words: what requests says names its own objects."""
    if isinstance(error, requests.exceptions.SSLError):
        return "certificate", "its certificate is not valid"
    if isinstance(error, requests.Timeout):
        return "unreachable", "no answer in time"
    if "NameResolutionError" in str(error):
        return "host", "there is no such host"
    return "unreachable", "connection refused" if "refused" in str(error) else "the connection broke off"


def _origin(address: str) -> str:
    return address.partition("/api/v1")[0] or "another address"


def _as_error(response: requests.Response) -> LibraryError:
    try:
        problem = response.json()
        code, detail = str(problem["code"]), str(problem["detail"])
    except (ValueError, KeyError, TypeError):
        code, detail = "error", f"{_origin(response.url)} answered {response.status_code} {response.reason}."
    wait = _read_retry_after(response.headers.get("Retry-After", ""))
    return LibraryError(detail, code=code, status=response.status_code, retry_after=wait)


def _read_retry_after(text: str) -> float | None:
    """Seconds, or a date."""
    if text.isdigit():
        return float(text)
    try:
        return (parsedate_to_datetime(text) - datetime.now(timezone.utc)).total_seconds()
    except (ValueError, TypeError):
        return None
