"""TIFF and BigTIFF, and the EXIF data of other formats, which has the form of a TIFF."""

import io
from collections.abc import Collection, Iterator
from typing import BinaryIO, NamedTuple

from assets.uploads.image_structure.binary import (
    MAX_PARTS,
    Order,
    Size,
    UnclearError,
    expect_bytes,
    number,
    read,
    read_number,
)

EXIF_HEADER = b"Exif\0\0"
MAX_IMAGES = 1000
_WIDTH, _HEIGHT, _ORIENTATION = 0x0100, 0x0101, 0x0112
# Where the strips or the tiles of an image are, and how long each is.
_STRIPS, _TILES = (0x0111, 0x0117), (0x0144, 0x0145)
_TYPES = {1: 1, 3: 2, 4: 4, 16: 8}  # unsigned numbers of one to eight bytes
_SIDEWAYS = (5, 6, 7, 8)  # orientations that swap width and height

Tags = dict[int, list[int]]


class _Layout(NamedTuple):
    """The order of bytes, where the position of the first directory stands, and the bytes of three kinds of number."""

    order: Order
    start: int
    entries: int
    offset: int


_LAYOUTS = {
    b"II*\0": _Layout("little", 4, 2, 4),
    b"MM\0*": _Layout("big", 4, 2, 4),
    b"II+\0": _Layout("little", 8, 8, 8),
    b"MM\0+": _Layout("big", 8, 8, 8),
}


def read_size(file: BinaryIO) -> Size:
    """TIFF 6.0, sections 2 and 15. Of several images, the first, but none may be incomplete."""
    images = list(_read_directories(file, (_WIDTH, _HEIGHT, *_STRIPS, *_TILES)))
    ends = [_find_end(tags) for tags in images]
    expect_bytes(file, max(ends))
    if not ends[0]:
        raise UnclearError
    return as_shown(images[0][_WIDTH][0], images[0][_HEIGHT][0], _read_orientation(file))


def _find_end(tags: Tags) -> int:
    parts = [
        offset + length
        for offsets, lengths in (_STRIPS, _TILES)
        for offset, length in zip(tags.get(offsets, []), tags.get(lengths, []), strict=False)
    ]
    return max(parts, default=0)


def find_orientation(exif: bytes) -> int:
    """The orientation in EXIF data, 0 if it has none."""
    return _read_orientation(io.BytesIO(exif.removeprefix(EXIF_HEADER)))


def as_shown(width: int, height: int, orientation: int = 0) -> Size:
    if not (width and height):
        raise UnclearError
    return (height, width) if orientation in _SIDEWAYS else (width, height)


def _read_orientation(file: BinaryIO) -> int:
    try:
        return next(_read_directories(file, [_ORIENTATION]))[_ORIENTATION][0]
    except (UnclearError, LookupError):
        return 0


def _read_directories(file: BinaryIO, wanted: Collection[int]) -> Iterator[Tags]:
    """The tags of each image."""
    file.seek(0)
    layout = _LAYOUTS[file.read(4)]
    file.seek(layout.start)
    for _ in range(MAX_IMAGES):
        start = read_number(file, layout.offset, layout.order)
        if not start:
            return
        yield _read_tags(file, layout, start, wanted)


def _read_tags(file: BinaryIO, layout: _Layout, start: int, wanted: Collection[int]) -> Tags:
    """The first of each of these tags, with its values. Moves to the position of the next directory."""
    file.seek(start)
    length, step = read_number(file, layout.entries, layout.order), 4 + 2 * layout.offset
    tags: Tags = {}
    for entry in range(start + layout.entries, start + layout.entries + step * min(length, MAX_PARTS), step):
        file.seek(entry)
        tag = read_number(file, 2, layout.order)
        if tag in wanted and tag not in tags:
            tags[tag] = _read_values(file, layout)
    file.seek(start + layout.entries + step * length)
    return tags


def _read_values(file: BinaryIO, layout: _Layout) -> list[int]:
    length = _TYPES[read_number(file, 2, layout.order)]
    count = read_number(file, layout.offset, layout.order)
    if not 0 < count <= MAX_PARTS:
        raise UnclearError
    if length * count > layout.offset:  # more than fits in the place of the offset
        file.seek(read_number(file, layout.offset, layout.order))
    data = read(file, length * count)
    return [number(data[start : start + length], layout.order) for start in range(0, len(data), length)]
