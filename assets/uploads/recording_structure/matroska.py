"""Matroska and WebM: RFC 8794 and RFC 9559."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from os import SEEK_END
from typing import BinaryIO, NamedTuple

from assets.uploads.image_structure.binary import MAX_PARTS, IncompleteError, UnclearError, expect_bytes, number, read
from assets.uploads.recording_structure.streams import MAX_TRACK_PARTS, MAX_TRACKS, Streams

_SEGMENT, _CLUSTER, _TRACKS, _TRACK = 0x18538067, 0x1F43B675, 0x1654AE6B, 0xAE
_TRACK_PARTS = _NUMBER, _TYPE, _CODEC, _CODEC_PRIVATE = 0xD7, 0x83, 0x86, 0x63A2
_BLOCK_GROUP, _BLOCK, _SIMPLE_BLOCK = 0xA0, 0xA1, 0xA3
_VIDEO, _AUDIO = b"\1", b"\2"
_STILLS = (b"MJPEG", b"MPNG")
# A video has more than one frame within so many blocks of sound and video.
_BLOCKS = 500
_MAX_ID_BYTES, _MAX_SIZE_BYTES, _MAX_CONTENT_BYTES = 4, 8, 4096


class Element(NamedTuple):
    """`end` is None if the element was written without knowing how long it would be."""

    id: int
    start: int
    end: int | None


def check_end(file: BinaryIO) -> None:
    for element in _read_elements(file, 0, file.seek(0, SEEK_END)):
        if element.id == _SEGMENT:
            expect_bytes(file, element.end or 0)
            return


def find_streams(file: BinaryIO) -> Streams:
    size = file.seek(0, SEEK_END)
    [segment] = _find(file, _SEGMENT, 0, size)
    tracks = list(islice(_read_tracks(file, segment, size), MAX_TRACKS))
    has_audio = any(track.get(_TYPE) == _AUDIO for track in tracks)
    videos = [track for track in tracks if track.get(_TYPE) == _VIDEO]
    frames = Counter(_read_track_numbers(file, segment))
    return Streams(has_audio, any(not (has_audio and _is_cover(track, frames)) for track in videos))


def _read_tracks(file: BinaryIO, segment: Element, size: int) -> Iterator[dict[int, bytes]]:
    for tracks in _find(file, _TRACKS, segment.start, segment.end or size):
        for track in _find(file, _TRACK, tracks.start, tracks.end or size):
            parts = islice(_read_elements(file, track.start, track.end or size), MAX_TRACK_PARTS)
            yield {part.id: _read_content(file, part) for part in parts if part.id in _TRACK_PARTS}


def _is_cover(track: dict[int, bytes], frames: Counter[int]) -> bool:
    """Whether a track of videos is a single picture."""
    codec = track.get(_CODEC, b"") + track.get(_CODEC_PRIVATE, b"")
    return any(name in codec for name in _STILLS) and frames[number(track.get(_NUMBER, b""))] <= 1


def _read_track_numbers(file: BinaryIO, segment: Element) -> Iterator[int]:
    """The tracks of the first blocks."""
    size = file.seek(0, SEEK_END)
    clusters = _read_elements(file, segment.start, segment.end or size)
    parts = (
        part
        for cluster in clusters
        if cluster.id == _CLUSTER
        for part in _read_elements(file, cluster.start, cluster.end or size)
    )
    for part in islice(parts, _BLOCKS):
        blocks = _find(file, _BLOCK, part.start, part.end or size) if part.id == _BLOCK_GROUP else [part]
        if blocks and blocks[0].id in (_BLOCK, _SIMPLE_BLOCK):
            file.seek(blocks[0].start)
            yield _read_size(file) or 0


def _find(file: BinaryIO, id: int, start: int, end: int) -> list[Element]:
    """The elements with this id, as far as they come before what is recorded."""
    found = []
    for element in islice(_read_elements(file, start, end), MAX_TRACK_PARTS):
        if element.id == id:
            found.append(element)
        if element.id == _CLUSTER or element.end is None:
            break
    return found


def _read_elements(file: BinaryIO, start: int, end: int) -> Iterator[Element]:
    for _ in range(MAX_PARTS):
        if start >= end:
            return
        file.seek(start)
        try:
            id, length = number(_read_sized(file, _MAX_ID_BYTES)), _read_size(file)
        except IncompleteError:  # the file was cut off here
            return
        element = Element(id, file.tell(), None if length is None else file.tell() + length)
        yield element
        if element.end is None:
            return
        start = element.end


def _read_sized(file: BinaryIO, longest: int) -> bytes:
    """A number whose first byte says, by the zeros it begins with, how many follow."""
    first = read(file, 1)
    length = 9 - first[0].bit_length()
    if length > longest:
        raise UnclearError
    return first + read(file, length - 1)


def _read_size(file: BinaryIO) -> int | None:
    data = _read_sized(file, _MAX_SIZE_BYTES)
    mask = (1 << 7 * len(data)) - 1
    length = number(data) & mask
    return None if length == mask else length


def _read_content(file: BinaryIO, element: Element) -> bytes:
    file.seek(element.start)
    return file.read(min((element.end or element.start) - element.start, _MAX_CONTENT_BYTES))
