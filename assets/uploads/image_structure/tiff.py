"""TIFF, and the EXIF data of other formats, which has the same form."""

import io
from collections.abc import Mapping
from typing import BinaryIO

from assets.uploads.image_structure.binary import MAX_PARTS, Order, Size, UnclearError, expect_bytes, read, read_number

EXIF_HEADER = b"Exif\0\0"
_ORDERS: dict[bytes, Order] = {b"II*\0": "little", b"MM\0*": "big"}
_WIDTH, _HEIGHT, _ORIENTATION = 0x0100, 0x0101, 0x0112
# Where the strips or the tiles of an image are, and how long each is.
_STRIPS, _TILES = (0x0111, 0x0117), (0x0144, 0x0145)
_TAGS = {_WIDTH, _HEIGHT, _ORIENTATION, *_STRIPS, *_TILES}
_TYPES = {3: 2, 4: 4}  # unsigned numbers of two and four bytes
_SIDEWAYS = (5, 6, 7, 8)  # orientations that swap width and height


def read_size(file: BinaryIO) -> Size:
    """TIFF 6.0, sections 2 and 15. Of several images, the first."""
    tags = _read_tags(file)
    parts = [
        offset + length
        for offsets, lengths in (_STRIPS, _TILES)
        for offset, length in zip(tags.get(offsets, []), tags.get(lengths, []), strict=False)
    ]
    expect_bytes(file, max(parts, default=0))
    if not parts:
        raise UnclearError
    return as_shown(tags[_WIDTH][0], tags[_HEIGHT][0], _orientation_in(tags))


def find_orientation(exif: bytes) -> int:
    """The orientation in EXIF data, 0 if it has none."""
    try:
        return _orientation_in(_read_tags(io.BytesIO(exif.removeprefix(EXIF_HEADER))))
    except (UnclearError, LookupError):
        return 0


def as_shown(width: int, height: int, orientation: int = 0) -> Size:
    if not (width and height):
        raise UnclearError
    return (height, width) if orientation in _SIDEWAYS else (width, height)


def _orientation_in(tags: Mapping[int, list[int]]) -> int:
    return tags.get(_ORIENTATION, [0])[0]


def _read_tags(file: BinaryIO) -> dict[int, list[int]]:
    """The tags that matter here, with their values."""
    file.seek(0)
    order = _ORDERS[file.read(4)]
    start = read_number(file, 4, order)
    file.seek(start)
    tags: dict[int, list[int]] = {}
    for entry in range(start + 2, start + 2 + 12 * read_number(file, 2, order), 12):
        file.seek(entry)
        tag = read_number(file, 2, order)
        if tag in _TAGS and tag not in tags:
            tags[tag] = _read_values(file, order)
    return tags


def _read_values(file: BinaryIO, order: Order) -> list[int]:
    length, count = _TYPES[read_number(file, 2, order)], read_number(file, 4, order)
    if not 0 < count <= MAX_PARTS:
        raise UnclearError
    if length * count > 4:  # noqa: PLR2004  (more than fits in the place of the offset)
        file.seek(read_number(file, 4, order))
    data = read(file, length * count)
    return [int.from_bytes(data[start : start + length], order) for start in range(0, len(data), length)]
