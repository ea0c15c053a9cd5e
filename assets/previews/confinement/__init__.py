"""Takes everything from a process that decodes a stranger's file: network, files, other processes, privileges.

Each layer stands alone, because containers and older kernels refuse some of them: namespaces, Landlock and seccomp.
Written with ctypes, since no maintained library on PyPI covers them. Knows nothing of Django. Linux only.
"""

import os
import sys
from collections.abc import Callable, Iterable
from functools import partial

from assets.previews.confinement import landlock, namespaces, privileges, seccomp

NETWORK, FILES, PROCESSES = "the network", "other files", "other processes"


def confine(readable: Iterable[str]) -> list[str]:
    """From now on, this process may use the files it has open and read those in these folders, and nothing else.

    Cannot be undone, and needs a process with a single thread. Returns what it can still reach, for people.
    """
    os.umask(0o077)
    if sys.platform != "linux":
        return [NETWORK, FILES, PROCESSES]
    folders = _without_nested(readable)
    closed: set[str] = set()
    layers: list[tuple[Callable[[], object], set[str]]] = [
        (namespaces.leave_network, {NETWORK}),
        (partial(namespaces.leave_file_system, folders), {FILES}),
        (privileges.give_up, set()),
        (partial(landlock.restrict, folders), {FILES}),
        (seccomp.restrict, {NETWORK, PROCESSES}),
    ]
    for layer, closes in layers:
        try:
            layer()
        except OSError:
            continue
        closed |= closes
    return [name for name in (NETWORK, FILES, PROCESSES) if name not in closed]


def _without_nested(folders: Iterable[str]) -> list[str]:
    kept: list[str] = []
    for folder in sorted(folder for folder in set(folders) if os.path.isdir(folder)):  # noqa: PTH112
        if not kept or not folder.startswith(f"{kept[-1]}/"):
            kept.append(folder)
    return kept
