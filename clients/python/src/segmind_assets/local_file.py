"""Files of this machine: what is known of them before anything is sent, and which of a folder are meant."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

BLOCK = 1024 * 1024
# What programs call files that they have not finished writing.
UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".tmp", "~")


@dataclass(frozen=True)
class LocalFile:
    """As it was when it was hashed."""

    path: Path
    size: int
    modified_ns: int
    sha256: str

    @property
    def name(self) -> str:
        """Linux takes names that are no text."""
        return os.fsencode(self.path.name).decode(errors="replace")

    @classmethod
    def read(cls, path: Path) -> "LocalFile":
        """Raises OSError."""
        digest = hashlib.sha256()
        with path.open("rb") as file:
            facts = os.fstat(file.fileno())
            while block := file.read(BLOCK):
                digest.update(block)
        return cls(path.absolute(), facts.st_size, facts.st_mtime_ns, digest.hexdigest())


def expand(paths: Iterable[Path]) -> Iterator[Path]:
    """A folder as all files in it, in the order of their names, without hidden ones."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for folder, folders, names in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            yield from (Path(folder, name) for name in sorted(names) if is_meant(name))


def is_meant(name: str) -> bool:
    return not name.startswith(".") and not name.lower().endswith(UNFINISHED)
