"""Reading binary files part by part."""

from os import SEEK_END
from typing import BinaryIO, Literal

# A decoder has to tell about images of more parts.
MAX_PARTS = 100_000
BLOCK_BYTES = 64 * 1024

Size = tuple[int, int]
Order = Literal["big", "little"]


class UnclearError(Exception):
    """Only a decoder can tell: the file is incomplete, damaged, or of a form that is not known here."""


def read(file: BinaryIO, length: int) -> bytes:
    data = file.read(max(0, length))
    if len(data) != length:
        raise UnclearError
    return data


def read_number(file: BinaryIO, length: int, order: Order = "big") -> int:
    return number(read(file, length), order)


def number(data: bytes, order: Order = "big") -> int:
    return int.from_bytes(data, order)


def expect_bytes(file: BinaryIO, end: int) -> None:
    """Raises UnclearError if the file ends before this position. Moves to its end."""
    if file.seek(0, SEEK_END) < end:
        raise UnclearError
