"""The application in a process of its own, which can be ended and started again."""

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from django.test import Client

if TYPE_CHECKING:
    from assets.models import User  # the screenshots have no settings yet


ROOT = Path(__file__).parents[2]


class Site:
    """`environment`: what is to be otherwise than in this process, such as its database. `log`: where its lines go."""

    def __init__(self, environment: dict[str, str], log: Path = Path("/dev/stderr")) -> None:
        self.log = log
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        # The sandbox is a part of the site, and has to know its own address.
        own = {"DJANGO_SETTINGS_MODULE": "tests.settings", "PORT": str(self.port)}
        self.environment = {**os.environ, **own, **environment}

    def start(self) -> None:
        command = [sys.executable, "-m", "gunicorn", "segmind_site.wsgi"]
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                [*command, "--bind", f"127.0.0.1:{self.port}", "--log-level", "warning"],
                cwd=ROOT,
                env=self.environment,
                stderr=log,
                start_new_session=True,
            )
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=1)
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the site did not start")

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self) -> None:
        """As a supervisor does, which waits ten seconds."""
        self._process.terminate()
        self._process.wait(timeout=10)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):  # stopped before
            os.killpg(self._process.pid, 9)
        self._process.wait()


def form_headers(person: "User", content_type: str) -> dict[str, str]:
    """The headers of a form that this person sends, signed in."""
    client = Client()
    client.force_login(person)
    token = secrets.token_hex(16)
    return {
        "Cookie": f"sessionid={client.cookies['sessionid'].value}; csrftoken={token}",
        "X-CSRFToken": token,
        "Accept": "application/json",
        "Content-Type": content_type,
    }
