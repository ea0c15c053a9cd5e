"""Recordings whose header says how long they are, or each of whose blocks does: TTA, WavPack, VOC, DSF, DV and ADTS."""

from os import SEEK_END
from typing import BinaryIO

from assets.media.tags import find_end_of_tags
from assets.uploads.image_structure.binary import MAX_PARTS, IncompleteError, expect_bytes, number, read, read_number
from assets.uploads.recording_structure.chunks import expect_end

_TTA_HEADER_BYTES, _CHECKSUM_BYTES = 22, 4


def check_tta_end(file: BinaryIO) -> None:
    """TTA1 format description: the header is followed by the length of each frame."""
    start = find_end_of_tags(file)
    file.seek(start)
    header = read(file, _TTA_HEADER_BYTES)
    rate, samples = number(header[10:14], "little"), number(header[14:18], "little")
    frames = -(-samples // (256 * rate // 245))
    if frames > MAX_PARTS:
        return
    lengths = [read_number(file, 4, "little") for _ in range(frames)]
    expect_bytes(file, start + _TTA_HEADER_BYTES + 4 * frames + _CHECKSUM_BYTES + sum(lengths))


_WAVPACK_HEADER_BYTES, _UNKNOWN_SAMPLES = 32, 0xFFFF_FFFF


def check_wavpack_end(file: BinaryIO) -> None:
    """WavPack 4 & 5 Binary File / Block Format: the last block has the last sample."""
    start, end = find_end_of_tags(file), file.seek(0, SEEK_END)
    total, last = _UNKNOWN_SAMPLES, 0
    for _ in range(MAX_PARTS):
        file.seek(start)
        header = file.read(_WAVPACK_HEADER_BYTES)
        if not header.startswith(b"wvpk") or len(header) < _WAVPACK_HEADER_BYTES:
            break
        start += 8 + number(header[4:8], "little")
        total, index, count = (number(header[at : at + 4], "little") for at in (12, 16, 20))
        last = max(last, index + count)
    if start > end or last < total != _UNKNOWN_SAMPLES:
        raise IncompleteError


def check_voc_end(file: BinaryIO) -> None:
    """Creative Voice File: blocks until one of type 0."""
    file.seek(20)
    start, end = read_number(file, 2, "little"), file.seek(0, SEEK_END)
    for _ in range(MAX_PARTS):
        file.seek(start)
        if start > end:
            raise IncompleteError
        if start == end or not read_number(file, 1):
            return
        start += 4 + read_number(file, 3, "little")


def check_dsf_end(file: BinaryIO) -> None:
    """DSF File Format Specification: the length of the file is in its first chunk."""
    file.seek(12)
    expect_end(file, read_number(file, 8, "little"))


_DV_START = b"\x1f\x07\0"
_IS_DV_PAL = 0x80


def check_dv_end(file: BinaryIO) -> None:
    """IEC 61834: frames of one length. (Those of DVCPRO50 and DVCPRO HD are two and four times as long.)"""
    file.seek(0)
    length = 144_000 if read(file, 4)[3] & _IS_DV_PAL else 120_000
    size = file.seek(0, SEEK_END)
    file.seek(size - size % length)
    if file.read(len(_DV_START)) == _DV_START:
        raise IncompleteError


_ADTS_TAIL_BYTES, _ADTS_HEADER_BYTES = 64 * 1024, 7
_MIN_FRAMES = 5  # in a row, so that no other bytes are taken for some


def check_adts_end(file: BinaryIO) -> None:
    """ISO/IEC 14496-3, 1.A.2: whether the last frame is all there."""
    file.seek(max(0, file.seek(0, SEEK_END) - _ADTS_TAIL_BYTES))
    tail = file.read()
    start = tail.find(b"\xff")
    while start >= 0:
        frames, end = _follow_adts_frames(tail, start)
        if frames >= _MIN_FRAMES:
            if end > len(tail):
                raise IncompleteError
            return
        start = tail.find(b"\xff", start + 1)


def _follow_adts_frames(tail: bytes, start: int) -> tuple[int, int]:
    """How many frames follow each other from here, and where the last one ends."""
    frames = 0
    while start + _ADTS_HEADER_BYTES <= len(tail):
        length = number(tail[start + 3 : start + 6]) >> 5 & 0x1FFF
        if number(tail[start : start + 2]) & 0xFFF6 != 0xFFF0 or length < _ADTS_HEADER_BYTES:  # noqa: PLR2004
            break
        frames, start = frames + 1, start + length
    return frames, start
