"""A time limit for an answer as a whole.

A library's own limit starts again with every byte, so a server that drips could hold us for ever.
"""

import contextlib
import socket
import threading


class Deadline:
    """Hangs up when so many seconds have passed since the start."""

    def __init__(self, seconds: float) -> None:
        self.has_passed = False
        self.seconds = seconds
        self._timer: threading.Timer | None = None

    def start(self, sock: socket.socket) -> None:
        self._timer = threading.Timer(self.seconds, self._hang_up, [sock])
        self._timer.daemon = True
        self._timer.start()

    def cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _hang_up(self, sock: socket.socket) -> None:
        self.has_passed = True
        with contextlib.suppress(OSError):  # closed meanwhile
            sock.shutdown(socket.SHUT_RDWR)
