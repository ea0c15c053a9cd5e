"""Previews of pictures, and the WebP that every other maker ends in."""

import warnings
from io import BytesIO
from math import ceil
from typing import BinaryIO

# The plugin by name: looking it up, Pillow would import all of them.
from PIL import Image, ImageCms, WebPImagePlugin  # noqa: F401

from assets.previews.makers import NoPreviewError, Preview

SIZE = 640  # pixels of the longer side
PLACEHOLDER_SIZE = (4, 3)
# A picture longer than that is shown by its beginning: all of it would be a line.
LONGEST = 6

MOST_PIXELS = 100_000_000
# A JPEG is read at an eighth of its size, which takes a sixty-fourth of the memory.
MOST_JPEG_PIXELS = 400_000_000

# Only these are opened: Pillow knows many more, some of which start other programs.
FORMATS = {
    "image/apng": "PNG",
    "image/avif": "AVIF",
    "image/bmp": "BMP",
    "image/gif": "GIF",
    "image/heic": "HEIF",
    "image/heif": "HEIF",
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/tiff": "TIFF",
    "image/webp": "WEBP",
    "image/x-icon": "ICO",
    "image/x-xbitmap": "XBM",
}
ANIMATED = ("AVIF", "GIF", "PNG", "WEBP")  # elsewhere several frames are pages or sizes

_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = [_TURNS[number] for number in (5, 6, 7, 8)]
_STRIP = 1 << 20  # pixels


def make(file: BinaryIO, media_type: str) -> Preview:
    """The first frame, upright and in sRGB."""
    if media_type not in FORMATS:
        raise NoPreviewError(f"Pictures of the type {media_type} are not read here.")
    most_pixels = MOST_JPEG_PIXELS if media_type == "image/jpeg" else MOST_PIXELS
    Image.MAX_IMAGE_PIXELS = most_pixels
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    _prepare(FORMATS[media_type])
    try:
        with Image.open(file, formats=[FORMATS[media_type]]) as image:
            return _preview_of(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise NoPreviewError(f"It has more than {most_pixels // 1_000_000} megapixels.") from None


def shown(image: Image.Image, **facts: object) -> Preview:
    """The preview that shows this small picture."""
    target = BytesIO()
    image.save(target, "WEBP", quality=80, method=2)
    placeholder = _placeholder(image) if image.mode == "RGB" else b""
    return Preview(target.getvalue(), placeholder=placeholder, **facts)  # type: ignore[arg-type]


def _prepare(format: str) -> None:
    """One thread each: a thread's stack and buffers count against the memory that may be used."""
    if format == "HEIF":
        import pillow_heif

        pillow_heif.options.DECODE_THREADS = 1
        pillow_heif.register_heif_opener()
    elif format == "AVIF":
        from PIL import AvifImagePlugin

        AvifImagePlugin.DEFAULT_MAX_THREADS = 1


def _preview_of(image: Image.Image) -> Preview:
    width, height = image.size
    # Half as large again as the preview: the last step of scaling, which is to be a good one, has pixels to spare.
    scale = SIZE * 1.5 / max(image.size)
    image.draft("RGB", (ceil(width * scale), ceil(height * scale)))
    small = _in_srgb(_reduced(image), image.info.get("icc_profile"))
    small.thumbnail((SIZE, SIZE), Image.Resampling.LANCZOS, reducing_gap=None)
    turn = _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    if turn is not None:
        small = small.transpose(turn)
        if turn in _SIDEWAYS:
            width, height = height, width
    is_animated = image.format in ANIMATED and getattr(image, "is_animated", False)
    return shown(small, width=width, height=height, is_animated=is_animated)


def _reduced(image: Image.Image) -> Image.Image:
    """The picture at about twice the size of its preview, in one of the modes L, RGB, RGBA and CMYK.

    In strips: converting and scaling all of it at once takes its memory two or three times.
    """
    image.load()
    width, height = image.size
    width, height = min(width, height * LONGEST), min(height, width * LONGEST)
    factor = max(1, max(width, height) // (2 * SIZE))
    mode = _scalable_mode(image)
    small = Image.new(mode, (ceil(width / factor), ceil(height / factor)))
    rows = max(1, _STRIP // (width * factor))
    for row in range(0, small.height, rows):
        strip = image.crop((0, row * factor, width, min((row + rows) * factor, height)))
        small.paste(strip.convert(mode).reduce(factor), (0, row))
    return _levelled(small, is_16_bit=image.mode.startswith("I;16")) if mode == "F" else small


def _scalable_mode(image: Image.Image) -> str:
    if image.mode[0] in "IF":
        return "F"
    if image.has_transparency_data:
        return "RGBA"
    return {"1": "L", "L": "L", "CMYK": "CMYK"}.get(image.mode, "RGB")


def _levelled(image: Image.Image, *, is_16_bit: bool) -> Image.Image:
    """Grey of 8 bits; of values whose range the format does not tell, the darkest is black and the lightest white."""
    low, high = (0.0, 65535.0) if is_16_bit else image.getextrema()
    scale = 255 / ((high - low) or 1)  # type: ignore[operator]
    return image.point(lambda value: value * scale - low * scale).convert("L")  # type: ignore[operator]


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """As RGB, or as RGBA where something shows through."""
    mode = "RGBA" if image.mode == "RGBA" and image.getextrema()[3][0] < 255 else "RGB"  # type: ignore[index, misc]
    if profile and mode == "RGB" and image.mode == "RGBA":
        image = image.convert("RGB")
    try:
        if profile:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            image = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode) or image
    except (ImageCms.PyCMSError, OSError):
        pass  # a profile of another colour space, or a broken one: the plain values will do
    return image.convert(mode)


def _placeholder(image: Image.Image) -> bytes:
    """Twelve colours. As BMP: of so small a picture every other format is mostly header, and no header compresses
    better than one that is the same in all of them."""
    target = BytesIO()
    image.resize(PLACEHOLDER_SIZE, Image.Resampling.BOX).save(target, "BMP")
    return target.getvalue()
