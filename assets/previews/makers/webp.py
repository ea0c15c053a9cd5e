"""The header of a WebP image (RFC 9649, section 2): to open one at all, Pillow needs memory for all of its pixels."""

from typing import BinaryIO

_HEADER_BYTES = 30
_HAS_ALPHA, _IS_ANIMATED = 0x10, 0x02


def count_pixels(file: BinaryIO) -> int:
    """Of a still and opaque image, 0 for others."""
    file.seek(0)
    header = file.read(_HEADER_BYTES)
    file.seek(0)
    kind = header[12:16]
    if kind == b"VP8 ":
        return (_number(header[26:28]) & 0x3FFF) * (_number(header[28:30]) & 0x3FFF)
    if kind == b"VP8X" and not header[20] & (_HAS_ALPHA | _IS_ANIMATED):
        return (_number(header[24:27]) + 1) * (_number(header[27:30]) + 1)
    bits = _number(header[21:25])
    return ((bits & 0x3FFF) + 1) * ((bits >> 14 & 0x3FFF) + 1) if kind == b"VP8L" else 0


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little")
