"""Adobe Flash Video File Format Specification, annex E."""

from os import SEEK_END
from typing import BinaryIO

from assets.uploads.image_structure.binary import IncompleteError, number, read_number
from assets.uploads.recording_structure.streams import Streams

_HAS_AUDIO, _HAS_VIDEO = 4, 1
_FILE_HEADER_BYTES, _TAG_HEADER_BYTES = 9, 11
_TAG_TYPES = (b"\x08", b"\x09", b"\x12")  # of sound, video and data
_MAX_TAGS = 100_000


def find_streams(file: BinaryIO) -> Streams:
    file.seek(4)
    flags = read_number(file, 1)
    return Streams(bool(flags & _HAS_AUDIO), bool(flags & _HAS_VIDEO))


def check_end(file: BinaryIO) -> None:
    """Whether the last tag is all there. Other bytes may follow it."""
    if not _ends_with_tag(file) and _is_last_tag_cut(file):
        raise IncompleteError


def _ends_with_tag(file: BinaryIO) -> bool:
    """Each is followed by its length."""
    end = file.seek(-4, SEEK_END)
    length = read_number(file, 4)
    file.seek(max(0, end - length + 1))
    return not length or read_number(file, 3) + _TAG_HEADER_BYTES == length


def _is_last_tag_cut(file: BinaryIO) -> bool:
    size, start = file.seek(0, SEEK_END), _FILE_HEADER_BYTES
    for _ in range(_MAX_TAGS):
        file.seek(start + 4)
        header = file.read(_TAG_HEADER_BYTES)
        if header[:1] not in _TAG_TYPES:
            return not header
        start += 4 + _TAG_HEADER_BYTES + number(header[1:4])
        if start > size:
            return True
    return True
