"""Previews of videos: one frame that is not blank."""

import struct
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import BinaryIO, cast

import av
from av.buffer import Buffer
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream
from PIL import Image

from assets.previews.makers import NoPreviewError, Preview, waveforms
from assets.previews.makers.images import MAX_PIXELS, SIDEWAYS, SIZE, check_pixels, encode_preview, find_extrema
from assets.previews.makers.recordings import decode_frames, find_readable, measure_duration, open_recording, seek

# Where to look for a poster, as fractions of the duration: many videos start with black frames.
POSITIONS = (0.1, 0.3, 0.6)
# How many frames to try from the start if those are all blank.
FIRST_FRAMES = 30
# Of larger frames, only those that need no others are read.
LARGE_PIXELS = 10_000_000
# Difference between the lightest and the darkest point, up to 255, of a frame that is not blank.
MIN_CONTRAST = 60

_ONE = 1 << 16  # in numbers of 16.16 bits
# The point (x, y) is shown at (ax + cy, bx + dy).
_TURNS = {
    (-1, 0, 0, 1): Image.Transpose.FLIP_LEFT_RIGHT,
    (-1, 0, 0, -1): Image.Transpose.ROTATE_180,
    (1, 0, 0, -1): Image.Transpose.FLIP_TOP_BOTTOM,
    (0, 1, 1, 0): Image.Transpose.TRANSPOSE,
    (0, 1, -1, 0): Image.Transpose.ROTATE_270,
    (0, -1, -1, 0): Image.Transpose.TRANSVERSE,
    (0, -1, 1, 0): Image.Transpose.ROTATE_90,
}

# By degrees, counterclockwise.
_ROTATIONS = {90: Image.Transpose.ROTATE_90, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_270}


def make(file: BinaryIO, media_type: str) -> Preview:
    with open_recording(file) as container:
        streams = [video for video in container.streams.video if not video.disposition & Disposition.attached_pic]
        if not streams:
            return waveforms.draw(container)
        return _make_poster(container, find_readable(streams))


def _make_poster(container: InputContainer, stream: VideoStream) -> Preview:
    pixels = stream.codec_context.width * stream.codec_context.height
    check_pixels("video", pixels, MAX_PIXELS)
    stream.codec_context.thread_count = 1
    if pixels > LARGE_PIXELS:  # other frames would have to be kept beside it
        stream.codec_context.skip_frame = "NONKEY"
    duration = measure_duration(container)
    best: tuple[float, av.VideoFrame, Image.Image] | None = None
    for frame in _read_candidates(container, stream, duration):
        image = render_frame(frame, stream)
        contrast = _measure_contrast(image)
        if best is None or contrast > best[0]:
            best = contrast, frame, image
        if contrast >= MIN_CONTRAST:
            break
    if best is None:
        raise NoPreviewError("No frame of the video can be decoded.")
    _, frame, image = best
    width, height = find_size(frame, stream)
    return encode_preview(image, width=width, height=height, duration=duration)


def _read_candidates(container: InputContainer, stream: VideoStream, duration: float | None) -> Iterator[av.VideoFrame]:
    for position in POSITIONS:
        if duration and seek(container, position * duration):
            yield from islice(decode_frames(container, stream), 1)
    seek(container, 0)
    yield from islice(decode_frames(container, stream), FIRST_FRAMES)


def _display_size(frame: av.VideoFrame, stream: VideoStream) -> tuple[int, int]:
    """Width and height with square pixels, before rotation."""
    return max(1, round(frame.width * (stream.sample_aspect_ratio or 1))), frame.height


def find_size(frame: av.VideoFrame, stream: VideoStream) -> tuple[int, int]:
    """Width and height as the frame is shown."""
    width, height = _display_size(frame, stream)
    return (height, width) if _find_turn(frame) in SIDEWAYS else (width, height)


def render_frame(frame: av.VideoFrame, stream: VideoStream) -> Image.Image:
    width, height = _display_size(frame, stream)
    scale = min(1, SIZE / max(width, height))
    small = frame.reformat(
        width=max(1, round(width * scale)),
        height=max(1, round(height * scale)),
        format="rgb24",
        interpolation="AREA",
        threads=1,
    )
    image: Image.Image = small.to_image()
    turn = _find_turn(frame)
    return image if turn is None else image.transpose(turn)


def _find_turn(frame: av.VideoFrame) -> Image.Transpose | None:
    """How the frame is to be turned, by the matrix of its container. Players know no angles between these."""
    try:
        side_data = cast("Mapping[str, Buffer]", frame.side_data)  # PyAV's own annotation is too narrow
    except ValueError:  # of a kind that PyAV does not know, such as Exif
        return _ROTATIONS.get(frame.rotation % 360)
    matrix = side_data.get("DISPLAYMATRIX")
    if matrix is None:
        return None
    a, b, _, c, d = struct.unpack_from("=5i", bytes(matrix))
    return _TURNS.get(tuple(round(value / _ONE) for value in (a, b, c, d)))


def _measure_contrast(image: Image.Image) -> float:
    darkest, lightest = find_extrema(image.convert("L").reduce(max(1, min(image.size) // 16)))
    return lightest - darkest
