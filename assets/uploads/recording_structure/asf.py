"""WMV and WMA: Advanced Systems Format specification, sections 3 and 10."""

from collections.abc import Iterator
from typing import BinaryIO

from assets.uploads.image_structure.binary import MAX_PARTS, number, read, read_number
from assets.uploads.recording_structure.chunks import expect_end
from assets.uploads.recording_structure.streams import Streams

_FILE = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_STREAM = bytes.fromhex("9107dcb7b7a9cf118ee600c00c205365")
_VIDEO = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")
_AUDIO = bytes.fromhex("409e69f84d5bcf11a8fd00805f5c442b")
_BROADCAST = 1


def _read_objects(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """The id of each object of the header, and the beginning of its content."""
    file.seek(24)
    count, start = read_number(file, 4, "little"), 30
    for _ in range(min(count, MAX_PARTS)):
        file.seek(start)
        id, length = read(file, 16), read_number(file, 8, "little")
        yield id, file.read(min(length, 128))
        start += max(24, length)


def find_streams(file: BinaryIO) -> Streams:
    types = {content[:16] for id, content in _read_objects(file) if id == _STREAM}
    return Streams(_AUDIO in types, _VIDEO in types)


def check_end(file: BinaryIO) -> None:
    for id, content in _read_objects(file):
        if id == _FILE and not number(content[64:68], "little") & _BROADCAST:
            expect_end(file, number(content[16:24], "little"))
            return
