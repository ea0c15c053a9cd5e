"""Draws each file of the corpus once, however many processes want it."""

import fcntl
from collections.abc import Callable
from pathlib import Path


def draw_once(path: Path, draw: Callable[[Path], None]) -> Path:
    """The file, drawn if it is not there yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            unfinished = path.with_name(f"unfinished-{path.name}")
            draw(unfinished)
            unfinished.rename(path)
    return path
