"""gunicorn's threads, but slow clients cannot keep them.

gunicorn waits for as long as a client takes. Here a client that stalls, or sends or takes less than
UPLOAD_MIN_BYTES_PER_SECOND for a while, is hung up on. One that asks before it sends a body is asked for it only when
the application wants it.
"""

import errno
import socket
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings
from gunicorn.http.message import Request
from gunicorn.util import close_graceful
from gunicorn.workers.gthread import TConn, ThreadWorker

if TYPE_CHECKING:
    from socket import _SendableFile

    from _typeshed import ReadableBuffer

# Longer than for uploads: a player that is paused, or a computer that sleeps for a moment, takes nothing.
DOWNLOAD_STALL_SECONDS = 60
STEP_BYTES = 128 * 1024


class SlowClientError(ConnectionResetError, TimeoutError):
    """To gunicorn and Django it looks like a client that has gone, which they expect."""

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "The client is too slow")


class Patience:
    """Seconds, which waiting uses up and bytes earn back, up to the limit."""

    def __init__(self, limit: float) -> None:
        self.limit = self.left = limit

    @contextmanager
    def waiting(self, client: socket.socket) -> Iterator[None]:
        shorter = client.gettimeout()  # what gunicorn gives a client that it is about to leave
        client.settimeout(max(0.001, self.left if shorter is None else min(self.left, shorter)))
        started = time.monotonic()
        try:
            yield
        except TimeoutError:
            raise SlowClientError from None
        finally:
            self.left -= time.monotonic() - started
            client.settimeout(shorter)

    def earn(self, count: int) -> None:
        self.left = min(self.limit, self.left + count / settings.UPLOAD_MIN_BYTES_PER_SECOND)


class PacedSocket(socket.socket):
    receiving: Patience
    sending: Patience
    asking: Request | None = None  # whose client waits for “100 Continue” before it sends the body

    def begin_request(self) -> None:
        self.receiving = Patience(settings.UPLOAD_STALL_SECONDS)
        self.sending = Patience(DOWNLOAD_STALL_SECONDS)

    def recv(self, size: int, flags: int = 0) -> bytes:
        if self.asking:
            self.asking.must_close, self.asking = False, None
            self.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        with self.receiving.waiting(self):
            data = super().recv(size, flags)
        self.receiving.earn(len(data))
        return data

    def sendall(self, data: "ReadableBuffer", flags: int = 0) -> None:
        view = memoryview(data)
        for start in range(0, len(view), STEP_BYTES):
            step = view[start : start + STEP_BYTES]
            with self.sending.waiting(self):
                super().sendall(step, flags)
            self.sending.earn(len(step))

    def sendfile(self, file: "_SendableFile", offset: int = 0, count: int | None = None) -> int:
        sent = 0
        while count is None or sent < count:
            size = STEP_BYTES if count is None else min(STEP_BYTES, count - sent)
            with self.sending.waiting(self):
                step = super().sendfile(file, offset + sent, size)
            if not step:
                break
            self.sending.earn(step)
            sent += step
        return sent


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn is not typed
    def handle(self, conn: TConn) -> object:
        """Serve one request. The result says whether the connection is kept."""
        if not conn.initialized:
            conn.sock = PacedSocket(fileno=conn.sock.detach())
        conn.sock.begin_request()
        result = super().handle(conn)
        if result is False:
            # Takes up to 2 seconds. gunicorn would spend them in the one thread that accepts connections.
            close_graceful(conn.sock)
        return result

    def handle_request(self, req: Request, conn: TConn) -> object:
        """gunicorn would invite the body at once. Here the application's first read does, so after it has judged."""
        if req._expected_100_continue and not req.must_close:
            conn.sock.asking, req._expected_100_continue = req, False
            req.must_close = True  # unless the body is read: it might come uninvited
        try:
            return super().handle_request(req, conn)
        finally:
            conn.sock.asking = None

    def finish_request(self, conn: TConn, future: Future[object]) -> None:
        if conn.sock.fileno() == -1:
            self.nr_conns -= 1
        else:
            super().finish_request(conn, future)
