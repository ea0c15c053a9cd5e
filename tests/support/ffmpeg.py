"""Recordings drawn by the ffmpeg program, which writes what PyAV does not: odd tags, streams and containers."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

SINE = ("-f", "lavfi", "-i", "sine=d=2")
FILM = ("-f", "lavfi", "-i", "testsrc=d=2:s=320x240:r=10")


def run(*arguments: str | bytes | Path) -> bytes:
    """What ffmpeg writes to standard output. Without it, the test is skipped, or fails with REQUIRE_ALL_TESTS."""
    if not shutil.which("ffmpeg"):
        leave = pytest.fail if os.environ.get("REQUIRE_ALL_TESTS") else pytest.skip
        leave("ffmpeg draws this file. Debian: apt-get install ffmpeg")
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments]
    return subprocess.run(command, check=True, capture_output=True, timeout=120).stdout


def draw(name: str, *arguments: str | bytes | Path) -> bytes:
    """The file of this name that ffmpeg writes with these arguments. Its suffix decides the container.

    `-` is a pipe, in which ffmpeg cannot go back to write how long something became.
    """
    if name == "-":
        return run(*arguments, "-")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        run(*arguments, path)
        return path.read_bytes()
