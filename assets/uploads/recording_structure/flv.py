"""Adobe Flash Video File Format Specification, annex E."""

from os import SEEK_END
from typing import BinaryIO

from assets.uploads.image_structure.binary import IncompleteError, read_number
from assets.uploads.recording_structure.streams import Streams

_HAS_AUDIO, _HAS_VIDEO = 4, 1
_TAG_HEADER_BYTES = 11


def find_streams(file: BinaryIO) -> Streams:
    file.seek(4)
    flags = read_number(file, 1)
    return Streams(bool(flags & _HAS_AUDIO), bool(flags & _HAS_VIDEO))


def check_end(file: BinaryIO) -> None:
    """Whether the last tag is followed by its length, as each is."""
    end = file.seek(-4, SEEK_END)
    length = read_number(file, 4)
    file.seek(max(0, end - length + 1))
    if length and read_number(file, 3) + _TAG_HEADER_BYTES != length:
        raise IncompleteError
