"""FLAC: RFC 9639."""

import re
from os import SEEK_END
from typing import BinaryIO

from assets.media.tags import find_end_of_tags
from assets.uploads.image_structure.binary import MAX_PARTS, IncompleteError, expect_bytes, number, read

_TAIL_BYTES = 256 * 1024
# A frame header: its sync code, block size and rate, channels and depth, and the number of the frame or the sample.
_FRAME = re.compile(
    rb"\xff[\xf8\xf9][\x10-\xfe][\x00-\xae]"
    rb"([\x00-\x7f]|[\xc0-\xdf].|[\xe0-\xef]..|[\xf0-\xf7].{3}|[\xf8-\xfb].{4}|[\xfc\xfd].{5}|\xfe.{6})",
    re.DOTALL,
)
# How many bytes follow the number, by the codes for block size and rate.
_BLOCK_BYTES = {6: 1, 7: 2}
_RATE_BYTES = {12: 1, 13: 2, 14: 2}
_VARIABLE = 0xF9
_LAST_BLOCK = 0x80


def check_end(file: BinaryIO) -> None:
    """Compares the last frame with the number of samples in the header, which may be unknown."""
    start = find_end_of_tags(file)
    file.seek(start)
    if read(file, 4) != b"fLaC":
        return
    info = read(file, 38)[4:]
    _check_metadata(file, start + 4)
    block, total = number(info[2:4]), number(info[13:18]) & 0xF_FFFF_FFFF
    file.seek(max(0, file.seek(0, SEEK_END) - _TAIL_BYTES))
    tail = file.read()
    frames = [frame for frame in _FRAME.finditer(tail) if _is_sound(tail, frame)]
    if not frames or not total:
        return
    last = frames[-1]
    position = _decode(last[1]) if last[0][1] == _VARIABLE else _decode(last[1]) * block
    if position + block < total:
        raise IncompleteError


def _check_metadata(file: BinaryIO, start: int) -> None:
    """Whether all blocks before the first frame are there, such as the cover."""
    for _ in range(MAX_PARTS):
        file.seek(start)
        header = read(file, 4)
        start += 4 + number(header[1:])
        if header[0] & _LAST_BLOCK:
            break
    expect_bytes(file, start)


def _decode(data: bytes) -> int:
    """A number coded as UTF-8 codes characters."""
    if len(data) == 1:
        return data[0]
    value = data[0] & (0x7F >> len(data))
    for byte in data[1:]:
        value = value << 6 | byte & 0x3F
    return value


def _is_sound(tail: bytes, frame: re.Match[bytes]) -> bool:
    code = frame[0][2]
    end = frame.end() + _BLOCK_BYTES.get(code >> 4, 0) + _RATE_BYTES.get(code & 0xF, 0)
    return end < len(tail) and _checksum(tail[frame.start() : end]) == tail[end]


def _checksum(data: bytes) -> int:
    checksum = 0
    for byte in data:
        checksum ^= byte
        for _ in range(8):
            checksum = (checksum << 1 ^ 0x107) if checksum & 0x80 else checksum << 1
    return checksum
