"""The proxy of compose.yaml as it is shipped, in front of a site on this machine."""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Self

import pytest

CADDYFILE = Path(__file__).parents[2] / "deploy/Caddyfile"


def find_caddy() -> str:
    """The program. Without it, the test is skipped, or fails with REQUIRE_ALL_TESTS."""
    if caddy := shutil.which("caddy"):
        return caddy
    if os.environ.get("REQUIRE_ALL_TESTS"):
        pytest.fail("Caddy is missing. Debian: apt-get install caddy")
    pytest.skip("needs Caddy (Debian: apt-get install caddy)")


class Caddy:
    """`folder`: where it may keep its certificates. `config`: another Caddyfile, for the same environment."""

    def __init__(self, web_port: int, folder: Path, config: Path = CADDYFILE) -> None:
        self._config = config
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._environment = {
            "SITE_ADDRESS": f"http://127.0.0.1:{self.port}",
            "WEB_ADDRESS": f"127.0.0.1:{web_port}",
            "HOME": str(folder),
            "XDG_DATA_HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder),
        }

    def __enter__(self) -> Self:
        command = [find_caddy(), "run", "--config", self._config, "--adapter", "caddyfile"]
        self._process = subprocess.Popen(command, env=self._environment, stderr=subprocess.DEVNULL)
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                time.sleep(0.1)
        raise AssertionError("Caddy did not start")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(timeout=30)
