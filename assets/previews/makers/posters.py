"""Previews of videos: one frame that shows something."""

from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream
from PIL import Image

from assets.previews.makers import NoPreviewError, Preview, waveforms
from assets.previews.makers.pictures import MOST_PIXELS, SIZE, shown
from assets.previews.makers.recordings import decoded, duration_of, opened

# Where in a video, as a part of its length, a poster is looked for: the first frames of many are black.
PLACES = (0.1, 0.3, 0.6)
# Frames that are looked at from the beginning on, where none of those places shows anything.
FIRST_FRAMES = 30
# How far apart, of 255, the darkest and the lightest point of a picture are that shows something.
LIVELY = 60


def make(file: BinaryIO, media_type: str) -> Preview:
    with opened(file) as container:
        streams = [video for video in container.streams.video if not video.disposition & Disposition.attached_pic]
        if not streams:
            return waveforms.of(container)
        return _poster(container, streams[0])


def _poster(container: InputContainer, stream: VideoStream) -> Preview:
    if stream.codec_context.width * stream.codec_context.height > MOST_PIXELS:
        raise NoPreviewError(f"Its frames have more than {MOST_PIXELS // 1_000_000} megapixels.")
    stream.codec_context.thread_count = 1
    duration = duration_of(container)
    best: tuple[int, av.VideoFrame, Image.Image] | None = None
    for frame in _candidates(container, stream, duration):
        picture = _picture(frame, stream)
        liveliness = _liveliness(picture)
        if best is None or liveliness > best[0]:
            best = liveliness, frame, picture
        if liveliness >= LIVELY:
            break
    if best is None:
        raise NoPreviewError("None of its frames can be decoded.")
    _, frame, picture = best
    width, height = _size(frame, stream)
    if frame.rotation % 180:
        width, height = height, width
    return shown(picture, width=width, height=height, duration=duration)


def _candidates(container: InputContainer, stream: VideoStream, duration: float | None) -> Iterator[av.VideoFrame]:
    for place in PLACES if duration else ():
        try:
            container.seek(int(place * duration * av.time_base))  # type: ignore[operator]
        except av.FFmpegError:
            continue  # it breaks off before
        yield from islice(decoded(container, stream), 1)
    container.seek(0)
    yield from islice(decoded(container, stream), FIRST_FRAMES)


def _size(frame: av.VideoFrame, stream: VideoStream) -> tuple[int, int]:
    """Of a frame with square pixels, before it is turned."""
    return max(1, round(frame.width * (stream.sample_aspect_ratio or 1))), frame.height


def _picture(frame: av.VideoFrame, stream: VideoStream) -> Image.Image:
    width, height = _size(frame, stream)
    scale = min(1, SIZE / max(width, height))
    small = frame.reformat(
        width=max(1, round(width * scale)), height=max(1, round(height * scale)), format="rgb24", interpolation="AREA"
    )
    picture = small.to_image()
    return picture.rotate(frame.rotation, expand=True) if frame.rotation else picture


def _liveliness(picture: Image.Image) -> int:
    darkest, lightest = picture.convert("L").reduce(max(1, min(picture.size) // 16)).getextrema()
    return lightest - darkest  # type: ignore[operator, return-value]
