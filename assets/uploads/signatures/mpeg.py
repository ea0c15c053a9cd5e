"""Streams without a header, recognised by the rhythm of their frames or packets."""

import re
from collections.abc import Callable

# So many frames in a row are no accident at the beginning of a file, and so many after something else.
MIN_FRAMES, MIN_FRAMES_LATER = 3, 5
MAX_FRAMES = 8
MIN_PACKETS, MAX_PACKETS = 3, 16
# With the time stamps of camcorders and Blu-ray, or with the error correction of broadcasting.
_PACKET_LENGTHS = (188, 192, 204)
_BITRATES = {  # kbit/s, by version (1, or 2 and 2.5) and layer: ISO/IEC 11172-3 and 13818-3
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
# Where what precedes the first frame has to end.
_MAX_JUNK_BYTES = 8192
_SYNC = re.compile(rb"(?=\xff[\xe2-\xff][\x10-\xef])")


def is_transport_stream(head: bytes) -> bool:
    """Whether packets begin at regular distances, from somewhere in the first of them on."""
    return not head.isascii() and any(
        _are_packets(head[start::length][:MAX_PACKETS], head[start + 3 :: length][:MAX_PACKETS])
        for length in _PACKET_LENGTHS
        for start in range(length)
        if head[start : start + 1] == b"G"
    )


def _are_packets(syncs: bytes, controls: bytes) -> bool:
    """Each begins with a G, and says in its fourth byte that it holds something."""
    return len(syncs) >= MIN_PACKETS and set(syncs) == {ord("G")} and all(byte & 0x30 for byte in controls)


def detect_frames(head: bytes) -> str:
    """The type of audio whose frames begin with the file; empty if there are none."""
    return _detect_frames_at(head, 0, MIN_FRAMES)


def find_frames(head: bytes) -> str:
    """The type of audio whose frames begin not far from here, as in a part of a broadcast; empty if there are none."""
    syncs = _SYNC.finditer(head, 0, _MAX_JUNK_BYTES)
    types = (_detect_frames_at(head, sync.start(), MIN_FRAMES_LATER) for sync in syncs)
    return next(filter(None, types), "")


def _detect_frames_at(head: bytes, start: int, min_frames: int) -> str:
    counts = {media_type: _count_frames(head, start, measure) for media_type, measure in _FRAMES.items()}
    return next((media_type for media_type, count in counts.items() if count >= min_frames), "")


def _count_frames(head: bytes, start: int, measure: Callable[[bytes], int]) -> int:
    """How many frames are in a row."""
    count = 0
    while count < MAX_FRAMES and start < len(head):
        length = measure(head[start : start + 8])
        if not length:
            break
        start, count = start + length, count + 1
    return count


def _mp3_frame_length(header: bytes) -> int:
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:  # noqa: PLR2004
        return 0
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    bitrate, rate, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version == 1 or layer == 4 or bitrate in (0, 15) or rate == 3:  # noqa: PLR2004  (reserved, or free)
        return 0
    bits = _BITRATES[1 if version == 3 else 2, layer][bitrate - 1] * 1000  # noqa: PLR2004
    if layer == 1:
        return (12 * bits // _RATES[version][rate] + padding) * 4
    samples = 72 if layer == 3 and version != 3 else 144  # noqa: PLR2004
    return samples * bits // _RATES[version][rate] + padding


def _adts_frame_length(header: bytes) -> int:
    """ISO/IEC 13818-7, 6.2."""
    if len(header) < 7 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0:  # noqa: PLR2004
        return 0
    return (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5


def _loas_frame_length(header: bytes) -> int:
    """ISO/IEC 14496-3, 1.7.2."""
    if len(header) < 3 or header[0] != 0x56 or header[1] & 0xE0 != 0xE0:  # noqa: PLR2004
        return 0
    return ((header[1] & 0x1F) << 8 | header[2]) + 3


_FRAMES: dict[str, Callable[[bytes], int]] = {
    "audio/aac": _adts_frame_length,
    "audio/mpeg": _mp3_frame_length,
    "audio/mp4a-latm": _loas_frame_length,
}
