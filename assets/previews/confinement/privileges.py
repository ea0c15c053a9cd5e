"""Gives up what only a privileged process may do, so that root is worth no more than any other user."""

import ctypes
import os
import signal
import sys

from assets.previews.confinement.kernel import address_of_variable, call, prctl

# <linux/prctl.h>
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_CAPBSET_DROP = 24
_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITY_VERSION_3 = 0x20080522  # <linux/capability.h>
_MAX_CAPABILITIES = 64


def forbid_inspection() -> None:
    """Keep other processes of the same user from reading the memory and the environment of this one."""
    if sys.platform == "linux":
        prctl(_PR_SET_DUMPABLE, 0)


def forget_variable(name: str) -> None:
    """Remove an environment variable, also from what /proc shows: the memory that this process started with."""
    address = address_of_variable(name)
    if address:
        ctypes.memset(address, 0, len(os.fsencode(os.environ[name])))
    del os.environ[name]


def give_up() -> None:
    """Drop all capabilities for good, and end with the parent."""
    prctl(_PR_SET_NO_NEW_PRIVS, 1)
    for capability in range(_MAX_CAPABILITIES):
        try:
            prctl(_PR_CAPBSET_DROP, capability)
        except OSError:  # the kernel has no more of them, or we may not: then there are none to drop
            break
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    call("capset", header, (ctypes.c_uint32 * 6)())
    prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
