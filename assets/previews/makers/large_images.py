"""Large WebP, HEIF and AVIF images. FFmpeg scales them down as they are coded, where Pillow first converts all of their
pixels to RGB, and keeps them twice.
"""

from typing import BinaryIO

import av
from PIL import Image

from assets.previews.makers.posters import find_size, render_frame

_CONTAINERS = {"WEBP": "webp_pipe", "HEIF": "mov", "AVIF": "mov", "JPEG2000": "j2k_pipe"}


def read(file: BinaryIO, format: str) -> tuple[Image.Image, tuple[int, int]] | None:
    """The image, upright and as small as its preview, and its real size; None if it has more than one coded picture."""
    options = {"protocol_whitelist": "none"}
    file.seek(0)
    with av.open(file, "r", format=_CONTAINERS[format], options=options, metadata_errors="replace") as container:
        if len(container.streams) > 1:  # tiles, an alpha channel, a thumbnail
            return None
        [stream] = container.streams.video
        stream.codec_context.thread_count = 1
        frame = next(container.decode(stream))
        return render_frame(frame, stream), find_size(frame, stream)
