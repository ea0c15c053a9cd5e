"""gunicorn's threads, but slow clients cannot keep them.

gunicorn waits for as long as a client takes. Here a client that stalls, or sends more slowly than
UPLOAD_MIN_BYTES_PER_SECOND for UPLOAD_STALL_SECONDS, is hung up on.
"""

import errno
import socket
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings
from gunicorn.util import close_graceful
from gunicorn.workers.gthread import TConn, ThreadWorker

if TYPE_CHECKING:
    from socket import _SendableFile

    from _typeshed import ReadableBuffer

MAX_SEND_SECONDS = 60  # for a client to take a piece of the response


class SlowClientError(ConnectionResetError, TimeoutError):
    """To gunicorn and Django it looks like a client that has gone, which they expect."""

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "The client is too slow")


class PacedSocket(socket.socket):
    """Time spent waiting for bytes uses up its patience, and bytes that arrive restore it."""

    patience = 0.0

    def setblocking(self, flag: bool) -> None:
        """What blocks, blocks for a limited time."""
        self.settimeout(MAX_SEND_SECONDS if flag else 0)

    def recv(self, size: int, flags: int = 0) -> bytes:
        limit = self.gettimeout() or MAX_SEND_SECONDS
        started = time.monotonic()
        with _hanging_up():
            self.settimeout(max(0.001, min(limit, self.patience)))
            data = super().recv(size, flags)
        self.settimeout(limit)
        earned = len(data) / settings.UPLOAD_MIN_BYTES_PER_SECOND
        self.patience += earned - (time.monotonic() - started)
        self.patience = min(self.patience, settings.UPLOAD_STALL_SECONDS)
        return data

    def sendall(self, data: "ReadableBuffer", flags: int = 0) -> None:
        with _hanging_up():
            super().sendall(data, flags)

    def sendfile(self, file: "_SendableFile", offset: int = 0, count: int | None = None) -> int:
        with _hanging_up():
            return super().sendfile(file, offset, count)


@contextmanager
def _hanging_up() -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise SlowClientError from None


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn is not typed
    def handle(self, conn: TConn) -> object:
        """Serve one request. The result says whether the connection is kept."""
        if not conn.initialized:
            conn.sock = PacedSocket(fileno=conn.sock.detach())
        conn.sock.patience = settings.UPLOAD_STALL_SECONDS
        result = super().handle(conn)
        if result is False:
            # Takes up to 2 seconds. gunicorn would spend them in the one thread that accepts connections.
            close_graceful(conn.sock)
        return result

    def finish_request(self, conn: TConn, future: Future[object]) -> None:
        if conn.sock.fileno() == -1:
            self.nr_conns -= 1
        else:
            super().finish_request(conn, future)
