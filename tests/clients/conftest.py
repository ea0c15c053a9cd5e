import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from segmind_assets import Library

from assets.worker.run import run_until
from tests.browser.site import ROOT, Site
from tests.support.programs import a_token
from tests.worker.test_worker import database_url

SOURCE = ROOT / "clients/python/src"
# `CLIENT_PYTHON`: another one in which the client is installed, of the versions that it says it runs on.
CLI = [os.environ.get("CLIENT_PYTHON", sys.executable), "-m", "segmind_assets"]


@pytest.fixture
def site(transactional_db, tmp_path) -> Iterator[Site]:
    site = Site({"DATABASE_URL": database_url()}, tmp_path / "site.log")
    site.start()
    yield site
    site.kill()


@pytest.fixture
def token(ana) -> str:
    return a_token(ana)


@pytest.fixture
def library(site, token, folders) -> Iterator[Library]:
    library = Library(site.url, token)
    yield library
    library.close()


@pytest.fixture
def folders(tmp_path, monkeypatch) -> Path:
    """Where the client keeps its settings and its state, in place of the person's."""
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    return tmp_path


@pytest.fixture
def environment(site, token, folders) -> dict[str, str]:
    python_path = os.pathsep.join(filter(None, [str(SOURCE), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": python_path, "ASSETS_URL": site.url, "ASSETS_TOKEN": token, "COLUMNS": "200"}


@pytest.fixture
def run(environment, token) -> Callable[..., subprocess.CompletedProcess]:
    """Runs `assets …`; whatever comes of it, the token is in no output."""

    def run(*arguments: object, stdin: str = "", **other: str) -> subprocess.CompletedProcess:
        command = [*CLI, *map(str, arguments)]
        done = subprocess.run(
            command, env=environment | other, input=stdin, capture_output=True, text=True, timeout=60, check=False
        )
        assert token not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


@pytest.fixture
def _worker(segmind) -> Iterator[None]:
    """In a thread of the tests."""
    stopping = threading.Event()
    thread = threading.Thread(target=run_until, args=[stopping])
    thread.start()
    yield
    stopping.set()
    thread.join()
