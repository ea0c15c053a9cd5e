"""MP4, MOV and 3GP: ISO/IEC 14496-12, and Apple's QuickTime File Format."""

import re
from collections.abc import Iterator
from itertools import islice
from os import SEEK_END
from typing import BinaryIO, NamedTuple

from assets.uploads.image_structure.binary import MAX_PARTS, IncompleteError, number, read, read_number
from assets.uploads.recording_structure.streams import MAX_TRACK_PARTS, MAX_TRACKS, Streams

# What follows a box of another kind, outside of all others, is no part of the recording.
_OUTERMOST = {
    b"ftyp", b"styp", b"pdin", b"moov", b"moof", b"mfra", b"mdat", b"imda", b"free", b"skip", b"wide",
    b"meta", b"meco", b"uuid", b"udta", b"sidx", b"ssix", b"prft", b"emsg", b"pnot", b"PICT",
}  # fmt: skip
_HEADER_BYTES = 8
_VIDEO, _AUDIO = b"vide", b"soun"
_STILLS = (b"jpeg", b"png ", b"mjpa", b"mjpb")
# The decoder of an MPEG-4 track: JPEG or PNG (http://mp4ra.org/registered-types/object-types).
_STILL_DECODER = re.compile(rb"esds.{4}.{0,20}?\x04[\x80-\xff]{0,3}[\x00-\x7f][\x6c\x6d]", re.DOTALL)
_MAX_ENTRY_BYTES = 4096


class Box(NamedTuple):
    """A part, and where its content starts and ends."""

    kind: bytes
    start: int
    end: int


def read_boxes(file: BinaryIO, start: int, end: int) -> Iterator[Box]:
    for _ in range(MAX_PARTS):
        if end - start < _HEADER_BYTES:
            return
        file.seek(start)
        length, kind, header = read_number(file, 4), read(file, 4), _HEADER_BYTES
        if length == 1:
            length, header = read_number(file, 8), 2 * _HEADER_BYTES
        box = Box(kind, start + header, start + length if length else end)
        if box.end < box.start:
            return
        yield box
        start = box.end


def check_end(file: BinaryIO) -> None:
    size, kinds = file.seek(0, SEEK_END), set()
    for box in read_boxes(file, 0, size):
        if box.kind not in _OUTERMOST:
            break
        if box.end > size:  # other fragments may follow
            raise IncompleteError(None if b"moof" in kinds else box.end)
        kinds.add(box.kind)
    if b"moov" not in kinds and b"moof" not in kinds:  # the index, which many programs write last
        raise IncompleteError


def find_streams(file: BinaryIO) -> Streams:
    size = file.seek(0, SEEK_END)
    movies = [box for box in read_boxes(file, 0, size) if box.kind == b"moov"]
    found = (track for movie in movies for track in _find(file, movie, b"trak"))
    tracks = [track for track in islice(found, MAX_TRACKS) if track.end <= size]
    kinds = [(_read_handler(file, track), track) for track in tracks]
    chapters = {track for owner in tracks for track in _read_chapters(file, owner)}
    has_audio = any(kind == _AUDIO for kind, _ in kinds)
    videos = [track for kind, track in kinds if kind == _VIDEO and _read_id(file, track) not in chapters]
    return Streams(has_audio, any(not (has_audio and _is_cover(file, track)) for track in videos))


def _find(file: BinaryIO, box: Box, *path: bytes) -> Iterator[Box]:
    """The boxes at the end of a path of kinds that starts in this box."""
    for child in list(islice(read_boxes(file, box.start, box.end), MAX_TRACK_PARTS)):
        if child.kind == path[0]:
            yield from _find(file, child, *path[1:]) if path[1:] else [child]


def _read_content(file: BinaryIO, track: Box, *path: bytes) -> bytes:
    for box in _find(file, track, *path):
        file.seek(box.start)
        return file.read(min(box.end - box.start, _MAX_ENTRY_BYTES))
    return b""


def _read_handler(file: BinaryIO, track: Box) -> bytes:
    return _read_content(file, track, b"mdia", b"hdlr")[8:12]


def _read_id(file: BinaryIO, track: Box) -> int:
    header = _read_content(file, track, b"tkhd")
    return number(header[20:24] if header[:1] == b"\1" else header[12:16])


def _read_chapters(file: BinaryIO, track: Box) -> list[int]:
    """The ids of the tracks that hold names and pictures of this track's chapters."""
    ids = _read_content(file, track, b"tref", b"chap")
    return [number(ids[start : start + 4]) for start in range(0, len(ids), 4)]


def _is_cover(file: BinaryIO, track: Box) -> bool:
    """Whether a track of videos is a single picture."""
    samples = _read_content(file, track, b"mdia", b"minf", b"stbl", b"stsz")[8:12]
    entry = _read_content(file, track, b"mdia", b"minf", b"stbl", b"stsd")
    is_still = entry[12:16] in _STILLS or bool(_STILL_DECODER.search(entry))
    return is_still and number(samples) == 1
