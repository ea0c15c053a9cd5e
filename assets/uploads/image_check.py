"""Whether an uploaded image is sound, and how large it is. Knows nothing of Django."""

import warnings
from pathlib import Path

import pillow_heif
from PIL import ExifTags, Image

pillow_heif.register_heif_opener()

# The only formats that are opened: Pillow knows many more, some of which start other programs.
FORMATS = ["PNG", "JPEG", "GIF", "BMP", "DIB", "WEBP", "ICO", "TIFF", "AVIF", "HEIF", "XBM"]
MAX_PIXELS = 100_000_000
# Pillow refuses images of more than twice this; phones take photos of 200 megapixels.
Image.MAX_IMAGE_PIXELS = 105_000_000

_SIDEWAYS = (5, 6, 7, 8)  # EXIF orientations that swap width and height


class BrokenImageError(Exception):
    pass


def check(path: Path | str) -> tuple[int, int]:
    """Width and height in pixels, as the image is shown (the camera's orientation applied).

    Reads the whole image, at a reduced size where its format allows it, and raises BrokenImageError where that fails.
    An image of more than MAX_PIXELS is measured, not read.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=FORMATS) as image:
                size = _size_as_shown(image)
                if image.width * image.height <= MAX_PIXELS:
                    image.draft(None, (max(1, image.width // 8), max(1, image.height // 8)))
                    image.load()
                return size
    except Image.DecompressionBombError as error:
        raise BrokenImageError("It has too many pixels.") from error
    except Exception as error:  # Pillow's readers raise anything for malformed files
        raise BrokenImageError(str(error)) from error


def _size_as_shown(image: Image.Image) -> tuple[int, int]:
    is_sideways = image.getexif().get(ExifTags.Base.Orientation) in _SIDEWAYS
    return (image.height, image.width) if is_sideways else (image.width, image.height)
