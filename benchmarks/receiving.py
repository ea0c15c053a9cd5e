"""What receiving a file costs: a real upload to gunicorn, beside a plain loop over the same bytes.

    python -m benchmarks.receiving [--size 300] [--repeat 5]

The loop hashes, writes and syncs what it has in memory: less is not possible. The upload brings the same bytes over a
loopback connection, in a form, to web processes as they are shipped. Both write to the same disk, in turns, and the
medians are compared. Memory is what a web process has had at most. Then 50 people upload 5 MB each at once, while
somebody looks at the library.
"""

import argparse
import hashlib
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from benchmarks.pages import free_port, wait_for
from benchmarks.worker import HEAD, installation, peak

BOUNDARY = secrets.token_hex(20)
CHUNK_BYTES = 1024 * 1024
WORKERS = 2


def random_content(size: int) -> bytes:
    """New bytes every time, for what is known need not be written."""
    return HEAD + os.urandom(size - len(HEAD))


def plain_loop(content: bytes, folder: Path) -> float:
    """Seconds to hash, write and sync the content."""
    started = time.perf_counter()
    sha256, view = hashlib.sha256(), memoryview(content)
    with tempfile.NamedTemporaryFile(dir=folder, buffering=0) as file:
        for at in range(0, len(view), CHUNK_BYTES):
            sha256.update(view[at : at + CHUNK_BYTES])
            file.write(view[at : at + CHUNK_BYTES])
        os.fsync(file.fileno())
        return time.perf_counter() - started


class Uploader:
    """A signed-in person's program."""

    def __init__(self, port: int) -> None:
        from django.contrib.auth import get_user_model
        from django.test import Client

        owner, _ = get_user_model().objects.get_or_create(username="bench")
        client = Client()
        client.force_login(owner)
        self.port = port
        self.token = secrets.token_hex(16)
        self.cookies = f"sessionid={client.cookies['sessionid'].value}; csrftoken={self.token}"

    def upload(self, content: bytes) -> float:
        """Seconds from the first byte to the answer that it was received."""
        before = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="x.bin"\r\n\r\n'.encode()
        return self.send(before, content, f"\r\n--{BOUNDARY}--\r\n".encode())

    def send(self, *parts: bytes) -> float:
        """The parts of a form; seconds from its first byte to the answer that its files were received."""
        head = self._head(sum(map(len, parts)))
        started = time.perf_counter()
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            for part in (head, *parts):
                connection.sendall(part)
            answer = connection.recv(CHUNK_BYTES)
            seconds = time.perf_counter() - started
        if not answer.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(answer[:500].decode(errors="replace"))
        return seconds

    def look(self) -> float:
        """Seconds until the library page is there."""
        started = time.perf_counter()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/", headers={"Cookie": self.cookies})
        with urllib.request.urlopen(request) as answer:
            answer.read()
        return time.perf_counter() - started

    def _head(self, length: int) -> bytes:
        lines = [
            "POST /upload/ HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            f"Cookie: {self.cookies}",
            f"X-CSRFToken: {self.token}",
            "Accept: application/json",
            "Connection: close",
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
            f"Content-Length: {length}",
        ]
        return "\r\n".join([*lines, "", ""]).encode()


@contextmanager
def web() -> Iterator[tuple[int, int]]:
    """The web processes as they are shipped; their port and the id of the first."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "segmind_site.wsgi", "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen([*command, "--workers", str(WORKERS), "--log-level", "warning"])
    try:
        wait_for(port, process)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def peak_of_children(pid: int) -> float:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return max(peak(int(child)) for child in children)


def measure(folder: Path, size: int, repeat: int) -> None:
    media = folder / "media"
    with web() as (port, pid):
        uploader = Uploader(port)
        for _ in range(2 * WORKERS):
            uploader.upload(random_content(1000))
        idle = peak_of_children(pid)
        loops, uploads = [], []
        for _ in range(repeat):
            loops.append(plain_loop(random_content(size), media))
            uploads.append(uploader.upload(random_content(size)))
        print_result(size, statistics.median(loops), statistics.median(uploads))
        crowd(uploader, 50, 5_000_000)
        print(f"web process: {idle:.0f} MB at first, {peak_of_children(pid):.0f} MB at most")


def crowd(uploader: Uploader, people: int, size: int) -> None:
    """All of them upload at once; how long the library takes to answer meanwhile."""
    bodies = [random_content(size) for _ in range(people)]
    with ThreadPoolExecutor(people + 1) as threads:
        uploads = [threads.submit(uploader.upload, body) for body in bodies]
        pages = []
        while not all(upload.done() for upload in uploads):
            pages.append(uploader.look())
        seconds = sorted(upload.result() for upload in uploads)
    at_95 = statistics.quantiles(pages, n=20)[-1]
    print(f"{people} uploads of {size // 10**6} MB at once: all received, the last after {seconds[-1]:.1f} s; ", end="")
    print(f"the library meanwhile: median {statistics.median(pages):.3f} s, 95 % within {at_95:.3f} s")


def print_result(size: int, loop: float, upload: float) -> None:
    print(f"{size // 10**6} MB: plain loop {loop:.3f} s ({size / 10**6 / loop:,.0f} MB/s), ", end="")
    print(f"upload {upload:.3f} s ({size / 10**6 / upload:,.0f} MB/s): {loop / upload:.0%} of the loop’s speed")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=300, help="megabytes of the file (%(default)s)")
    parser.add_argument("--repeat", type=int, default=5, help="rounds (%(default)s)")
    options = parser.parse_args()
    # In the folder of the project, whose disk is the one that counts; /tmp may be memory.
    with tempfile.TemporaryDirectory(prefix="receiving-", dir=".") as name, installation(Path(name).resolve()):
        measure(Path(name).resolve(), options.size * 10**6, options.repeat)


if __name__ == "__main__":
    main()
