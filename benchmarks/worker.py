"""What the whole pipeline costs: a real worker process, the real queue and database, a loopback server. Linux only.

    python -m benchmarks.worker [--sizes 50,200,500] [--window 12]

First large files, one by one: speed and the worker's memory, beside the official SDK sending the same file. Then two
hundred files of 100 KB, in one request and under a limit of five requests in a shortened minute. Of speeds the fastest
of three runs counts, for the SDK and for us in turns.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from benchmarks.sending import measured
from benchmarks.sink import Sink

DEADLINE = 180  # seconds
SMALL, SMALL_BYTES, LIMIT = 200, 100_000, 5
RUNS = 3
START = 5  # seconds in which a worker is up, and has nothing to do
# What is random from its first byte on begins like a picture now and then, and is refused as a damaged one.
HEAD = bytes(16)


@contextmanager
def installation(folder: Path, database: str = "") -> Iterator[None]:
    """An empty library in a folder of its own, on SQLite or another database, with this process set up to use it."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "segmind_site.settings",
        "ENV_FILE": os.devnull,
        "DEBUG": "true",
        "SECRET_KEY": "only-for-this-run-but-long-enough-for-production",
        "SEGMIND_API_KEY": f"SG_{1:016x}",
        "SEGMIND_ASSET_HOSTS": "images.segmind.com",
        "DATABASE_URL": database or f"sqlite:///{folder / 'library.sqlite3'}",
        "MEDIA_ROOT": str(folder / "media"),
        "UPLOAD_MEDIA_TYPES": "*",
        "LOG_LEVEL": "WARNING",
    }
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    yield


def client_environment(url: str, token: str, state: Path) -> dict[str, str]:
    """For the command line of `clients/python`, which need not be installed."""
    python_path = os.pathsep.join(filter(None, ["clients/python/src", os.environ.get("PYTHONPATH")]))
    own = {"ASSETS_URL": url, "ASSETS_TOKEN": token, "PYTHONPATH": python_path, "XDG_STATE_HOME": str(state)}
    return {**os.environ, **own}


@contextmanager
def worker(address: str, **environment: str) -> Iterator[int]:
    """A worker that sends to an address; its process id."""
    command = [sys.executable, "manage.py", "worker"]
    settings = {**os.environ, "SEGMIND_UPLOAD_URL": address, **environment}
    process = subprocess.Popen(command, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def peak(pid: int) -> float:
    """Megabytes (2^20) of resident memory that the process has had at most."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def receive(size: int) -> None:
    """A file of so many random bytes into the library."""
    from django.contrib.auth import get_user_model

    from assets.uploads.hashed_file import HashedFile
    from assets.uploads.receive import receive_upload

    owner, _ = get_user_model().objects.get_or_create(username="bench")
    with HashedFile("file.bin") as file:
        file.append(HEAD)
        while file.size < size:
            file.append(os.urandom(min(1_000_000, size - file.size)))
        file.complete()
        receive_upload(file, owner=owner)


def due_in(seconds: float) -> None:
    """Have what waits sent so many seconds from now, together."""
    from django.utils import timezone

    from assets.models import StoredFile

    StoredFile.objects.waiting().update(next_attempt_at=timezone.now() + timedelta(seconds=seconds))


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)  # seldom: the processors are for those that are measured


def delivered(*, files: int | None = None) -> float:
    """Wait until everything received is stored; seconds that the last request took, which was of so many files."""
    from assets.models import StoredFile, UploadRequest

    until(lambda: not StoredFile.objects.unfinished().exists())
    request = UploadRequest.objects.latest_first().first()
    assert request is not None
    assert request.finished_at is not None
    assert files in (None, request.file_count), "they did not all go in one request"
    return (request.finished_at - request.started_at).total_seconds()


def large_files(folder: Path, sizes: Sequence[int]) -> None:
    with Sink() as address, worker(address, SEGMIND_REQUESTS_PER_MINUTE="1000") as pid:
        receive(1000)
        delivered()
        idle = peak(pid)
        for megabytes in sizes:
            path = folder / "sdk.mp4"
            path.write_bytes(os.urandom(1_000_000) * megabytes)
            sdk, best = math.inf, math.inf
            for _ in range(RUNS):
                sdk = min(sdk, measured("sdk", address, [[str(path)]])["seconds"])
                receive(megabytes * 1_000_000)
                best = min(best, delivered())
            say(
                f"{megabytes} MB through the worker: {best:.3f} s, {megabytes / best:,.0f} MB/s, "
                f"{sdk / best:.1f} × the SDK ({sdk:.3f} s); peak memory {peak(pid) - idle:+.1f} MB over idle "
                f"({idle:.1f} MB)"
            )


def small_files_at_once(folder: Path) -> None:
    paths = [folder / f"small-{number}.mp4" for number in range(SMALL)]
    for path in paths:
        path.write_bytes(os.urandom(SMALL_BYTES))
    settings = {"SEGMIND_MAX_REQUEST_FILES": str(SMALL), "SEGMIND_MAX_REQUEST_BYTES": "100000000"}
    sdk, best = math.inf, math.inf
    with Sink() as address:
        for _ in range(RUNS):
            sdk = min(sdk, measured("sdk", address, [[str(path) for path in paths]])["seconds"])
            for _ in range(SMALL):
                receive(SMALL_BYTES)
            due_in(START)
            with worker(address, **settings):
                best = min(best, delivered(files=SMALL))
    say(
        f"{SMALL} × 100 KB in one request through the worker: {best:.3f} s, {sdk / best:.1f} × the SDK’s one "
        f"call ({sdk:.3f} s)"
    )


def under_a_limit(folder: Path, window: float) -> None:
    paths = [folder / f"small-{number}.mp4" for number in range(SMALL)]
    with Sink(LIMIT, window) as address:
        started = time.monotonic()
        command = [sys.executable, "-m", "benchmarks.sending", "--tolerant-case", "sdk", address]
        calls = json.dumps([[str(path)] for path in paths])
        subprocess.run(command, input=calls, capture_output=True, text=True, check=True)
        report("the SDK, a call each, no retry of its own", address, time.monotonic() - started)
    with Sink(LIMIT, window) as address:
        started = time.monotonic()
        for _ in range(SMALL):
            receive(SMALL_BYTES)
        with worker(address, SEGMIND_RATE_WINDOW_SECONDS=str(window)):
            delivered()
        report("this library", address, time.monotonic() - started)


def report(name: str, address: str, seconds: float) -> None:
    with urllib.request.urlopen(address) as response:
        counts = json.load(response)
    say(
        f"{SMALL} × 100 KB at {LIMIT} requests a (shortened) minute, {name}: {counts['requests']} requests, "
        f"{counts['refused']} refused, {counts['files']} files stored, {seconds:.1f} s"
    )


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="50,200,500", help="megabytes of 10^6 bytes, separated by commas")
    parser.add_argument("--window", type=float, default=12, help="seconds of the shortened minute")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, installation(Path(name)):
        folder = Path(name)
        large_files(folder, [int(size) for size in options.sizes.split(",")])
        small_files_at_once(folder)
        under_a_limit(folder, options.window)


if __name__ == "__main__":
    main()
