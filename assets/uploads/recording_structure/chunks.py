"""Recordings in chunks, each with its length before it: WAV, AVI, AIFF, CAF, AU and Wave64."""

from collections.abc import Iterator
from os import SEEK_END
from typing import BinaryIO, NamedTuple

from assets.uploads.image_structure.binary import MAX_PARTS, IncompleteError, Order, read, read_number
from assets.uploads.recording_structure.streams import MAX_TRACKS, Streams

# The chunks with what was recorded, its index and its tags.
_MEANT = {b"data", b"SSND", b"movi", b"idx1", b"ID3 ", b"id3 "}
# Some programs count a header too many.
_TOLERANCE = 64
# Programs that cannot go back write one of these, because they do not know how long it will be.
_UNKNOWN_FROM = 0x7FFFF000
_MAX_END = 1 << 62


class Chunk(NamedTuple):
    """A chunk, and where its content starts and ends. A list is called by what it lists."""

    kind: bytes
    start: int
    end: int


def check_riff_end(file: BinaryIO) -> None:
    file.seek(0)
    if read(file, 4) in (b"RF64", b"BW64"):  # EBU Tech 3306: the length stands in a chunk of its own
        file.seek(20)
        _expect_known_end(file, 8 + read_number(file, 8, "little"))
    else:
        _check_chunks(file, "little")


def check_aiff_end(file: BinaryIO) -> None:
    _check_chunks(file, "big")


def _check_chunks(file: BinaryIO, order: Order) -> None:
    size = file.seek(0, SEEK_END)
    for chunk in _read_chunks(file, 12, size, order):
        if chunk.kind in _MEANT and size + _TOLERANCE < chunk.end < chunk.start + _UNKNOWN_FROM:
            raise IncompleteError(chunk.end)


def _read_chunks(file: BinaryIO, start: int, end: int, order: Order) -> Iterator[Chunk]:
    for _ in range(MAX_PARTS):
        if end - start < 8:  # noqa: PLR2004  (a header)
            return
        file.seek(start)
        kind, length = read(file, 4), read_number(file, 4, order)
        if kind == b"LIST":
            kind = read(file, 4)
        yield Chunk(kind, start + 8, start + 8 + length)
        start += 8 + length + length % 2


def find_avi_streams(file: BinaryIO) -> Streams:
    whole = Chunk(b"AVI ", 8, file.seek(0, SEEK_END))
    kinds = set()
    [header, *_] = _find(file, whole, b"hdrl")
    for stream in _find(file, header, b"strl")[:MAX_TRACKS]:
        file.seek(stream.start + 12)
        kinds.add(read(file, 4))
    return Streams(b"auds" in kinds, b"vids" in kinds or b"iavs" in kinds)


def _find(file: BinaryIO, within: Chunk, kind: bytes) -> list[Chunk]:
    return [chunk for chunk in _read_chunks(file, within.start + 4, within.end, "little") if chunk.kind == kind]


def check_au_end(file: BinaryIO) -> None:
    file.seek(4)
    start, length = read_number(file, 4), read_number(file, 4)
    if length < _UNKNOWN_FROM:
        expect_end(file, start + length)


def check_caf_end(file: BinaryIO) -> None:
    start, size = 8, file.seek(0, SEEK_END)
    for _ in range(MAX_PARTS):
        if size - start < 12:  # noqa: PLR2004  (a header)
            return
        file.seek(start)
        kind, length = read(file, 4), int.from_bytes(read(file, 8), "big", signed=True)
        if length < 0:  # the last one, written without knowing how long it would be
            return
        start += 12 + length
        if kind == b"data":
            expect_end(file, start)


def check_wave64_end(file: BinaryIO) -> None:
    file.seek(16)
    _expect_known_end(file, read_number(file, 8, "little"))


def _expect_known_end(file: BinaryIO, end: int) -> None:
    if end < _MAX_END:
        expect_end(file, end)


def expect_end(file: BinaryIO, end: int) -> None:
    """Raises IncompleteError if the file ends before this position, and not only shortly before it."""
    if file.seek(0, SEEK_END) + _TOLERANCE < end:
        raise IncompleteError(end)
