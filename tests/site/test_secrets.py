"""What other processes can see of web, worker and commands while they run."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.worker.test_worker import until

pytestmark = [
    pytest.mark.any_database,
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="needs Linux’s /proc"),
]

ROOT = Path(__file__).parents[2]
SECRET = "9f8e7d6c5b4a39281706"


@pytest.fixture
def environment(tmp_path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "ENV_FILE": os.devnull,
        "DEBUG": "false",
        "SECURE_SSL_REDIRECT": "false",
        "SEGMIND_API_KEY": f"SG_{SECRET}",
        "SECRET_KEY": f"{SECRET} and more, so that it is long enough to be one",
        "DATABASE_URL": f"sqlite:///{tmp_path}/{SECRET}.sqlite3",
        "EMAIL_URL": f"smtp://ana:{SECRET}@mail.example.com",
        "MEDIA_ROOT": str(tmp_path / "media"),
    }


@contextmanager
def running(*arguments: str, environment: dict[str, str]) -> Iterator[int]:
    process = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=environment)
    try:
        yield process.pid
    finally:
        process.terminate()
        assert process.wait(20) is not None


def shows_secrets(pid: int) -> bool:
    """Whether somebody who may read the process's environment, as root, finds a secret there."""
    try:
        return SECRET.encode() in Path(f"/proc/{pid}/environ").read_bytes()
    except PermissionError:
        return False


def children(pid: int) -> set[int]:
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def is_up(port: int) -> bool:
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).status == 200
    except OSError:
        return False


def test_gunicorns_master_and_its_workers_hide_their_secrets_and_survive_a_reload(environment, port):
    command = ("-m", "gunicorn", "segmind_site.wsgi", "--bind", f"127.0.0.1:{port}", "--log-level", "warning")
    with running(*command, environment=environment) as master:
        until(lambda: is_up(port))
        workers = children(master)
        assert workers
        assert not any(map(shows_secrets, {master, *workers}))
        os.kill(master, signal.SIGHUP)
        until(lambda: bool(children(master) - workers) and not children(master) & workers)
        until(lambda: is_up(port))
        assert not any(map(shows_secrets, {master, *children(master)}))


@pytest.mark.parametrize("command", [("worker",), ("worker", "--batch"), ("check_key",), ("migrate",)])
def test_a_command_hides_its_secrets_before_it_reads_a_setting(command, environment, tmp_path):
    setting = tmp_path / "setting"
    os.mkfifo(setting)
    environment["DEBUG_FILE"] = str(setting)
    # Opened once the command opens it, which then waits for its content.
    with running("manage.py", *command, environment=environment) as process, setting.open("w"):
        assert not shows_secrets(process)


def test_the_development_server_hides_its_secrets_and_has_them_after_it_started_itself_again(environment, port):
    with running("manage.py", "runserver", str(port), environment=environment) as first:
        until(lambda: is_up(port))
        (second,) = children(first)
        assert not shows_secrets(second)


def test_the_worker_hides_its_secrets(environment):
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    with running("manage.py", "worker", environment=environment) as worker:
        until(lambda: any(Path(environment["MEDIA_ROOT"]).glob("workers/*")))
        assert not shows_secrets(worker)


def test_the_environment_would_show_secrets_otherwise(environment):
    with running("-c", "import time; time.sleep(60)", environment=environment) as process:
        until(lambda: shows_secrets(process))
