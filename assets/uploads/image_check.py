"""Pictures on their way in: whether one is sound, and how large it is. Knows nothing of Django."""

import warnings
from pathlib import Path

import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()

# Formats that are opened at all; Pillow knows many more, some of which start other programs.
FORMATS = ["PNG", "JPEG", "GIF", "BMP", "DIB", "WEBP", "ICO", "TIFF", "AVIF", "HEIF", "XBM"]
MOST_PIXELS = 100_000_000
# Pillow opens nothing of more than twice as many; phones take pictures of 200 megapixels.
Image.MAX_IMAGE_PIXELS = 105_000_000


class BrokenImageError(Exception):
    pass


def check(path: Path | str) -> tuple[int, int]:
    """Width and height in pixels as shown (turned as the camera says); reads the whole picture, at reduced size
    where its format allows that. Raises BrokenImageError where it cannot be read to its end.

    A picture of more than 100 megapixels is measured, not read.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=FORMATS) as image:
                size = _size_as_shown(image)
                if image.width * image.height <= MOST_PIXELS:
                    image.draft(None, (max(1, image.width // 8), max(1, image.height // 8)))
                    image.load()
                return size
    except Image.DecompressionBombError as error:
        raise BrokenImageError("It has too many pixels.") from error
    except Exception as error:  # Pillow's readers raise whatever their format's mistakes lead to
        raise BrokenImageError(str(error)) from error


def _size_as_shown(image: Image.Image) -> tuple[int, int]:
    turned = image.getexif().get(0x0112) in (5, 6, 7, 8)
    return (image.height, image.width) if turned else (image.width, image.height)
