"""The size of a JPEG XL (ISO/IEC 18181-1 and -2), which its decoder only tells once it has decoded all of it."""

from typing import BinaryIO

_CODESTREAM = b"\xff\x0a"
_MAX_BOXES = 1000
_PART_INDEX_BYTES = 4
# Bits of a height or a width, by the two bits before it.
_LENGTHS = (9, 13, 18, 30)
_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))


def read_size(file: BinaryIO) -> tuple[int, int]:
    """Width and height as they are stored. Raises ValueError if they are not found."""
    header = _find_codestream(file)
    if not header.startswith(_CODESTREAM):
        raise ValueError("no codestream")
    bits = _Bits(header[2:])
    is_small = bits.read(1)
    height = _read_length(bits, is_small)
    ratio = bits.read(3)
    if not ratio:
        return _read_length(bits, is_small), height
    across, down = _RATIOS[ratio - 1]
    return height * across // down, height


def _find_codestream(file: BinaryIO) -> bytes:
    """Its first bytes: the file's own, or those of a box."""
    start = 0
    for _ in range(_MAX_BOXES):
        file.seek(start)
        header = file.read(32)
        if header.startswith(_CODESTREAM) or len(header) < 8:  # noqa: PLR2004  (a box has a length and a name)
            return header
        length, name = int.from_bytes(header[:4]), header[4:8]
        content = 8
        if length == 1:
            length, content = int.from_bytes(header[8:16]), 16
        if name in (b"jxlc", b"jxlp"):
            return header[content + (_PART_INDEX_BYTES if name == b"jxlp" else 0) :]
        start += max(length, 8)
    return b""


class _Bits:
    """Numbers of any length, from the lowest bit on."""

    def __init__(self, data: bytes) -> None:
        self._rest = int.from_bytes(data, "little")

    def read(self, count: int) -> int:
        value = self._rest & ((1 << count) - 1)
        self._rest >>= count
        return value


def _read_length(bits: _Bits, is_small: int) -> int:
    return (bits.read(5) + 1) * 8 if is_small else bits.read(_LENGTHS[bits.read(2)]) + 1
