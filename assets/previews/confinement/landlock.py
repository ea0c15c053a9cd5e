"""Which files may be opened: Landlock, in Linux since 5.13, also for processes without any privilege.

The ABI is in <linux/landlock.h> and https://docs.kernel.org/userspace-api/landlock.html. Each version can forbid more;
we forbid all that the running kernel knows, up to version 6 (scopes).
"""

import ctypes
import os
from collections.abc import Iterable

from assets.previews.confinement.kernel import syscall

# The same on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_RULE_PATH_BENEATH = 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
# How many kinds of access to files each version knows.
_FILE_ACCESS_BITS = {1: 13, 2: 14, 3: 15, 4: 15}
_LATEST_FILE_ACCESS_BITS = 16
_NET_SINCE, _SCOPES_SINCE = 4, 6
_BIND_AND_CONNECT_TCP = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def restrict(folders: Iterable[str]) -> None:
    """Allow to read beneath these folders, and nothing else. Needs no_new_privs."""
    version = syscall(_CREATE_RULESET, None, 0, _VERSION_FLAG)
    rules = _Ruleset(
        files=(1 << _FILE_ACCESS_BITS.get(version, _LATEST_FILE_ACCESS_BITS)) - 1,
        net=_BIND_AND_CONNECT_TCP if version >= _NET_SINCE else 0,
        scoped=_ABSTRACT_SOCKETS_AND_SIGNALS if version >= _SCOPES_SINCE else 0,
    )
    # An older kernel takes the larger structure as long as the rest of it is zero.
    ruleset = syscall(_CREATE_RULESET, ctypes.byref(rules), ctypes.sizeof(rules), 0)
    try:
        for folder in folders:
            _allow_reading(ruleset, folder)
        syscall(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow_reading(ruleset: int, folder: str) -> None:
    parent = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = _PathBeneath(allowed=_READ_FILE | _READ_DIR, parent=parent)
        syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(parent)
