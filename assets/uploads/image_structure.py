"""What the bytes of an image say without being decoded: how large it is, and that none of them are missing.

Reads headers, and skips from one part of the file to the next, so that it costs the same whatever the image would cost
a decoder. Knows nothing of Django.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from math import prod
from os import SEEK_CUR, SEEK_END
from typing import BinaryIO, Literal

# A decoder has to tell about images of more parts.
MAX_PARTS = 100_000
# Each scan of a progressive JPEG is a pass over the whole image. Programs write about ten.
MAX_SCANS = 100
MAX_METADATA_BYTES = 1_000_000
BLOCK_BYTES = 64 * 1024
SMALL_BLOCK_BYTES = 4096

Size = tuple[int, int]
Order = Literal["big", "little"]

_SIDEWAYS = (5, 6, 7, 8)  # EXIF orientations that swap width and height
_ORIENTATION_TAG = 0x0112


class UnclearError(Exception):
    """Only a decoder can tell: the file is incomplete, damaged, or of a form that is not known here."""


class TooManyScansError(Exception):
    """A JPEG has more than MAX_SCANS, and would take minutes to decode."""


def read_size(file: BinaryIO, media_type: str) -> Size:
    """Width and height, as the image is shown, of a complete file of one of the usual formats."""
    file.seek(0)
    try:
        return _READERS[media_type](file)
    except LookupError:  # another format, or a part is missing
        raise UnclearError from None


def _read_png(file: BinaryIO) -> Size:
    """https://www.w3.org/TR/png-3/#5DataRep. Every checksum is compared."""
    header, orientation, has_data = b"", 0, False
    file.seek(8)
    for _ in range(MAX_PARTS):
        kind, beginning = _read_png_chunk(file)
        if kind == b"IHDR":
            header = beginning
        elif kind == b"eXIf":
            orientation = _find_orientation(beginning)
        elif kind == b"IEND" and has_data:
            return _as_shown(_number(header[:4]), _number(header[4:8]), orientation)
        has_data = has_data or kind == b"IDAT"
    raise UnclearError


def _read_png_chunk(file: BinaryIO) -> tuple[bytes, bytes]:
    """The kind of the next chunk, and its beginning."""
    length, kind = _read_number(file, 4), _read(file, 4)
    checksum, beginning = zlib.crc32(kind), b""
    for offset in range(0, length, BLOCK_BYTES):
        block = _read(file, min(BLOCK_BYTES, length - offset))
        checksum = zlib.crc32(block, checksum)
        beginning = beginning or block
    if _read_number(file, 4) != checksum:
        raise UnclearError
    return kind, beginning


# Not a byte of compressed data, a restart within it, or padding.
_JPEG_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_START_OF_SCAN, _END_OF_IMAGE, _APP1 = 0xDA, 0xD9, 0xE1
# Between the frame headers are the codes of three tables.
_FRAME_HEADERS = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_EXIF = b"Exif\0\0"


def _read_jpeg(file: BinaryIO) -> Size:
    """ITU-T T.81, annex B."""
    header, orientation, scans = b"", 0, 0
    file.seek(2)
    for _ in range(MAX_PARTS):
        marker = _find_jpeg_marker(file)
        if marker == _END_OF_IMAGE and scans:
            return _as_shown(_number(header[3:5]), _number(header[1:3]), orientation)
        segment = _read(file, _read_number(file, 2) - 2)
        if marker in _FRAME_HEADERS:
            header = header or segment
        elif marker == _APP1 and segment.startswith(_EXIF):
            orientation = _find_orientation(segment.removeprefix(_EXIF))
        scans += marker == _START_OF_SCAN
        if scans > MAX_SCANS:
            raise TooManyScansError
    raise UnclearError


def _find_jpeg_marker(file: BinaryIO) -> int:
    """Go past the next marker, and past the compressed data before it."""
    while block := file.read(SMALL_BLOCK_BYTES):
        if found := _JPEG_MARKER.search(block):
            file.seek(found.end() - len(block), SEEK_CUR)
            return found[0][1]
        if block.endswith(b"\xff") and len(block) > 1:
            file.seek(-1, SEEK_CUR)
    raise UnclearError


def _read_gif(file: BinaryIO) -> Size:
    """https://www.w3.org/Graphics/GIF/spec-gif89a.txt, of which only the first and the last part."""
    file.seek(6)
    width, height = _read_number(file, 2, "little"), _read_number(file, 2, "little")
    file.seek(-1, SEEK_END)
    if file.read(1) != b";":
        raise UnclearError
    return _as_shown(width, height)


def _read_webp(file: BinaryIO) -> Size:
    """RFC 9649, section 2."""
    size, orientation = (0, 0), 0
    for kind, beginning in _read_webp_chunks(file):
        if kind == b"EXIF":
            orientation = _find_orientation(beginning.removeprefix(_EXIF))
        elif kind in _WEBP_HEADERS and not any(size):
            size = _WEBP_HEADERS[kind](beginning)
    return _as_shown(*size, orientation)


def _read_webp_chunks(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """The kind of each chunk, and its beginning."""
    file.seek(4)
    end = 8 + _read_number(file, 4, "little")
    start = 12
    for _ in range(MAX_PARTS):
        if start >= end:
            return
        file.seek(start)
        kind, length = _read(file, 4), _read_number(file, 4, "little")
        yield kind, file.read(min(length, BLOCK_BYTES))
        start += 8 + length
        _expect_bytes(file, start)
        start += length % 2
    raise UnclearError


def _parse_vp8(header: bytes) -> Size:
    return _number(header[6:8], "little") & 0x3FFF, _number(header[8:10], "little") & 0x3FFF


def _parse_vp8l(header: bytes) -> Size:
    bits = _number(header[1:5], "little")
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1


def _parse_vp8x(header: bytes) -> Size:
    return _number(header[4:7], "little") + 1, _number(header[7:10], "little") + 1


_WEBP_HEADERS: dict[bytes, Callable[[bytes], Size]] = {
    b"VP8 ": _parse_vp8,
    b"VP8L": _parse_vp8l,
    b"VP8X": _parse_vp8x,
}
# Boxes within the metadata of HEIF: the size of an image, and how often it is turned.
_HEIF_SIZE = re.compile(rb"ispe\0\0\0\0(.{4})(.{4})", re.DOTALL)
_HEIF_TURNS = re.compile(rb"irot(.)", re.DOTALL)


def _read_heif(file: BinaryIO) -> Size:
    """ISO/IEC 14496-12 and 23008-12, AVIF included."""
    metadata = dict(_read_heif_boxes(file))[b"meta"]
    sizes = [(_number(width), _number(height)) for width, height in _HEIF_SIZE.findall(metadata)]
    turns = {turns[0] % 2 for turns in _HEIF_TURNS.findall(metadata)} or {0}
    if not sizes or len(turns) > 1 or b"clap" in metadata:
        raise UnclearError
    # The smaller ones are those of tiles and thumbnails.
    width, height = max(sizes, key=prod)
    return _as_shown(height, width) if turns == {1} else _as_shown(width, height)


def _read_heif_boxes(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """The kind of each box, and the content of the one with the metadata."""
    start, end = 0, file.seek(0, SEEK_END)
    for _ in range(MAX_PARTS):
        if start == end:
            return
        file.seek(start)
        length, kind = _read_number(file, 4), _read(file, 4)
        if length == 1:
            length = _read_number(file, 8)
        yield kind, file.read(min(length, MAX_METADATA_BYTES)) if kind == b"meta" else b""
        start = start + length if length else end
        _expect_bytes(file, start)
    raise UnclearError


_READERS: dict[str, Callable[[BinaryIO], Size]] = {
    "image/apng": _read_png,
    "image/avif": _read_heif,
    "image/gif": _read_gif,
    "image/heic": _read_heif,
    "image/heif": _read_heif,
    "image/jpeg": _read_jpeg,
    "image/png": _read_png,
    "image/webp": _read_webp,
}


def _read(file: BinaryIO, length: int) -> bytes:
    data = file.read(max(0, length))
    if len(data) != length:
        raise UnclearError
    return data


def _read_number(file: BinaryIO, length: int, order: Order = "big") -> int:
    return _number(_read(file, length), order)


def _expect_bytes(file: BinaryIO, end: int) -> None:
    if file.seek(0, SEEK_END) < end:
        raise UnclearError


def _number(data: bytes, order: Order = "big") -> int:
    return int.from_bytes(data, order)


def _find_orientation(exif: bytes) -> int:
    """The orientation in EXIF data, 0 if it has none."""
    order: Order = "big" if exif.startswith(b"MM") else "little"
    start = _number(exif[4:8], order)
    count = _number(exif[start : start + 2], order)
    for entry in range(start + 2, min(len(exif), start + 2 + count * 12), 12):
        if _number(exif[entry : entry + 2], order) == _ORIENTATION_TAG:
            return _number(exif[entry + 8 : entry + 10], order)
    return 0


def _as_shown(width: int, height: int, orientation: int = 0) -> Size:
    if not (width and height):
        raise UnclearError
    return (height, width) if orientation in _SIDEWAYS else (width, height)
