"""Previews of images that FFmpeg reads and Pillow does not."""

from typing import BinaryIO

import av
from PIL import Image

from assets.media.formats import decoders_for
from assets.previews.makers import NoPreviewError, Preview
from assets.previews.makers.images import MAX_PIXELS, SIZE, encode_preview

# Their values are those of light, not of a screen.
LINEAR = ("image/vnd.radiance", "image/x-exr", "image/x-portable-floatmap")
GAMMA = 1 / 2.2


def make(file: BinaryIO, media_type: str) -> Preview:
    frame = _decode(file, media_type)
    scale = min(1, SIZE / max(frame.width, frame.height))
    width, height = (max(1, round(side * scale)) for side in (frame.width, frame.height))
    small: Image.Image = frame.reformat(width, height, "rgb24", interpolation="AREA", threads=1).to_image()
    if media_type in LINEAR:
        small = small.point([round(255 * (value / 255) ** GAMMA) for value in range(256)] * 3)
    return encode_preview(small, width=frame.width, height=frame.height)


def measure(file: BinaryIO, media_type: str) -> tuple[int, int]:
    frame = _decode(file, media_type)
    return frame.width, frame.height


def _decode(file: BinaryIO, media_type: str) -> av.VideoFrame:
    (container_format,) = decoders_for(media_type)
    options = {"protocol_whitelist": "none"}
    with av.open(file, "r", format=container_format, options=options, metadata_errors="replace") as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        if stream.codec_context.width * stream.codec_context.height > MAX_PIXELS:
            raise NoPreviewError(
                f"The image has more than {MAX_PIXELS // 1_000_000} megapixels, the limit for previews."
            )
        return next(container.decode(stream))
