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


class IncompleteError(UnclearError):
    """A part is missing. `whole_size`: how many bytes the file should have, if known."""

    def __init__(self, whole_size: int | None = None) -> None:
        super().__init__()
        self.whole_size = whole_size


class ChecksumError(UnclearError):
    """A part is not what was written."""


def read(file: BinaryIO, length: int) -> bytes:
    data = file.read(max(0, length))
    if len(data) != length:
        raise IncompleteError
    return data


def read_number(file: BinaryIO, length: int, order: Order = "big") -> int:
    return number(read(file, length), order)


def number(data: bytes, order: Order = "big") -> int:
    return int.from_bytes(data, order)


def expect_bytes(file: BinaryIO, end: int) -> None:
    """Raises IncompleteError if the file ends before this position. Moves to its end."""
    if file.seek(0, SEEK_END) < end:
        raise IncompleteError(end)
