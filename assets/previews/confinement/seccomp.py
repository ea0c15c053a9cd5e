"""Which calls the kernel answers at all: seccomp(2), with a filter in the language of classic BPF.

A list of what is refused, not of what is allowed: decoders and C libraries change, and a call that is missing from a
list of allowed ones would break previews. Landlock does the rest.
"""

import ctypes
import errno
import os
from collections.abc import Iterator

from assets.previews.confinement.kernel import prctl

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_LOAD, _IF_EQUAL, _IF_ABOVE, _IF_BITS, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x06  # <linux/bpf_common.h>
_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_ARGUMENT_AT = 0, 4, 16  # offsets in struct seccomp_data
_ALLOW = 0x7FFF0000
_KILL = 0x80000000
_ERRNO = 0x00050000
_CLONE_THREAD = 0x00010000
# Those of <asm/unistd.h> that have the same number everywhere.
_EVERYWHERE = {
    "pidfd_send_signal": 424, "io_uring_setup": 425, "open_tree": 428, "move_mount": 429, "fsopen": 430,
    "pidfd_open": 434, "pidfd_getfd": 438, "fchmodat2": 452, "setxattrat": 463, "removexattrat": 466,
    "file_setattr": 469,
}  # fmt: skip
_CLONE3 = 435
# Machine: its AUDIT_ARCH, the number of `clone`, and what is refused.
_MACHINES = {
    "x86_64": (0xC000003E, 56, {
        "socket": 41, "socketpair": 53, "shmget": 29, "semget": 64, "msgget": 68, "mq_open": 240,
        "fork": 57, "vfork": 58, "execve": 59, "execveat": 322, "kill": 62, "tkill": 200, "tgkill": 234,
        "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297, "ptrace": 101, "kcmp": 312, "prlimit64": 302,
        "setpriority": 141, "process_vm_readv": 310, "process_vm_writev": 311, "unshare": 272, "setns": 308,
        "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "bpf": 321, "perf_event_open": 298,
        "userfaultfd": 323, "add_key": 248, "request_key": 249, "keyctl": 250, "truncate": 76,
        "chmod": 90, "fchmod": 91, "fchmodat": 268, "chown": 92, "fchown": 93, "lchown": 94, "fchownat": 260,
        "utime": 132, "utimes": 235, "futimesat": 261, "utimensat": 280, "setxattr": 188, "lsetxattr": 189,
        "fsetxattr": 190, "removexattr": 197, "lremovexattr": 198, "fremovexattr": 199,
    }),
    "aarch64": (0xC00000B7, 220, {
        "socket": 198, "socketpair": 199, "shmget": 194, "semget": 190, "msgget": 186, "mq_open": 180,
        "execve": 221, "execveat": 281, "kill": 129, "tkill": 130, "tgkill": 131,
        "rt_sigqueueinfo": 138, "rt_tgsigqueueinfo": 240, "ptrace": 117, "kcmp": 272, "prlimit64": 261,
        "setpriority": 140, "process_vm_readv": 270, "process_vm_writev": 271, "unshare": 97, "setns": 268,
        "mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51, "bpf": 280, "perf_event_open": 241,
        "userfaultfd": 282, "add_key": 217, "request_key": 218, "keyctl": 219, "truncate": 45,
        "fchmod": 52, "fchmodat": 53, "fchown": 55, "fchownat": 54, "utimensat": 88, "setxattr": 5, "lsetxattr": 6,
        "fsetxattr": 7, "removexattr": 14, "lremovexattr": 15, "fremovexattr": 16,
    }),
}  # fmt: skip
# On x86-64, the same calls again for programs with short pointers.
_X32_CALLS = 0x40000000


class _Instruction(ctypes.Structure):
    _fields_ = (("code", ctypes.c_uint16), ("yes", ctypes.c_uint8), ("no", ctypes.c_uint8), ("value", ctypes.c_uint32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("instructions", ctypes.POINTER(_Instruction)))


def restrict() -> None:
    """Refuse sockets, new processes and programs, whatever reaches another process, and what Landlock lets pass: to
    change owner, mode, times or attributes of a file, and before its version 3, to shorten one. Needs no_new_privs.
    """
    machine = os.uname().machine
    if machine not in _MACHINES:
        raise OSError(errno.ENOSYS, "unknown machine")
    instructions = [_Instruction(*values) for values in _filter(*_MACHINES[machine])]
    program = _Program(len(instructions), (_Instruction * len(instructions))(*instructions))
    prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program))


def _filter(architecture: int, clone: int, refused: dict[str, int]) -> Iterator[tuple[int, int, int, int]]:
    """Instructions: a code, how many to skip if it holds and if not, and a value."""
    yield _LOAD, 0, 0, _ARCHITECTURE_AT
    yield _IF_EQUAL, 1, 0, architecture
    yield _RETURN, 0, 0, _KILL
    yield _LOAD, 0, 0, _NUMBER_AT
    yield from _refuse_if(_IF_ABOVE, _X32_CALLS - 1, errno.EPERM)
    for number in (refused | _EVERYWHERE).values():
        yield from _refuse_if(_IF_EQUAL, number, errno.EPERM)
    # Its flags are out of sight; the C library falls back to `clone`.
    yield from _refuse_if(_IF_EQUAL, _CLONE3, errno.ENOSYS)
    yield _IF_EQUAL, 0, 3, clone
    yield _LOAD, 0, 0, _FIRST_ARGUMENT_AT
    yield _IF_BITS, 1, 0, _CLONE_THREAD  # a thread, as some decoders need
    yield _RETURN, 0, 0, _ERRNO | errno.EPERM
    yield _RETURN, 0, 0, _ALLOW


def _refuse_if(condition: int, value: int, number: int) -> Iterator[tuple[int, int, int, int]]:
    yield condition, 0, 1, value
    yield _RETURN, 0, 0, _ERRNO | number
