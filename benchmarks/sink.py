"""A loopback server that plays Segmind as fast as a socket can be read: bodies are counted, not decoded.

    python -m benchmarks.sink

prints its address, and serves until it is ended.
"""

import json
import re
import socket
import subprocess
import sys
import threading

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
BUFFER = 1024 * 1024
# A body has two in its only name and two around each data URL; base64 has none.
MARK = b'"'


def serve(listener: socket.socket) -> None:
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_exchanges, args=[connection], daemon=True).start()


def _exchanges(connection: socket.socket) -> None:
    buffer = bytearray(BUFFER)
    with connection:
        while _exchange(connection, buffer):
            pass


def _exchange(connection: socket.socket, buffer: bytearray) -> bool:
    head = b""
    while b"\r\n\r\n" not in head:
        received = connection.recv(65536)
        if not received:
            return False
        head += received
    head, _, start = head.partition(b"\r\n\r\n")
    found = LENGTH.search(head + b"\r\n")
    if b"100-continue" in head:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    left = int(found[1]) - len(start) if found else 0
    marks = start.count(MARK)
    while left > 0:
        count = connection.recv_into(buffer)
        if not count:
            return False
        left -= count
        marks += buffer.count(MARK, 0, count)
    urls = [f"https://images.segmind.com/assets/{number}.bin" for number in range((marks - 2) // 2)]
    body = json.dumps({"file_urls": urls, "message": "ok"}).encode()
    connection.sendall(
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body) + body
    )
    return True


class Sink:
    """The server in a process of its own, so that its time and memory are not ours; entering gives its address."""

    def __enter__(self) -> str:
        command = [sys.executable, "-m", "benchmarks.sink"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.communicate()


def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}/upload-asset\n")
    sys.stdout.flush()
    serve(listener)


if __name__ == "__main__":
    main()
