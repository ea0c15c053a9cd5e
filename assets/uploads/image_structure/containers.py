"""WebP and HEIF: containers of named parts."""

import re
from collections.abc import Callable, Iterator
from math import prod
from os import SEEK_END
from typing import BinaryIO

from assets.uploads.image_structure.binary import (
    BLOCK_BYTES,
    MAX_PARTS,
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
# Boxes within the metadata of HEIF: the size of an image, what is shown of it (as fractions), and how it is turned.
_HEIF_SIZE = re.compile(rb"ispe\0\0\0\0(.{4})(.{4})", re.DOTALL)
_HEIF_CROP = re.compile(rb"clap(.{4})\0\0\0\x01(.{4})\0\0\0\x01", re.DOTALL)
_HEIF_TURNS = re.compile(rb"irot(.)", re.DOTALL)


def read_heif_size(file: BinaryIO) -> Size:
    """ISO/IEC 14496-12 and 23008-12, AVIF included."""
    metadata = dict(_read_heif_boxes(file))[b"meta"]
    found = _HEIF_CROP.findall(metadata) or _HEIF_SIZE.findall(metadata)
    # The smaller ones are those of tiles and thumbnails.
    width, height = max(((number(width), number(height)) for width, height in found), key=prod)
    turns = {turns[0] % 2 for turns in _HEIF_TURNS.findall(metadata)}
    if len(turns) > 1:
        raise UnclearError
    return as_shown(height, width) if turns == {1} else as_shown(width, height)


def _read_heif_boxes(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """The kind of each box, and the content of the one with the metadata."""
    start, end = 0, file.seek(0, SEEK_END)
    for _ in range(MAX_PARTS):
        if start == end:
            return
        file.seek(start)
        length, kind = read_number(file, 4), read(file, 4)
        if length == 1:
            length = read_number(file, 8)
        if kind == b"meta" and length > MAX_METADATA_BYTES:
            raise UnclearError
        yield kind, file.read(length) if kind == b"meta" else b""
        start = start + length if length else end
        expect_bytes(file, start)
    raise UnclearError
