"""Ogg: RFC 3533."""

import re
from os import SEEK_END
from typing import BinaryIO

from assets.uploads.image_structure.binary import IncompleteError
from assets.uploads.recording_structure.streams import Streams

_HEAD_BYTES = 1_000_000
_MAX_PAGE_BYTES = 65_307
_HEADER_BYTES = 27
# The first page of a stream, up to the number of its segments.
_FIRST_PAGE = re.compile(rb"OggS\0[\x02\x03\x06\x07].{20}(.)", re.DOTALL)
_VIDEO = (b"\x80theora", b"BBCD\0", b"\1video", b"\x80daala", b"OVP80")
_AUDIO = (b"\1vorbis", b"OpusHead", b"\x7fFLAC", b"fLaC", b"Speex  ", b"CELT    ", b"PCM     ", b"\1audio")


def find_streams(file: BinaryIO) -> Streams:
    """Each stream begins with a page that says what it is, and all of those come first."""
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    starts = [head[page.end() + page[1][0] :][:8] for page in _FIRST_PAGE.finditer(head)]
    return Streams(any(start.startswith(_AUDIO) for start in starts), any(start.startswith(_VIDEO) for start in starts))


def check_end(file: BinaryIO) -> None:
    """Whether the last page is all there."""
    file.seek(max(0, file.seek(0, SEEK_END) - 2 * _MAX_PAGE_BYTES))
    tail = file.read()
    page = tail[tail.rfind(b"OggS\0") :]
    if len(page) < _HEADER_BYTES:
        raise IncompleteError
    segments = page[_HEADER_BYTES : _HEADER_BYTES + page[_HEADER_BYTES - 1]]
    if len(segments) < page[_HEADER_BYTES - 1] or len(page) < _HEADER_BYTES + len(segments) + sum(segments):
        raise IncompleteError
