"""The library as it runs in production, on a disk of its own: a web process, three workers, a database."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import requests

ROOT = Path(__file__).parents[2]
WORKERS = 3
DISK_MEGABYTES = 400
DEADLINE = 30  # seconds
KEY = "SG_0123456789abcdef"


class Process:
    """A process of the library, with the children it has. What it says goes into a file."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], folder: Path) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._command = [sys.executable, *command]
        self._environment = environment
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )

    def send(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def kill(self) -> None:
        self.send(signal.SIGKILL)
        self._process.wait()

    def terminate(self) -> float:
        """Ask it to end. Returns how many seconds it took."""
        started = time.monotonic()
        self._process.terminate()
        self._process.wait(DEADLINE)
        return time.monotonic() - started


class Site:
    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"http://127.0.0.1:{free.getsockname()[1]}"
        bind = self.address.removeprefix("http://")
        gunicorn = ["-m", "gunicorn", "segmind_site.wsgi", "--bind", bind]
        self.web = Process("web", gunicorn, as_deployed(environment), folder)
        self.workers = [
            Process(f"worker-{number}", ["manage.py", "worker"], environment, folder) for number in range(WORKERS)
        ]

    @property
    def processes(self) -> list[Process]:
        return [self.web, *self.workers]

    def is_up(self) -> bool:
        try:
            return requests.get(f"{self.address}/healthz", timeout=1).ok
        except requests.RequestException:
            return False


def settings(folder: Path, database: str, segmind: str) -> dict[str, str]:
    """The environment of the library, impatient enough for minutes to show what else takes days."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "segmind_site.settings",
        "ENV_FILE": os.devnull,
        "DEBUG": "true",  # without which loopback addresses are refused
        "SECRET_KEY": "only-for-this-run-of-chaos-and-no-other",
        "DATABASE_URL": database,
        "MEDIA_ROOT": str(folder / "media"),
        "PGAPPNAME": "chaos",
        "SQLITE_TIMEOUT": "2",
        "SEGMIND_API_KEY": KEY,
        "SEGMIND_UPLOAD_URL": f"{segmind}/upload-asset",
        "SEGMIND_ASSET_HOSTS": segmind.removeprefix("http://"),
        "SEGMIND_REQUESTS_PER_MINUTE": "1000",
        "SEGMIND_MAX_REQUEST_FILES": "8",
        "SEGMIND_RETRY_SECONDS": "0.5",
        "SEGMIND_READ_TIMEOUT": "20",
        "LINK_REQUESTS_PER_SECOND": "1000",
        "UPLOAD_MEDIA_TYPES": "*",
    }


def as_deployed(environment: dict[str, str]) -> dict[str, str]:
    """The same without DEBUG, for the web process: only workers contact the server that imitates Segmind."""
    static = Path(environment["MEDIA_ROOT"]).with_name("static")
    deployed = environment | {"DJANGO_SETTINGS_MODULE": "tests.support.production", "STATIC_ROOT": str(static)}
    collect = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
    subprocess.run(collect, cwd=ROOT, env=deployed, check=True)
    return deployed


@contextmanager
def a_disk() -> Iterator[tuple[Path, bool]]:
    """A folder, and whether it is a small disk of its own, which only root can have."""
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    options = ["-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "chaos", str(folder)]
    is_mounted = bool(shutil.which("mount")) and not subprocess.run(["mount", *options], check=False).returncode
    try:
        yield folder, is_mounted
    finally:
        if is_mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=False)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def a_database(server: str, folder: Path) -> Iterator[str]:
    """The address of a new database: on a PostgreSQL server, or without one an SQLite file."""
    if not server:
        yield f"sqlite:///{folder / 'library.sqlite3'}"
        return
    name = f"chaos_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    base, _, options = server.partition("?")
    try:
        yield base.rpartition("/")[0] + f"/{name}" + (options and f"?{options}")
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
