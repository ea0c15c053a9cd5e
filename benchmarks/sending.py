"""`make bench`: the official SDK, the documentation's own example and our client send the same files.

They, our client without hashing what it sends, and a bare socket that sends as many bytes and does nothing else, talk
to the same loopback server, in turns, each case in a process of its own, so that peak memory is that case's alone. Time
and memory begin after the imports, and count what a program does then: make a client, send. Speed is in raw bytes of
the files.

    python -m benchmarks.sending [--sizes 1,10,50,200,500] [--repeat 1]
"""

import argparse
import base64
import contextlib
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.sink import Sink

KEY = f"SG_{1:016x}"
NAMES = {
    "sdk": "official SDK 1.3.0",
    "docs": "documentation's example",
    "ours": "this library",
    "unhashed": "this library, without hashing",
    "bare": "a bare socket",
}


# --- The clients. Each is given paths and sends them with one call. --------------------------------


def sdk(address: str) -> Callable[[Sequence[str]], int]:
    from segmind import SegmindClient
    from segmind.files import Files

    Files.STORAGE_BASE_URL = address.removesuffix("/upload-asset")
    clients = []

    def upload(paths: Sequence[str]) -> int:
        if not clients:
            clients.append(SegmindClient(api_key=KEY, timeout=300))
        return len(clients[0].files.upload(list(paths))["file_urls"])

    return upload


def docs(address: str) -> Callable[[Sequence[str]], int]:
    import requests

    def upload(paths: Sequence[str]) -> int:
        data_urls = []
        for path in paths:
            with open(path, "rb") as file:  # noqa: PTH123  (as the documentation has it)
                data_urls.append("data:video/mp4;base64," + base64.b64encode(file.read()).decode("utf-8"))
        response = requests.post(address, headers={"x-api-key": KEY}, json={"data_urls": data_urls}, timeout=300)
        return len(response.json()["file_urls"])

    return upload


def ours(address: str, *, is_hashed: bool = True) -> Callable[[Sequence[str]], int]:
    """Files are hashed while they are sent, and have their hash as their name."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "segmind_site.settings",
        "ENV_FILE": os.devnull,
        "DEBUG": "true",
        "SEGMIND_API_KEY": KEY,
        "SEGMIND_UPLOAD_URL": address,
    }
    from django.conf import settings

    from assets.segmind.body import FileToSend
    from assets.segmind.client import upload

    # Settings are read at their first use, once in the life of a worker.
    assert address == settings.SEGMIND_UPLOAD_URL

    def file(path: str) -> FileToSend:
        sha256 = Path(path).stem if is_hashed else ""
        return FileToSend("video/mp4", os.path.getsize(path), lambda: open(path, "rb"), sha256)  # noqa: PTH123, PTH202

    return lambda paths: len(upload([file(path) for path in paths]))


def unhashed(address: str) -> Callable[[Sequence[str]], int]:
    return ours(address, is_hashed=False)


def bare(address: str) -> Callable[[Sequence[str]], int]:
    """As many bytes as we send, the same ones of memory again and again: what this machine's loopback can do."""
    import socket
    from urllib.parse import urlsplit

    server = (urlsplit(address).hostname, urlsplit(address).port)
    filler = memoryview(b"A" * 512 * 1024)

    def upload(paths: Sequence[str]) -> int:
        with socket.create_connection(server) as connection:
            left = sum(4 * -(-os.path.getsize(path) // 3) for path in paths)  # noqa: PTH202
            connection.sendall(b"POST /upload-asset HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % left)
            while left:
                piece = filler[:left]
                connection.sendall(piece)
                left -= len(piece)
            connection.recv(65536)
        return len(paths)

    return upload


CLIENTS = {"sdk": sdk, "docs": docs, "ours": ours, "unhashed": unhashed, "bare": bare}


# --- One case, in a process of its own ------------------------------------------------------------


def peak_kilobytes() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform == "darwin" else peak


def run_case(client: str, address: str, calls: list[list[str]]) -> None:
    send = CLIENTS[client](address)
    before, cpu, started = peak_kilobytes(), time.process_time(), time.perf_counter()
    urls = sum(send(paths) for paths in calls)
    assert urls == sum(map(len, calls))
    result = {
        "seconds": time.perf_counter() - started,
        "cpu": time.process_time() - cpu,
        "megabytes": (peak_kilobytes() - before) / 1024,
    }
    sys.stdout.write(json.dumps(result))


def run_tolerantly(client: str, address: str, calls: list[list[str]]) -> None:
    """The calls of a case one after the other, whatever becomes of each: what was refused, the server counts."""
    send = CLIENTS[client](address)
    for paths in calls:
        with contextlib.suppress(Exception):
            send(paths)


def measured(client: str, address: str, calls: list[list[str]]) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.sending", "--case", client, address]
    done = subprocess.run(command, input=json.dumps(calls), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


# --- The table ------------------------------------------------------------------------------------


def cases(folder: Path, sizes: list[int]) -> list[tuple[str, float, dict[str, list[list[str]]]]]:
    """(name, raw megabytes, the calls of each client)."""
    found = []
    for megabytes in sizes:
        path = _write(folder, megabytes * 1_000_000)
        found.append((f"{megabytes} MB", float(megabytes), {client: [[str(path)]] for client in NAMES}))
    small = [_write(folder, 100_000) for _ in range(200)]
    each, together = [[str(path)] for path in small], [[str(path) for path in small]]
    found.append(("200 × 100 KB, a call each", 20.0, dict.fromkeys(NAMES, each)))
    found.append(("200 × 100 KB, one call", 20.0, dict.fromkeys(NAMES, together)))
    return found


def _write(folder: Path, size: int) -> Path:
    """A file of random bytes whose name is its hash."""
    digest, unnamed = hashlib.sha256(), folder / "unnamed"
    with unnamed.open("wb") as file:
        while size > 0:
            piece = os.urandom(min(size, 1_000_000))
            digest.update(piece)
            file.write(piece)
            size -= len(piece)
    return unnamed.rename(folder / f"{digest.hexdigest()}.mp4")


COLUMNS = (
    *("case", "client", "seconds", "MB/s", "CPU s", "CPU ms per MB"),
    *("memory MB", "requests", "× the SDK", "× the example", "of the socket"),
)


def report(sizes: list[int], repeat: int) -> None:
    write_row(*COLUMNS)
    write_row(*["---"] * len(COLUMNS))
    with tempfile.TemporaryDirectory() as folder, Sink() as address:
        for name, megabytes, calls in cases(Path(folder), sizes):
            turns = [{client: measured(client, address, calls[client]) for client in NAMES} for _ in range(repeat)]
            runs = {client: min((turn[client] for turn in turns), key=lambda run: run["seconds"]) for client in NAMES}
            for client, run in runs.items():
                write_row(
                    name,
                    NAMES[client],
                    f"{run['seconds']:.3f}",
                    f"{megabytes / run['seconds']:,.0f}",
                    f"{run['cpu']:.3f}",
                    f"{run['cpu'] * 1000 / megabytes:.1f}",
                    f"{run['megabytes']:+,.1f}",
                    str(len(calls[client])),
                    f"{runs['sdk']['seconds'] / run['seconds']:.1f}",
                    f"{runs['docs']['seconds'] / run['seconds']:.1f}",
                    f"{runs['bare']['seconds'] / run['seconds']:.0%}",
                )


def write_row(*cells: str) -> None:
    """Of a table in Markdown."""
    sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.flush()


def main() -> None:
    if sys.argv[1:2] == ["--case"]:
        return run_case(sys.argv[2], sys.argv[3], json.load(sys.stdin))
    if sys.argv[1:2] == ["--tolerant-case"]:
        return run_tolerantly(sys.argv[2], sys.argv[3], json.load(sys.stdin))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1,10,50,200,500", help="megabytes of 10^6 bytes, separated by commas")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each case; the fastest counts")
    options = parser.parse_args()
    report([int(size) for size in options.sizes.split(",")], options.repeat)
    return None


if __name__ == "__main__":
    main()
