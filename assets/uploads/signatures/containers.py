"""Formats that begin like others."""

from typing import BinaryIO

MAX_PARTS = 10_000
_EBML_HEADER_BYTES = 4096


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


def detect_in_matroska(file: BinaryIO) -> str:
    file.seek(0)
    return "video/webm" if b"webm" in file.read(_EBML_HEADER_BYTES) else "video/x-matroska"
