"""Calls into the kernel that Python has no function for."""

import ctypes
import os

_libc = ctypes.CDLL(None, use_errno=True)
_libc.getenv.restype = ctypes.c_void_p


def call(name: str, *arguments: object) -> int:
    """Call a function of the C library. Raises OSError if it returns -1."""
    return check(getattr(_libc, name)(*map(_as_c, arguments)))


def address_of_variable(name: str) -> int | None:
    """Where the value of an environment variable is in memory."""
    address: int | None = _libc.getenv(os.fsencode(name))
    return address


def syscall(number: int, *arguments: object) -> int:
    return call("syscall", number, *arguments)


def prctl(option: int, *values: object) -> int:
    return call("prctl", option, *(*values, 0, 0, 0, 0)[:4])


def check(result: int) -> int:
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def _as_c(value: object) -> object:
    if isinstance(value, int):
        return ctypes.c_long(value)
    return value.encode() if isinstance(value, str) else value
