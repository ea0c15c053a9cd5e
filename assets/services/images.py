"""Pictures: whether one is sound, how large it is, and a small version of it. Knows nothing of Django.

Run as a program (`python -m assets.services.images SOURCE TARGET`) it makes one preview, in a process whose time
and memory are limited, so that a hostile or broken file costs one preview.
"""

import resource
import sys
import warnings
from io import BytesIO
from pathlib import Path

import pillow_heif
from PIL import Image, ImageCms, ImageOps

pillow_heif.register_heif_opener()

# Formats that are opened at all; Pillow knows many more, some of which start other programs.
FORMATS = ["PNG", "JPEG", "GIF", "BMP", "DIB", "WEBP", "ICO", "TIFF", "AVIF", "HEIF", "XBM"]
MOST_PIXELS = 100_000_000
PREVIEW_SIZE = (640, 640)

_MEMORY = 1024**3
_CPU_SECONDS = 20
_OUTPUT_BYTES = 10_000_000


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


def make_preview(source: Path | str, target: Path | str) -> None:
    """Write a WebP of at most 640 by 640 pixels, upright and in sRGB."""
    with Image.open(source, formats=FORMATS) as image:
        if image.width * image.height > MOST_PIXELS:
            raise BrokenImageError("It has too many pixels.")
        profile = image.info.get("icc_profile")
        image.draft("RGB", (PREVIEW_SIZE[0] * 2, PREVIEW_SIZE[1] * 2))
        preview = ImageOps.exif_transpose(image)
        has_alpha = preview.mode in ("RGBA", "LA", "PA") or "transparency" in preview.info
        preview = preview.convert("RGBA" if has_alpha else "RGB")
        preview.thumbnail(PREVIEW_SIZE, Image.Resampling.LANCZOS)
        preview = _in_srgb(preview, profile)
        preview.save(target, "WEBP", quality=80, method=4)


def _size_as_shown(image: Image.Image) -> tuple[int, int]:
    turned = image.getexif().get(0x0112) in (5, 6, 7, 8)
    return (image.height, image.width) if turned else (image.width, image.height)


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if not profile:
        return image
    try:
        converted = ImageCms.profileToProfile(
            image, ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
        )
    except (ImageCms.PyCMSError, OSError):
        return image  # a profile for another colour space, or a broken one: the plain values will do
    return converted or image


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_OUTPUT_BYTES, _OUTPUT_BYTES))
    if sys.platform == "linux":  # macOS does not know the limit on address space
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


if __name__ == "__main__":
    _limit()
    make_preview(sys.argv[1], sys.argv[2])
