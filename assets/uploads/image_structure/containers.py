"""WebP and HEIF: containers of named parts."""

import io
from collections.abc import Callable, Iterator
from os import SEEK_END
from typing import BinaryIO

from assets.uploads.image_structure.binary import (
    BLOCK_BYTES,
    MAX_PARTS,
    IncompleteError,
    Size,
    UnclearError,
    expect_bytes,
    number,
    read,
    read_number,
)
from assets.uploads.image_structure.tiff import as_shown, find_orientation

MAX_METADATA_BYTES = 1_000_000


def read_webp_size(file: BinaryIO) -> Size:
    """RFC 9649, section 2."""
    size, exif = (0, 0), b""
    for kind, beginning in _read_webp_chunks(file):
        if kind == b"EXIF":
            exif = exif or beginning
        elif kind in _WEBP_HEADERS and not any(size):
            size = _WEBP_HEADERS[kind](beginning)
    return as_shown(*size, find_orientation(exif))


def _read_webp_chunks(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """The kind of each chunk, and its beginning."""
    file.seek(4)
    end = 8 + read_number(file, 4, "little")
    start = 12
    for _ in range(MAX_PARTS):
        if start >= end:
            return
        file.seek(start)
        kind, length = read(file, 4), read_number(file, 4, "little")
        yield kind, file.read(min(length, BLOCK_BYTES))
        start += 8 + length
        expect_bytes(file, start)
        start += length % 2
    raise UnclearError


def _parse_vp8(header: bytes) -> Size:
    return number(header[6:8], "little") & 0x3FFF, number(header[8:10], "little") & 0x3FFF


def _parse_vp8l(header: bytes) -> Size:
    bits = number(header[1:5], "little")
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1


def _parse_vp8x(header: bytes) -> Size:
    return number(header[4:7], "little") + 1, number(header[7:10], "little") + 1


_WEBP_HEADERS: dict[bytes, Callable[[bytes], Size]] = {
    b"VP8 ": _parse_vp8,
    b"VP8L": _parse_vp8l,
    b"VP8X": _parse_vp8x,
}


_OUTERMOST = (b"ftyp", b"meta", b"mdat", b"moov")


def read_heif_size(file: BinaryIO) -> Size:
    """ISO/IEC 14496-12 and 23008-12, AVIF included: the properties of the primary item, in their order.

    Orientation in its EXIF data does not count.
    """
    metadata = dict(_read_boxes(file, b"meta"))[b"meta"]
    try:
        return as_shown(*_read_item_size(metadata))
    except IncompleteError:  # of the metadata, not of the file
        raise UnclearError from None


def _read_item_size(metadata: bytes) -> Size:
    parts = dict(_read_boxes(io.BytesIO(metadata[4:]), b"pitm", b"iprp"))
    item = number(parts[b"pitm"][4:])
    properties = dict(_read_boxes(io.BytesIO(parts[b"iprp"]), b"ipco", b"ipma"))
    known = [*_read_boxes(io.BytesIO(properties[b"ipco"]), *_HEIF_PROPERTIES)]
    size = (0, 0)
    for index in filter(None, _find_properties(io.BytesIO(properties[b"ipma"]), item)):
        kind, content = known[index - 1]
        if kind in _HEIF_PROPERTIES:
            size = _HEIF_PROPERTIES[kind](content, size)
    return size


def _find_properties(file: BinaryIO, item: int) -> list[int]:
    """The numbers of an item's properties, from a box that lists those of every item."""
    version, flags = read_number(file, 1), read_number(file, 3)
    for _ in range(read_number(file, 4)):
        is_wanted = read_number(file, 4 if version else 2) == item
        # The first bit says that the property is essential.
        bytes_each, mask = (2, 0x7FFF) if flags & 1 else (1, 0x7F)
        numbers = [read_number(file, bytes_each) & mask for _ in range(read_number(file, 1))]
        if is_wanted:
            return numbers
    raise UnclearError


def _read_extent(content: bytes, size: Size) -> Size:
    return number(content[4:8]), number(content[8:12])


def _crop(content: bytes, size: Size) -> Size:
    """The part that is shown; its width and height are fractions."""
    width, of_width, height, of_height = (number(content[at : at + 4]) for at in range(0, 16, 4))
    if not (of_width and of_height):
        raise UnclearError
    return round(width / of_width), round(height / of_height)


def _turn(content: bytes, size: Size) -> Size:
    return (size[1], size[0]) if content[0] % 2 else size


_HEIF_PROPERTIES: dict[bytes, Callable[[bytes, Size], Size]] = {b"ispe": _read_extent, b"clap": _crop, b"irot": _turn}


def _read_boxes(file: BinaryIO, *wanted: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The kind of each box, and the content of those that are wanted."""
    start, end = 0, file.seek(0, SEEK_END)
    for _ in range(MAX_PARTS):
        if start == end:
            return
        file.seek(start)
        length, kind = read_number(file, 4), read(file, 4)
        if length == 1:
            length = read_number(file, 8)
        stop = start + length if length else end
        if kind in wanted and stop - start > MAX_METADATA_BYTES:
            raise UnclearError
        yield kind, read(file, stop - file.tell()) if kind in wanted else b""
        start = stop
        if start > end and kind not in _OUTERMOST:  # no box, but what a program put behind the image
            raise UnclearError
        expect_bytes(file, start)
    raise UnclearError
