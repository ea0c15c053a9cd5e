"""Files that are added to a folder. Nothing is ever changed in it or deleted."""

import time
from collections.abc import Iterator
from pathlib import Path

from segmind_assets.local_file import expand

LOOK_SECONDS = 1.0
Seen = dict[Path, tuple[int, int]]


def watch(folder: Path, pause: float = LOOK_SECONDS) -> Iterator[list[Path]]:
    """Without end: first what is there, then what was added or changed, once it does not grow any more.

    Raises NotADirectoryError.
    """
    if not folder.is_dir():
        raise NotADirectoryError(20, "Not a folder", str(folder))
    before, done = _look(folder), Seen()
    while True:
        time.sleep(pause)
        now = _look(folder)
        ready = [path for path, state in now.items() if before.get(path) == state != done.get(path)]
        if ready:
            yield ready
            done |= {path: now[path] for path in ready}
        before = now


def _look(folder: Path) -> Seen:
    """The size of each file, and when it was changed."""
    seen = Seen()
    for path in expand([folder]):
        try:
            facts = path.stat()
        except OSError:  # gone meanwhile
            continue
        seen[path] = (facts.st_size, facts.st_mtime_ns)
    return seen
