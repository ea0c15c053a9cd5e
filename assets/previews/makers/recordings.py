"""Video and audio as FFmpeg's libraries read them, through PyAV: opened with suspicion, decoded with patience."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import av
from av.container import InputContainer

from assets.previews.makers import NoPreviewError

# Only these are opened, and nothing that they name: FFmpeg knows playlists too, which have files and hosts read.
CONTAINERS = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,eac3,flac,flv,m4v,matroska,mov,mp3,mpeg,mpegts,mpegvideo,ogg,tta,w64,wav,wv"
)
OPTIONS = {"format_whitelist": CONTAINERS, "protocol_whitelist": "none"}


@contextmanager
def opened(file: BinaryIO) -> Iterator[InputContainer]:
    """The recording in this file. What FFmpeg cannot make of it, until it is closed, is a NoPreviewError."""
    try:
        with av.open(file, "r", options=OPTIONS) as container:
            yield container
    except MemoryError:  # one of PyAV's own is an FFmpegError too
        raise
    except av.FFmpegError as error:
        raise NoPreviewError("It is damaged or breaks off, or its format is not known here.") from error


def duration_of(container: InputContainer) -> float | None:
    """Seconds, as its header says or else as its last packet does: what a browser records has none in its header."""
    if container.duration:
        return container.duration / av.time_base
    ends = [
        (packet.pts + (packet.duration or 0)) * packet.time_base
        for packet in container.demux()
        if packet.pts is not None and packet.time_base is not None
    ]
    container.seek(0)
    return float(max(ends)) or None if ends else None


def decoded(container: InputContainer, stream: Any) -> Iterator[Any]:
    """The stream's frames from where the container stands, without those that are damaged, as far as it goes."""
    try:
        for packet in container.demux(stream):
            try:
                yield from packet.decode()
            except av.InvalidDataError:
                continue
    except av.InvalidDataError:
        return
