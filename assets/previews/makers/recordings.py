"""Reading video and audio with FFmpeg's libraries, through PyAV."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import av
from av.container import InputContainer

from assets.media.tags import Untagged
from assets.previews.makers import NoPreviewError

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
    except av.FFmpegError as error:
        raise NoPreviewError("The file is damaged or incomplete, or its format is not supported.") from error


def measure_duration(container: InputContainer) -> float | None:
    """Seconds, from the header or else from the last packet: what browsers record has no duration in its header."""
    if container.duration:
        return container.duration / av.time_base
    ends = [
        (packet.pts + (packet.duration or 0)) * packet.time_base
        for packet in container.demux()
        if packet.pts is not None and packet.time_base is not None
    ]
    container.seek(0)
    return float(max(ends)) or None if ends else None


def decode_frames(container: InputContainer, stream: Any) -> Iterator[Any]:
    """The stream's frames from the container's position on, without damaged ones, until the file breaks off."""
    try:
        for packet in container.demux(stream):
            try:
                yield from packet.decode()
            except av.InvalidDataError:
                continue
    except av.InvalidDataError:
        return
