"""MPEG transport and program streams (ISO/IEC 13818-1), and MP3."""

import re
from collections.abc import Iterator
from os import SEEK_END
from typing import BinaryIO

from assets.media.tags import find_end_of_tags
from assets.uploads.image_structure.binary import IncompleteError, UnclearError, number
from assets.uploads.recording_structure.streams import Streams

_HEAD_BYTES = 1_000_000
_PACKET_BYTES, _SYNC = 188, 0x47
# Bytes from one packet to the next, and bytes before the first.
_LAYOUTS = ((188, 0), (192, 4), (204, 0))
_VIDEO_TYPES = {0x01, 0x02, 0x10, 0x1B, 0x1E, 0x1F, 0x20, 0x21, 0x24, 0x32, 0x33, 0x42, 0xD1, 0xD2, 0xDB, 0xEA}
_AUDIO_TYPES = {0x03, 0x04, 0x06, 0x0F, 0x11, 0x1C, 0x2D, 0x2E, *range(0x80, 0x88), 0x8A, 0xA1, 0xA2}


def find_transport_streams(file: BinaryIO) -> Streams:
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    stride, start = _find_layout(head)
    packets = [head[at : at + _PACKET_BYTES] for at in range(start, len(head) - _PACKET_BYTES + 1, stride)]
    maps = {pid for packet in packets if _pid(packet) == 0 for pid in _read_programs(packet)}
    types = {type for packet in packets if _pid(packet) in maps for type in _read_types(packet)}
    return Streams(bool(types & _AUDIO_TYPES), bool(types & _VIDEO_TYPES))


def check_transport_end(file: BinaryIO) -> None:
    """Whether the last packet is all there. What follows the packets begins with other bytes."""
    file.seek(0)
    stride, start = _find_layout(file.read(_HEAD_BYTES))
    size = file.seek(0, SEEK_END)
    file.seek(size - size % stride + start)
    if file.read(1) == bytes([_SYNC]):
        raise IncompleteError


def _find_layout(head: bytes) -> tuple[int, int]:
    for stride, start in _LAYOUTS:
        if len(head) > stride and set(head[start : start + stride * 10 : stride]) == {_SYNC}:
            return stride, start
    raise UnclearError


def _pid(packet: bytes) -> int:
    return number(packet[1:3]) & 0x1FFF


def _read_section(packet: bytes) -> bytes:
    """The table that starts in this packet, without its checksum; empty if none does."""
    start = 4 + (1 + packet[4] if packet[3] & 0x20 else 0)  # behind the adaptation field
    if not packet[1] & 0x40 or start >= _PACKET_BYTES:
        return b""
    section = packet[start + 1 + packet[start] :]
    return section[: 3 + (number(section[1:3]) & 0x0FFF) - 4]


def _read_programs(packet: bytes) -> Iterator[int]:
    section = _read_section(packet)
    for at in range(8, len(section) - 3, 4):
        if number(section[at : at + 2]):  # 0 is the network's
            yield number(section[at + 2 : at + 4]) & 0x1FFF


def _read_types(packet: bytes) -> Iterator[int]:
    section = _read_section(packet)
    at = 12 + (number(section[10:12]) & 0x0FFF)
    while section and at + 4 < len(section):
        yield section[at]
        at += 5 + (number(section[at + 3 : at + 5]) & 0x0FFF)


_PACK_START = b"\0\0\1\xba"
_PROGRAM_VIDEO = re.compile(rb"\0\0\x01[\xe0-\xef]")
_PROGRAM_AUDIO = re.compile(rb"\0\0\x01[\xbd\xc0-\xdf]")


def find_program_streams(file: BinaryIO) -> Streams:
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    if not head.startswith(_PACK_START):  # a stream of video without others
        raise UnclearError
    return Streams(bool(_PROGRAM_AUDIO.search(head)), bool(_PROGRAM_VIDEO.search(head)))


_TAIL_BYTES = 256 * 1024
_PROGRAM_PACKET = re.compile(rb"\0\0\x01[\xbb-\xef](..)", re.DOTALL)


def _check_program_end(file: BinaryIO) -> None:
    """Whether the last packet is all there."""
    file.seek(max(0, file.seek(0, SEEK_END) - _TAIL_BYTES))
    tail = file.read()
    packets = list(_PROGRAM_PACKET.finditer(tail))
    if packets and packets[-1].end() + number(packets[-1][1]) > len(tail):
        raise IncompleteError


_XING = re.compile(rb"\xff[\xe2-\xff].{2}.{9,32}?(?:Xing|Info)\0\0\0(.)(.{4})(.{4})", re.DOTALL)
_HAS_FRAMES, _HAS_BYTES = 1, 2
# Encoders differ in what they count.
_TOLERANCE = 2048


def check_end(file: BinaryIO) -> None:
    """Of a program stream or MP3."""
    file.seek(0)
    if file.read(len(_PACK_START)) == _PACK_START:
        _check_program_end(file)
    else:
        _check_mp3_end(file)


def _check_mp3_end(file: BinaryIO) -> None:
    """Most encoders write into the first frame how many bytes there are."""
    start = find_end_of_tags(file)
    file.seek(start)
    if not (found := _XING.match(file.read(64))):
        return
    flags = found[1][0]
    length = number(found[3] if flags & _HAS_FRAMES else found[2]) if flags & _HAS_BYTES else 0
    if file.seek(0, SEEK_END) + _TOLERANCE < start + length:
        raise IncompleteError(start + length)
