"""Previews of images that FFmpeg reads and Pillow does not."""

from math import prod
from typing import BinaryIO

import av
from av.container import InputContainer
from PIL import Image

from assets.media.formats import decoders_for
from assets.previews.makers import NoPreviewError, Preview
from assets.previews.makers.images import MAX_PIXELS, SIZE, convert_to_srgb, encode_preview

# Their values are those of light, not of a screen.
LINEAR = ("image/vnd.radiance", "image/x-exr", "image/x-portable-floatmap")
GAMMA = 1 / 2.2


def make(file: BinaryIO, media_type: str) -> Preview:
    with _open(file, media_type) as container:
        if prod(_read_size(container)) > MAX_PIXELS:
            limit = f"{MAX_PIXELS // 1_000_000} megapixels"
            raise NoPreviewError(f"The image has more than {limit}, the limit for previews.")
        frame = _decode(container)
    scale = min(1, SIZE / max(frame.width, frame.height))
    width, height = (max(1, round(side * scale)) for side in (frame.width, frame.height))
    # FFmpeg does not turn floating-point numbers into colours with transparency.
    mode = "rgb24" if media_type in LINEAR else "rgba"
    small: Image.Image = frame.reformat(width, height, mode, interpolation="AREA", threads=1).to_image()
    if media_type in LINEAR:
        small = small.point([round(255 * (value / 255) ** GAMMA) for value in range(256)] * 3)
    return encode_preview(convert_to_srgb(small, None), width=frame.width, height=frame.height)


def measure(file: BinaryIO, media_type: str) -> tuple[int, int]:
    """Width and height of an image. It is read to the end, unless it has more than MAX_PIXELS."""
    with _open(file, media_type) as container:
        if prod(size := _read_size(container)) > MAX_PIXELS:
            return size
        frame = _decode(container)
        return frame.width, frame.height


def _open(file: BinaryIO, media_type: str) -> InputContainer:
    (container_format,) = decoders_for(media_type)
    options = {"protocol_whitelist": "none"}
    return av.open(file, "r", format=container_format, options=options, metadata_errors="replace")


def _read_size(container: InputContainer) -> tuple[int, int]:
    context = container.streams.video[0].codec_context
    return context.width, context.height


def _decode(container: InputContainer) -> av.VideoFrame:
    stream = container.streams.video[0]
    stream.codec_context.thread_count = 1
    return next(container.decode(stream))
