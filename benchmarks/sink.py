"""A loopback server that plays Segmind as fast as a socket can be read: bodies are counted, not decoded.

    python -m benchmarks.sink [LIMIT SECONDS]

prints its address, and serves until it is ended. With a limit it answers 429 to what is more than so many requests in
so many seconds. GET answers what it has counted.
"""

import json
import math
import re
import socket
import subprocess
import sys
import threading
import time

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
# Small enough that what travels stays in the processor's cache, for every client alike.
BUFFER = 256 * 1024
RECEIVE_BUFFER = 1024 * 1024
# A body has two in its only name and two around each data URL; base64 has none.
MARK = b'"'


class Limit:
    """Counts requests, and says which are too many."""

    def __init__(self, most: float, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._taken: list[float] = []
        self._lock = threading.Lock()
        self.counts = {"requests": 0, "refused": 0, "files": 0}

    def refuses(self) -> bool:
        with self._lock:
            now = time.monotonic()
            self._taken = [moment for moment in self._taken if moment > now - self._seconds]
            refused = len(self._taken) >= self._most
            if not refused:
                self._taken.append(now)
            self.counts["requests"] += 1
            self.counts["refused"] += refused
            return refused


def serve(listener: socket.socket, limit: Limit) -> None:
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_exchanges, args=[connection, limit], daemon=True).start()


def _exchanges(connection: socket.socket, limit: Limit) -> None:
    buffer = bytearray(BUFFER)
    with connection:
        while _exchange(connection, buffer, limit):
            pass


def _exchange(connection: socket.socket, buffer: bytearray, limit: Limit) -> bool:
    head = b""
    while b"\r\n\r\n" not in head:
        received = connection.recv(65536)
        if not received:
            return False
        head += received
    head, _, start = head.partition(b"\r\n\r\n")
    if head.startswith(b"GET"):
        return _answer(connection, 200, limit.counts)
    refused = limit.refuses()
    found = LENGTH.search(head + b"\r\n")
    if b"100-continue" in head:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    left = int(found[1]) - len(start) if found else 0
    marks = _marks(start, len(start))
    while left > 0:
        count = connection.recv_into(buffer)
        if not count:
            return False
        left -= count
        marks += _marks(buffer, count)
    urls = [f"https://images.segmind.com/assets/{number}.bin" for number in range((marks - 2) // 2)]
    if refused:
        return _answer(connection, 429, {"error": "Rate limit exceeded"})
    limit.counts["files"] += len(urls)
    return _answer(connection, 200, {"file_urls": urls, "message": "ok"})


def _marks(piece: bytes | bytearray, end: int) -> int:
    """How many marks there are before `end`. `find` looks at many bytes at a time, `count` at one."""
    marks, at = 0, -1
    while (at := piece.find(MARK, at + 1, end)) >= 0:
        marks += 1
    return marks


def _answer(connection: socket.socket, status: int, document: object) -> bool:
    body = json.dumps(document).encode()
    head = b"HTTP/1.1 %d -\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % (status, len(body))
    connection.sendall(head + body)
    return True


class Sink:
    """The server in a process of its own, so that its time and memory are not ours; entering gives its address."""

    def __init__(self, *limit: float) -> None:
        self._limit = [str(number) for number in limit]

    def __enter__(self) -> str:
        command = [sys.executable, "-m", "benchmarks.sink", *self._limit]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.communicate()


def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    sys.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}/upload-asset\n")
    sys.stdout.flush()
    serve(listener, Limit(*(map(float, sys.argv[1:]) if sys.argv[1:] else (math.inf, 1))))


if __name__ == "__main__":
    main()
