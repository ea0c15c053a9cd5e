"""Reading video and audio with FFmpeg's libraries, through PyAV."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, TypeVar

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.stream import VideoStream

from assets.media.tags import Untagged
from assets.previews.makers import DamagedError, NoPreviewError, UnsupportedKindError

StreamT = TypeVar("StreamT", AudioStream, VideoStream)

# The only containers that are opened: FFmpeg also knows playlists, which would make it read other files and hosts.
CONTAINERS = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dsf,dts,dtshd,dv,eac3,flac,flv,loas,m4v,matroska,mlp,mov,mp3,mpc,mpc8,mpeg,"
    "mpegts,mpegvideo,ogg,tak,truehd,tta,voc,w64,wav,wv"
)
OPTIONS = {"format_whitelist": CONTAINERS, "protocol_whitelist": "none"}


@contextmanager
def open_recording(file: BinaryIO) -> Iterator[InputContainer]:
    """The container in this file. Until it is closed, any FFmpeg error becomes a NoPreviewError."""
    try:
        with av.open(Untagged(file), "r", options=OPTIONS, metadata_errors="replace") as container:
            yield container
    except MemoryError:  # PyAV has one that is an FFmpegError too
        raise
    except (av.InvalidDataError, av.error.EOFError) as error:
        raise DamagedError("The file is damaged or incomplete, or its format is not supported.") from error
    except av.FFmpegError as error:
        raise NoPreviewError("The file is damaged or incomplete, or its format is not supported.") from error


# Formats without a header for the whole, of which FFmpeg guesses the duration from the first bit rate.
_WITHOUT_HEADER = {"aac", "ac3", "dts", "eac3", "loas", "m4v", "mlp", "mp3", "mpegvideo", "truehd"}


def measure_duration(container: InputContainer) -> float | None:
    """Seconds, from the header or else from the packets: what browsers record has no duration in its header."""
    if container.format.name in _WITHOUT_HEADER:
        return _sum_durations(container)
    if container.duration:
        return container.duration / av.time_base
    ends = [
        (packet.pts + (packet.duration or 0)) * packet.time_base
        for packet in container.demux()
        if packet.pts is not None and packet.time_base is not None
    ]
    seek(container, 0)
    return float(max(ends)) or None if ends else None


def _sum_durations(container: InputContainer) -> float | None:
    """Of the packets of the first stream."""
    [stream, *_] = container.streams
    seconds = sum(packet.duration * packet.time_base for packet in container.demux(stream) if packet.duration)
    seek(container, 0)
    return float(seconds) or None


def find_readable(streams: Iterable[StreamT]) -> StreamT:
    """The first of them that has a decoder here. PyAV makes no context for one that has none."""
    for stream in streams:
        if stream.codec_context is not None:
            return stream
    raise UnsupportedKindError


def seek(container: InputContainer, seconds: float) -> bool:
    """Whether the container can be read from about there on. If not, its position stays."""
    try:
        container.seek(int(seconds * av.time_base))
    except av.FFmpegError:  # the file ends earlier, or has no frame to begin with
        return False
    return True


def decode_frames(container: InputContainer, stream: Any) -> Iterator[Any]:
    """The stream's frames from the container's position on, without damaged ones, until the file breaks off."""
    with _until_damage():
        for packet in container.demux(stream):
            with _until_damage():
                yield from packet.decode()


@contextmanager
def _until_damage() -> Iterator[None]:
    """FFmpeg has many errors for what cannot be read."""
    try:
        yield
    except MemoryError:
        raise
    except av.FFmpegError:
        return
