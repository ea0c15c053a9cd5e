"""Large uploads by the command line while client, server and network are killed at random.

    python -m benchmarks.interruptions [--uploads 50] [--megabytes 200] [--minutes 60] [--seed 1]

Reports what arrived, and whether a byte was sent again that the server had confirmed. One file is sent after the other,
and removed once it was compared, so that a few times the size of one are enough room. No upload is begun after so many
minutes. The command line needs the packages of `clients/python`.
"""

import argparse
import contextlib
import hashlib
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from benchmarks.pages import free_port, wait_for
from benchmarks.receiving import random_content
from benchmarks.worker import client_environment, installation

TROUBLE_EVERY = (0.2, 1.2)  # seconds
# Of one file: then it is left alone, so that it arrives on a slow machine, too.
TROUBLED_SECONDS, MAX_SECONDS = 30, 600
PIECE = 256 * 1024
_OFFSET = re.compile(rb"^upload-offset: *(\d+)\r$", re.I | re.M)
_LENGTH = re.compile(rb"^content-length: *(\d+)\r$", re.I | re.M)


class Network:
    """Passes on what client and server send, notes offsets on the way, and can be cut."""

    def __init__(self, server_port: int) -> None:
        self.server_port = server_port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.open: set[socket.socket] = set()
        # By upload: how far the server has confirmed it.
        self.confirmed: Counter[bytes] = Counter()
        self.sent_again = 0
        self.bytes_up = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        for end in list(self.open):
            with contextlib.suppress(OSError):  # it is closed already
                end.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            client, _ = self.listener.accept()
            try:
                server = socket.create_connection(("127.0.0.1", self.server_port), timeout=5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            self.open |= {client, server}
            asked: list[bytes] = []
            threading.Thread(target=self._pass, args=(client, server, asked, True), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, asked, False), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, asked: list[bytes], is_up: bool) -> None:
        buffer, body_left = b"", 0
        try:
            while data := source.recv(PIECE):
                target.sendall(data)
                self.bytes_up += len(data) if is_up else 0
                buffer += data[body_left:]
                body_left = max(0, body_left - len(data))
                while b"\r\n\r\n" in buffer:
                    head, _, buffer = buffer.partition(b"\r\n\r\n")
                    length = self._note(head + b"\r\n", asked, is_up)
                    buffer, body_left = buffer[length:], max(0, length - len(buffer))
        except OSError:
            pass  # cut
        finally:
            for end in (source, target):
                self.open.discard(end)
                end.close()

    def _note(self, head: bytes, asked: list[bytes], is_up: bool) -> int:
        """Note the offset in the head of a request or a response; returns the length of its body."""
        length, offset = _LENGTH.search(head), _OFFSET.search(head)
        if is_up:
            method, path, *_ = head.split(b" ", 2)
            asked[:] = [method, path]
            if method == b"PATCH" and offset:
                self.sent_again += max(0, self.confirmed[path] - int(offset[1]))
        elif asked and offset and asked[0] in (b"HEAD", b"PATCH"):
            self.confirmed[asked[1]] = max(self.confirmed[asked[1]], int(offset[1]))
        is_bodiless = not is_up and asked and asked[0] == b"HEAD"
        return 0 if is_bodiless or not length else int(length[1])


class Process:
    """One that is killed and started again."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.command, self.environment, self.log = command, environment, log
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def make_trouble(dice: random.Random, server: Process, client: Process, network: Network, port: int) -> str:
    what = dice.choice(["client", "server", "network"])
    if what == "network":
        network.cut()
    else:
        killed = {"client": client, "server": server}[what]
        killed.kill()
        killed.start()
        if what == "server":
            wait_for(port, server.process)
    return what


def upload_one(number: int, size: int, dice: random.Random, folder: Path, run: "Run") -> str:
    """Returns the SHA-256 of the file that was sent."""
    path = folder / f"film {number}.pdf"
    path.write_bytes(random_content(size))
    client = Process(
        [sys.executable, "-m", "segmind_assets", "upload", str(path)], run.environment, folder / "client.log"
    )
    end = time.monotonic() + TROUBLED_SECONDS
    while client.process.poll() is None and time.monotonic() < end:
        time.sleep(dice.uniform(*TROUBLE_EVERY))
        if client.process.poll() is None:
            run.troubles[make_trouble(dice, run.server, client, run.network, run.port)] += 1
    if client.process.wait(MAX_SECONDS) != 0:
        raise SystemExit(f"upload {number} did not end: {(folder / 'client.log').read_text()[-2000:]}")
    sha256 = hash_of(path)
    path.unlink()
    return sha256


def hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, hashlib.sha256).hexdigest()


class Run:
    def __init__(self, folder: Path, token: str) -> None:
        self.port = free_port()
        command = [sys.executable, "-m", "gunicorn", "segmind_site.wsgi", "--bind", f"127.0.0.1:{self.port}"]
        self.server = Process([*command, "--log-level", "error"], dict(os.environ), folder / "server.log")
        wait_for(self.port, self.server.process)
        self.network = Network(self.port)
        self.troubles: Counter[str] = Counter()
        self.environment = client_environment(f"http://127.0.0.1:{self.network.port}", token, folder / "state")


def measure(count: int, size: int, end: float, dice: random.Random, folder: Path) -> None:
    from django.utils import timezone

    from assets.accounts import tokens
    from assets.models import User

    person = User.objects.create_user("ana")
    _, token = tokens.create(person, name="Benchmark", scopes=["read", "upload"], days=1, now=timezone.now())
    run, right, done = Run(folder, token), 0, 0
    started = time.monotonic()
    try:
        while done < count and time.monotonic() < started + end:
            right += take_away(upload_one(done, size, dice, folder, run))
            done += 1
    finally:
        run.server.kill()
    report(run, done, right, size, time.monotonic() - started)


def take_away(sha256: str) -> bool:
    """Make room for the next file. Whether this one has arrived once, and is what was sent."""
    from assets.models import StoredFile

    paths = [Path(file.original.path) for file in StoredFile.objects.filter(sha256=sha256)]
    is_right = len(paths) == 1 and hash_of(paths[0]) == sha256
    for path in paths:
        path.unlink()
    return is_right


def report(run: Run, count: int, right: int, size: int, seconds: float) -> None:
    from assets.models import Asset, StoredFile

    print(f"{count} uploads of {size / 1e6:.0f} MB in {seconds:.0f} s; killed or cut: {dict(run.troubles)}")
    print(f"right: {right}; assets {Asset.objects.count()}, files {StoredFile.objects.count()}")
    print(f"bytes sent again that the server had confirmed: {run.network.sent_again:,}")
    print(f"bytes up: {run.network.bytes_up / 1e6:,.0f} MB for {count * size / 1e6:,.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--uploads", type=int, default=50)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    size, dice = options.megabytes * 1_000_000, random.Random(options.seed)
    # In the folder of the project, whose disk is the one that counts; /tmp may be memory.
    with tempfile.TemporaryDirectory(prefix="interruptions-", dir=".", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        with installation(folder):
            measure(options.uploads, size, options.minutes * 60, dice, folder)


if __name__ == "__main__":
    main()
