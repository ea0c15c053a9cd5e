"""Large uploads by the command line while client, server and network are killed at random.

`python -m benchmarks.interruptions` reports what arrived, and whether a byte was sent again that the server had
confirmed. The client package has to be installed: `pip install -e clients/python`.
"""

import argparse
import contextlib
import hashlib
import os
import random
import re
import shutil
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
from benchmarks.worker import installation

TROUBLE_EVERY = (0.2, 1.2)  # seconds
MAX_SECONDS = 120  # for one file
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
    end = time.monotonic() + MAX_SECONDS
    while client.process.poll() is None and time.monotonic() < end:
        time.sleep(dice.uniform(*TROUBLE_EVERY))
        if client.process.poll() is None:
            run.troubles[make_trouble(dice, run.server, client, run.network, run.port)] += 1
    if client.process.poll() != 0:
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
        own = {"ASSETS_URL": f"http://127.0.0.1:{self.network.port}", "ASSETS_TOKEN": token}
        self.environment = {**os.environ, **own, "XDG_STATE_HOME": str(folder / "state")}


def measure(count: int, size: int, seed: int, folder: Path) -> None:
    from django.utils import timezone

    from assets.accounts import tokens
    from assets.models import Asset, StoredFile, User

    person = User.objects.create_user("ana")
    _, token = tokens.create(person, name="Benchmark", scopes=["read", "upload"], days=1, now=timezone.now())
    run, dice, wrong = Run(folder, token), random.Random(seed), 0
    started = time.monotonic()
    try:
        for number in range(count):
            sha256 = upload_one(number, size, dice, folder, run)
            files = StoredFile.objects.filter(sha256=sha256)
            is_right = (
                len(files) == 1 and hashlib.sha256(Path(files[0].original.path).read_bytes()).hexdigest() == sha256
            )
            wrong += not is_right
            if files:
                Path(files[0].original.path).unlink()
    finally:
        run.server.kill()
    seconds = time.monotonic() - started
    again = run.network.sent_again
    print(f"{count} uploads of {size / 1e6:.0f} MB in {seconds:.0f} s; killed or cut: {dict(run.troubles)}")
    print(f"assets {Asset.objects.count()}, files {StoredFile.objects.count()}, not right {wrong}")
    print(f"bytes sent again that the server had confirmed: {again:,}")
    print(f"bytes up {run.network.bytes_up / 1e6:,.0f} MB for {count * size / 1e6:,.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uploads", type=int, default=50)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="interruptions-"))
    try:
        with installation(folder):
            measure(options.uploads, options.megabytes * 1_000_000, options.seed, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
