"""What the bytes of a recording say without being decoded: what it consists of, and whether its end is there.

Knows nothing of Django.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

from assets.media.rows import WITHOUT_VIDEO
from assets.uploads.image_structure.binary import IncompleteError, UnclearError
from assets.uploads.recording_structure import asf, boxes, chunks, flac, flv, frames, matroska, mpeg, ogg
from assets.uploads.recording_structure.streams import Streams

_WITH_VIDEO = {sound: video for video, sound in reversed(WITHOUT_VIDEO.items())}
_MPEG_4 = ("mp4", "quicktime", "3gpp", "3gpp2")
_MATROSKA, _ASF = ("x-matroska", "webm"), ("x-ms-wmv", "x-ms-wma")
# By the second half of the media type.
_STREAM_FINDERS: dict[str, Callable[[BinaryIO], Streams]] = {
    **dict.fromkeys(_MPEG_4, boxes.find_streams),
    **dict.fromkeys(_MATROSKA, matroska.find_streams),
    **dict.fromkeys(_ASF, asf.find_streams),
    "ogg": ogg.find_streams,
    "mp2t": mpeg.find_transport_streams,
    "mpeg": mpeg.find_program_streams,
    "x-flv": flv.find_streams,
    "x-msvideo": chunks.find_avi_streams,
}
_END_CHECKS: dict[str, Callable[[BinaryIO], None]] = {
    **dict.fromkeys(_MPEG_4, boxes.check_end),
    **dict.fromkeys(_MATROSKA, matroska.check_end),
    **dict.fromkeys(_ASF, asf.check_end),
    "aac": frames.check_adts_end,
    "aiff": chunks.check_aiff_end,
    "avi": chunks.check_riff_end,
    "basic": chunks.check_au_end,
    "dv": frames.check_dv_end,
    "flac": flac.check_end,
    "mp2t": mpeg.check_transport_end,
    "mp2p": mpeg.check_end,
    "mpeg": mpeg.check_end,
    "ogg": ogg.check_end,
    "wav": chunks.check_riff_end,
    "x-caf": chunks.check_caf_end,
    "x-dsf": frames.check_dsf_end,
    "x-flv": flv.check_end,
    "x-msvideo": chunks.check_riff_end,
    "x-tta": frames.check_tta_end,
    "x-voc": frames.check_voc_end,
    "x-w64": chunks.check_wave64_end,
    "x-wavpack": frames.check_wavpack_end,
}


def type_by_content(file: BinaryIO, media_type: str) -> str:
    """The media type, which is one of audio exactly if there is no video in the container."""
    with suppress(UnclearError, LookupError, ValueError):
        streams = _STREAM_FINDERS[media_type.partition("/")[2]](file)
        if streams.has_video:
            return _WITH_VIDEO.get(media_type, media_type)
        if streams.has_audio:
            return WITHOUT_VIDEO.get(media_type, media_type)
    return media_type


def check_end(file: BinaryIO, media_type: str) -> None:
    """Raises IncompleteError if the end of a recording is missing, as far as that can be seen."""
    try:
        _END_CHECKS[media_type.partition("/")[2]](file)
    except IncompleteError:
        raise
    except (UnclearError, LookupError, ValueError):
        return
