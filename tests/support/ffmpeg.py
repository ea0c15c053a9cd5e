"""Recordings drawn by the ffmpeg program, which writes what PyAV does not: odd tags, streams and containers."""

import subprocess
import tempfile
from pathlib import Path

SINE = ("-f", "lavfi", "-i", "sine=d=2")
FILM = ("-f", "lavfi", "-i", "testsrc=d=2:s=320x240:r=10")


def draw(name: str, *arguments: str | bytes | Path) -> bytes:
    """The file of this name that ffmpeg writes with these arguments. Its suffix decides the container.

    `-` is a pipe, in which ffmpeg cannot go back to write how long something became.
    """
    if name == "-":
        command = ["ffmpeg", "-v", "error", *arguments, "-"]
        return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        subprocess.run(["ffmpeg", "-v", "error", *arguments, path], check=True, capture_output=True, timeout=60)
        return path.read_bytes()
