"""HTTP sessions with a time limit for the whole response.

The time limit of a library starts again with every byte, so a server that sends one byte at a time could hold a
worker for ever.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator, Mapping
from typing import cast

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.response import HTTPResponse


class Deadline:
    """Closes a connection when its time is up.

    Time counts in steps, so that a process that was stopped for a while does not hang up on a response that has come
    meanwhile.
    """

    STEP = 1  # seconds

    def __init__(self, seconds: float) -> None:
        self.has_passed = False
        self.seconds = seconds
        self._is_cancelled = threading.Event()

    def start(self, sock: socket.socket) -> None:
        threading.Thread(target=self._watch, args=[sock], daemon=True).start()

    def cancel(self) -> None:
        self._is_cancelled.set()

    def _watch(self, sock: socket.socket) -> None:
        left = self.seconds
        while left > 0:
            if self._is_cancelled.wait(min(left, self.STEP)):
                return
            left -= self.STEP
        self.has_passed = True
        with contextlib.suppress(OSError):  # already closed
            sock.shutdown(socket.SHUT_RDWR)


class Connection(HTTPConnection):
    """Starts the deadline once the request is out. Subclasses add their own rules."""

    deadline: Deadline

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # urllib3 overrides it in the same way
        self.deadline.start(self.sock)
        return super().getresponse()


class Session(requests.Session):
    """Sends no headers of its own and cancels the deadline when it is closed."""

    def __init__(self, connection: type[Connection], deadline: Deadline) -> None:
        super().__init__()
        self.headers.clear()
        self.auth = _add_nothing
        self._deadline = deadline
        for scheme in ("https://", "http://"):
            self.mount(scheme, _Adapter(connection, deadline))

    def resolve_redirects(self, *_: object, **__: object) -> Iterator[requests.Response]:
        """None. To say where a redirect leads, requests would read all of its body and parse its address."""
        return iter(())

    def close(self) -> None:
        self._deadline.cancel()
        super().close()


def _add_nothing(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep requests from sending a password from this machine's .netrc."""
    return request


class _Adapter(HTTPAdapter):
    def __init__(self, connection: type[Connection], deadline: Deadline) -> None:
        super().__init__()
        self._connection = connection
        self._deadline = deadline

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: bool | str | None,
        proxies: Mapping[str, str] | None = None,
        cert: str | tuple[str, str] | None = None,
    ) -> HTTPConnectionPool:
        pool = cast("HTTPConnectionPool", super().get_connection_with_tls_context(request, verify, proxies, cert))
        # The pool knows whether its connections use TLS.
        bases = (self._connection, pool.ConnectionCls)
        pool.ConnectionCls = cast("type[HTTPConnection]", type("Connection", bases, {"deadline": self._deadline}))
        return pool
