"""PNG, JPEG, GIF, BMP, ICO and QOI."""

import re
import zlib
from os import SEEK_CUR, SEEK_END
from typing import BinaryIO

from assets.uploads.image_structure.binary import (
    BLOCK_BYTES,
    MAX_PARTS,
    ChecksumError,
    IncompleteError,
    Size,
    UnclearError,
    expect_bytes,
    number,
    read,
    read_number,
)
from assets.uploads.image_structure.tiff import EXIF_HEADER, as_shown, find_orientation

# Each scan of a progressive JPEG is a pass over the whole image. Programs write about ten.
MAX_SCANS = 100
SMALL_BLOCK_BYTES = 4096


class TooManyScansError(Exception):
    """A JPEG has more than MAX_SCANS, and would take minutes to decode."""


def read_png_size(file: BinaryIO) -> Size:
    """https://www.w3.org/TR/png-3/#5DataRep. Every checksum is compared."""
    header, exif, has_data = b"", b"", False
    file.seek(8)
    for _ in range(MAX_PARTS):
        kind, beginning = _read_png_chunk(file)
        if kind == b"IHDR":
            header = beginning
        elif kind == b"eXIf":
            exif = exif or beginning
        elif kind == b"IEND" and has_data:
            return as_shown(number(header[:4]), number(header[4:8]), find_orientation(exif))
        has_data = has_data or kind == b"IDAT"
    raise UnclearError


def _read_png_chunk(file: BinaryIO) -> tuple[bytes, bytes]:
    """The kind of the next chunk, and its beginning."""
    length, kind = read_number(file, 4), read(file, 4)
    checksum, beginning = zlib.crc32(kind), b""
    for offset in range(0, length, BLOCK_BYTES):
        block = read(file, min(BLOCK_BYTES, length - offset))
        checksum = zlib.crc32(block, checksum)
        beginning = beginning or block
    if read_number(file, 4) != checksum:
        raise ChecksumError
    return kind, beginning


# Not a byte of compressed data, a restart within it, or padding.
_JPEG_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_START_OF_SCAN, _END_OF_IMAGE, _APP1 = 0xDA, 0xD9, 0xE1
# Between the frame headers are the codes of three tables.
_FRAME_HEADERS = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}


def read_jpeg_size(file: BinaryIO) -> Size:
    """ITU-T T.81, annex B."""
    header, exif, scans = b"", b"", 0
    file.seek(2)
    for _ in range(MAX_PARTS):
        marker = _find_jpeg_marker(file)
        if marker == _END_OF_IMAGE and scans:
            return as_shown(number(header[3:5]), number(header[1:3]), find_orientation(exif))
        segment = read(file, read_number(file, 2) - 2)
        if marker in _FRAME_HEADERS:
            header = header or segment
        elif marker == _APP1 and segment.startswith(EXIF_HEADER):
            exif = exif or segment
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
    raise IncompleteError


def read_gif_size(file: BinaryIO) -> Size:
    """https://www.w3.org/Graphics/GIF/spec-gif89a.txt. Its parts are read only if it does not end as it should."""
    file.seek(6)
    width, height = read_number(file, 2, "little"), read_number(file, 2, "little")
    file.seek(-2, SEEK_END)
    if file.read(2) != b"\0;":
        _find_gif_end(file)
    return as_shown(width, height)


_GIF_EXTENSION, _GIF_IMAGE, _GIF_END = b"!", b",", b";"
_MAX_GIF_BLOCKS = 1_000_000


def _find_gif_end(file: BinaryIO) -> None:
    file.seek(10)
    _skip_gif_colours(file)
    file.seek(2, SEEK_CUR)
    while (kind := read(file, 1)) != _GIF_END:
        if kind == _GIF_IMAGE:
            file.seek(8, SEEK_CUR)
            _skip_gif_colours(file)
        elif kind != _GIF_EXTENSION:
            raise UnclearError
        read(file, 1)  # the kind of the extension, or of the codes
        _skip_gif_blocks(file)


def _skip_gif_colours(file: BinaryIO) -> None:
    """Go past the byte that says how many colours follow it; those of the file have two more bytes between."""
    flags = read_number(file, 1)
    file.seek(3 << (flags & 7) + 1 if flags & 0x80 else 0, SEEK_CUR)


def _skip_gif_blocks(file: BinaryIO) -> None:
    for _ in range(_MAX_GIF_BLOCKS):
        length = read_number(file, 1)
        if not length:
            return
        file.seek(length, SEEK_CUR)
    raise UnclearError


def read_bmp_size(file: BinaryIO) -> Size:
    """BITMAPFILEHEADER and BITMAPINFOHEADER of the Windows API. Only uncompressed ones."""
    header = read(file, 54)
    width, height = (int.from_bytes(header[at : at + 4], "little", signed=True) for at in (18, 22))
    bits, compression = number(header[28:30], "little"), number(header[30:34], "little")
    if number(header[14:18], "little") < 40 or compression not in _UNCOMPRESSED or width <= 0:  # noqa: PLR2004
        raise UnclearError
    bytes_in_row = (width * bits + 31) // 32 * 4
    expect_bytes(file, number(header[10:14], "little") + bytes_in_row * abs(height))
    return as_shown(width, abs(height))


_UNCOMPRESSED = (0, 3)
_ICO_ENTRY_BYTES = 16


def read_ico_size(file: BinaryIO) -> Size:
    """The size of the largest of its images, which Windows looks up in the same way."""
    file.seek(4)
    entries = [read(file, _ICO_ENTRY_BYTES) for _ in range(read_number(file, 2, "little"))]
    for entry in entries:
        expect_bytes(file, number(entry[8:12], "little") + number(entry[12:16], "little"))
    width, height = max((entry[0] or 256, entry[1] or 256) for entry in entries)
    return as_shown(width, height)


_QOI_END = bytes(7) + b"\1"
_MAX_QOI_PIXELS = 200_000_000  # of more, the size alone is reason enough to refuse it


def read_qoi_size(file: BinaryIO) -> Size:
    """https://qoiformat.org/qoi-specification.pdf. Other programs add something behind its end."""
    file.seek(4)
    width, height = read_number(file, 4), read_number(file, 4)
    file.seek(max(0, file.seek(0, SEEK_END) - BLOCK_BYTES))
    if width * height <= _MAX_QOI_PIXELS and _QOI_END not in file.read():
        raise IncompleteError
    return as_shown(width, height)
