"""Pictures whose first bytes say little: icons, TGA, and the raw photos of cameras, which look like TIFF."""

import struct
from collections.abc import Iterator
from typing import BinaryIO, Literal

Order = Literal["big", "little"]
Tags = dict[int, list[int]]

_ICO, _CUR = b"\0\0\1\0", b"\0\0\2\0"
_ICO_HEADER_BYTES, _ICO_ENTRY_BYTES = 6, 16


def is_icon(head: bytes) -> bool:
    """Whether a directory of icons or cursors begins here. Its first bytes are also those of a TGA."""
    count = int.from_bytes(head[4:6], "little")
    entry = head[_ICO_HEADER_BYTES : _ICO_HEADER_BYTES + _ICO_ENTRY_BYTES]
    if head[:4] not in (_ICO, _CUR) or not count or len(entry) < _ICO_ENTRY_BYTES:
        return False
    length, offset = struct.unpack("<II", entry[8:])
    return bool(length) and int(offset) >= _ICO_HEADER_BYTES + _ICO_ENTRY_BYTES * count


_TGA_HEADER = struct.Struct("<BBBHHBHHHHBB")
# Bits of a pixel by type: with a palette, in colour, in grey. The second of each is compressed.
_TGA_DEPTHS = {1: (8, 16), 9: (8, 16), 2: (15, 16, 24, 32), 10: (15, 16, 24, 32), 3: (1, 8, 16), 11: (8, 16)}
_TGA_MAPPED, _TGA_MAP_DEPTHS = (1, 9), (15, 16, 24, 32)
_TGA_RESERVED_FLAGS = 0xC0


def is_tga(head: bytes) -> bool:
    """Whether the header makes sense throughout: nothing else tells a TGA."""
    if len(head) <= _TGA_HEADER.size:
        return False
    _, has_map, kind, _, colours, map_depth, _, _, width, height, depth, flags = _TGA_HEADER.unpack_from(head)
    if depth not in _TGA_DEPTHS.get(kind, ()) or flags & _TGA_RESERVED_FLAGS or not (width and height):
        return False
    if kind in _TGA_MAPPED:
        return has_map == 1 and colours > 0 and map_depth in _TGA_MAP_DEPTHS
    return has_map == 0 or map_depth in _TGA_MAP_DEPTHS


_ORDERS: dict[bytes, Order] = {b"II": "little", b"MM": "big"}
_MAKE, _PHOTOMETRIC, _SUBFILE, _SUB_IFDS, _DNG = 0x010F, 0x0106, 0x00FE, 0x014A, 0xC612
_TAGS = {_MAKE, _PHOTOMETRIC, _SUBFILE, _SUB_IFDS, _DNG}
_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 13: 4}
# What is in front of the sensor, or comes from it.
_RAW_PHOTOMETRICS = {32803, 34892}
_MAX_IFDS, _MAX_ENTRIES, _MAX_VALUES = 20, 500, 64
_MAKERS = {
    "canon": "image/x-canon-cr2",
    "nikon": "image/x-nikon-nef",
    "pentax": "image/x-pentax-pef",
    "ricoh": "image/x-pentax-pef",
    "samsung": "image/x-samsung-srw",
    "sony": "image/x-sony-arw",
}


def detect_in_tiff(file: BinaryIO) -> str:
    """Whether this is a TIFF, or what a camera's sensor saw: that looks like a TIFF of its thumbnail."""
    directories = list(_read_directories(file))
    first: Tags = directories[0] if directories else {}
    if any(_DNG in tags for tags in directories):
        return "image/x-adobe-dng"
    if not any(_RAW_PHOTOMETRICS & set(tags.get(_PHOTOMETRIC, [])) for tags in directories):
        return "image/tiff"
    make = bytes(byte for byte in first.get(_MAKE, []) if byte).decode("ascii", "replace").lower()
    return next((media_type for maker, media_type in _MAKERS.items() if make.startswith(maker)), "image/x-raw")


def _read_directories(file: BinaryIO) -> Iterator[Tags]:
    file.seek(0)
    header = file.read(8)
    order = _ORDERS.get(header[:2])
    if order is None or int.from_bytes(header[2:4], order) != 42:  # noqa: PLR2004
        return
    due = [int.from_bytes(header[4:8], order)]
    for _ in range(_MAX_IFDS):
        if not due:
            return
        tags, following = _read_directory(file, due.pop(0), order)
        yield tags
        due += [*tags.get(_SUB_IFDS, []), *filter(None, [following])]


def _read_directory(file: BinaryIO, start: int, order: Order) -> tuple[Tags, int]:
    """Its tags, and where the next directory is."""
    file.seek(start)
    count = min(int.from_bytes(file.read(2), order), _MAX_ENTRIES)
    entries = file.read(12 * count)
    following = int.from_bytes(file.read(4), order)
    tags: Tags = {}
    for at in range(0, len(entries) - 11, 12):
        tag = int.from_bytes(entries[at : at + 2], order)
        if tag in _TAGS:
            tags[tag] = _read_values(file, entries[at + 2 : at + 12], order)
    return tags, following


def _read_values(file: BinaryIO, entry: bytes, order: Order) -> list[int]:
    length = _TYPE_BYTES.get(int.from_bytes(entry[:2], order), 1)
    count = min(int.from_bytes(entry[2:6], order), _MAX_VALUES)
    data = entry[6:]
    if length * count > len(data):
        file.seek(int.from_bytes(data, order))
        data = file.read(length * count)
    return [int.from_bytes(data[at : at + length], order) for at in range(0, length * count, length)]
