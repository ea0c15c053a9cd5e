"""Formats that begin like others."""

from typing import BinaryIO

MAX_PARTS = 10_000
_EBML_HEADER_BYTES = 4096
_JPEG_LS_FRAME = b"\xff\xf7"
_JPEG_FRAMES = {bytes([0xFF, code]) for code in range(0xC0, 0xD0) if code not in (0xC4, 0xC8, 0xCC)}


def detect_in_png(file: BinaryIO) -> str:
    """It is animated if that is said before its first data."""
    position = 8
    for _ in range(MAX_PARTS):
        file.seek(position)
        header = file.read(8)
        if header[4:] == b"acTL":
            return "image/apng"
        if header[4:] in (b"IDAT", b""):
            break
        position += int.from_bytes(header[:4]) + 12
    return "image/png"


def detect_in_jpeg(file: BinaryIO) -> str:
    """The frame's marker says how it is compressed."""
    position = 2
    for _ in range(MAX_PARTS):
        file.seek(position)
        marker, length = file.read(2), int.from_bytes(file.read(2))
        if marker == _JPEG_LS_FRAME:
            return "image/jls"
        if marker in _JPEG_FRAMES or marker[:1] != b"\xff" or length < 2:  # noqa: PLR2004  (its own bytes)
            break
        position += 2 + length
    return "image/jpeg"


def detect_in_matroska(file: BinaryIO) -> str:
    file.seek(0)
    return "video/webm" if b"webm" in file.read(_EBML_HEADER_BYTES) else "video/x-matroska"
