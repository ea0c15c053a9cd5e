"""What one large file costs the worker: a real worker process, the real queue, a loopback server. Linux only.

    python -m benchmarks.worker [--megabytes 500]

Idle is the worker's memory after it has delivered one small file.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.sink import Sink

DEADLINE = 120  # seconds


@contextmanager
def installation(folder: Path, address: str) -> Iterator[subprocess.Popen]:
    """An empty library in a folder of its own, and its worker running; gives the worker's process."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "segmind_site.settings",
        "ENV_FILE": os.devnull,
        "DEBUG": "true",
        "SECRET_KEY": "only-for-this-run",
        "SEGMIND_API_KEY": f"SG_{1:016x}",
        "SEGMIND_UPLOAD_URL": address,
        "SEGMIND_REQUESTS_PER_MINUTE": "1000",
        "SEGMIND_ASSET_HOSTS": ".segmind.com",
        "DATABASE_URL": f"sqlite:///{folder / 'library.sqlite3'}",
        "MEDIA_ROOT": str(folder / "media"),
        "UPLOAD_MEDIA_TYPES": "*",
        "LOG_LEVEL": "WARNING",
    }
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    worker = subprocess.Popen([sys.executable, "manage.py", "worker"], stdout=subprocess.DEVNULL)
    try:
        yield worker
    finally:
        worker.terminate()
        worker.wait()


def peak(pid: int) -> float:
    """Megabytes (2^20) of resident memory that the process has had at most."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def receive(size: int):
    """A file of so many random bytes in the library; its stored row."""
    from django.contrib.auth import get_user_model

    from assets.services import uploads
    from assets.services.spool import SpooledFile

    owner, _ = get_user_model().objects.get_or_create(username="bench")
    file = SpooledFile("file.bin")
    while file.size < size:
        file.append(os.urandom(min(1_000_000, size - file.size)))
    file.complete()
    try:
        return uploads.receive(file, owner=owner).asset.stored_file
    finally:
        file.close()


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def delivered(size: int) -> float:
    """Receive a file and wait until the worker has stored it; seconds that its request took."""
    row = receive(size)

    def is_stored() -> bool:
        row.refresh_from_db()
        return row.state == "stored"

    until(is_stored)
    request = row.requests.get()
    return (request.finished_at - request.started_at).total_seconds()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=500)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        Sink() as address,
        installation(Path(folder), address) as worker,
    ):
        delivered(1000)
        idle = peak(worker.pid)
        seconds = delivered(options.megabytes * 1_000_000)
        grown = peak(worker.pid) - idle
    sys.stdout.write(
        f"worker, one file of {options.megabytes} MB: {seconds:.2f} s, {options.megabytes / seconds:,.0f} MB/s; "
        f"peak memory {idle:.1f} MB idle, {grown:+.1f} MB while sending\n"
    )


if __name__ == "__main__":
    main()
