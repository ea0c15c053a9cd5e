"""Network and file system of its own, both empty: namespaces(7). Refused in most containers."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from assets.previews.confinement.kernel import call, syscall

# <linux/sched.h>
_CLONE_NEWNS = 0x00020000
_CLONE_NEWIPC = 0x08000000
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
# <linux/mount.h>
_MS_RDONLY, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 0x1, 0x20, 0x1000, 0x4000, 0x40000
_MNT_DETACH = 2
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
# The new root is built where none of the folders can be.
_BUILDING_SITE = Path("/proc")


def leave_network() -> None:
    """Without a network device, without the abstract sockets of others, and without System V IPC."""
    with suppress(OSError):  # root may do without, if it has the capability
        _become_privileged()
    call("unshare", _CLONE_NEWNET | _CLONE_NEWIPC)


def _become_privileged() -> None:
    """In a user namespace of its own, and only there, a process has all capabilities."""
    user, group = os.geteuid(), os.getegid()
    call("unshare", _CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def leave_file_system(folders: Sequence[str]) -> None:
    """Keep only these folders, at their paths and read-only. /proc goes too."""
    pivot_root = _PIVOT_ROOT.get(os.uname().machine)
    if pivot_root is None:
        raise OSError("unknown machine")
    call("unshare", _CLONE_NEWNS)
    call("mount", None, "/", None, _MS_REC | _MS_PRIVATE, None)
    call("mount", "none", str(_BUILDING_SITE), "tmpfs", 0, None)
    for folder in folders:
        target = f"{_BUILDING_SITE}{folder}"
        Path(target).mkdir(parents=True, exist_ok=True)
        call("mount", folder, target, None, _MS_BIND | _MS_REC, None)
        _make_read_only(target)
    os.chdir(_BUILDING_SITE)
    syscall(pivot_root, b".", b".")
    call("umount2", ".", _MNT_DETACH)
    os.chdir("/")
    _make_read_only("/")


def _make_read_only(mount: str) -> None:
    # What else is forbidden there has to stay so.
    forbidden = os.statvfs(mount).f_flag & (os.ST_NOSUID | os.ST_NODEV | os.ST_NOEXEC)
    call("mount", None, mount, None, _MS_REMOUNT | _MS_BIND | _MS_RDONLY | forbidden, None)
