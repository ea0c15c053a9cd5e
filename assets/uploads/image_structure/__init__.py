"""What the bytes of an image say without being decoded: how large it is, and that none of them are missing.

Reads headers, and skips from one part of the file to the next, so that it costs the same whatever the image would cost
a decoder. Knows nothing of Django.
"""

from collections.abc import Callable
from typing import BinaryIO

from assets.uploads.image_structure import containers, raster, tiff
from assets.uploads.image_structure.binary import Size, UnclearError

_READERS: dict[str, Callable[[BinaryIO], Size]] = {
    "image/apng": raster.read_png_size,
    "image/avif": containers.read_heif_size,
    "image/bmp": raster.read_bmp_size,
    "image/gif": raster.read_gif_size,
    "image/heic": containers.read_heif_size,
    "image/heif": containers.read_heif_size,
    "image/jpeg": raster.read_jpeg_size,
    "image/png": raster.read_png_size,
    "image/qoi": raster.read_qoi_size,
    "image/tiff": tiff.read_size,
    "image/webp": containers.read_webp_size,
    "image/x-icon": raster.read_ico_size,
}


def read_size(file: BinaryIO, media_type: str) -> Size:
    """Width and height, as the image is shown, of a complete file of a known format.

    Raises UnclearError if only a decoder can tell, TooManyScansError for a JPEG made to be slow.
    """
    file.seek(0)
    try:
        return _READERS[media_type](file)
    except (LookupError, ValueError):  # another format, or a part is missing
        raise UnclearError from None
