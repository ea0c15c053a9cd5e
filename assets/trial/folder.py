"""What is in a folder, whatever that is."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """Something in the folder that is not a folder itself. `name` can be printed; `problem` says why it is no file."""

    path: Path
    name: str
    problem: str = ""


def find_entries(folder: Path, *, without: Path) -> Iterator[Entry]:
    """Everything in the folder and its subfolders, sorted by name. Leaves out one subfolder, follows links to files."""
    folders = [folder]
    while folders:
        current = folders.pop()
        try:
            found = sorted(current.iterdir())
        except OSError as error:
            yield Entry(current, _printable(current.relative_to(folder)), _describe(error))
            continue
        subfolders = {path: None for path in found if _is_folder(path)}
        for path in found:
            if path not in subfolders:
                yield Entry(path, _printable(path.relative_to(folder)), _find_problem(path))
        folders += [path for path in reversed(subfolders) if path != without]


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def _printable(path: Path) -> str:
    """On one line and in UTF-8, whatever the bytes of the name are; what cannot be shown is escaped."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _find_problem(path: Path) -> str:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return "The link leads nowhere." if path.is_symlink() else _describe(error)
    if stat.S_ISDIR(mode):
        return "A link to a folder is not followed."
    return "" if stat.S_ISREG(mode) else "Not a file, but a device, a pipe or a socket."


def _describe(error: OSError) -> str:
    return f"{error.strerror or 'It cannot be read'}."
