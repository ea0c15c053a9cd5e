"""What is in a container that can hold different things. Goes from one part to the next, as far as it has to."""

from typing import BinaryIO

MAX_PARTS = 10_000
# Advanced Systems Format specification, 10.1 to 10.4.
_STREAM_PROPERTIES = bytes.fromhex("9107dcb7b7a9cf118ee600c00c205365")
_ASF_VIDEO = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")
_ASF_HEADER_BYTES = 30
_EBML_HEADER_BYTES = 4096
# The first packet of each stream of pictures.
_OGG_PICTURES = (b"\x80theora", b"BBCD\0", b"\x01video\0", b"OVP80\x01")
_OGG_HEADERS_BYTES = 4096


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


def detect_in_asf(file: BinaryIO) -> str:
    """Its streams are described in objects of the header, among which can be a cover."""
    position = _ASF_HEADER_BYTES
    for _ in range(MAX_PARTS):
        file.seek(position)
        header = file.read(40)
        length = int.from_bytes(header[16:24], "little")
        if header[:16] == _STREAM_PROPERTIES and header[24:40] == _ASF_VIDEO:
            return "video/x-ms-wmv"
        if length < 24:  # noqa: PLR2004  (the header of an object)
            break
        position += length
    return "audio/x-ms-wma"


def detect_in_ogg(file: BinaryIO) -> str:
    file.seek(0)
    beginning = file.read(_OGG_HEADERS_BYTES)
    return "video/ogg" if any(packet in beginning for packet in _OGG_PICTURES) else "audio/ogg"


def detect_in_matroska(file: BinaryIO) -> str:
    file.seek(0)
    return "video/webm" if b"webm" in file.read(_EBML_HEADER_BYTES) else "video/x-matroska"
