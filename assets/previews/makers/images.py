"""Previews of images, and the WebP encoder that the other makers share."""

import re
from io import BytesIO
from math import ceil, prod
from typing import BinaryIO, cast

# Imported by name, because Pillow would import every plugin to look for it.
from PIL import Image, ImageCms, ImageFile, ImagePalette, Jpeg2KImagePlugin, UnidentifiedImageError, WebPImagePlugin  # noqa: F401  (registers WebP)

from assets.media.formats import decoders_for
from assets.previews.makers import (
    NoPreviewError,
    Preview,
    UnsupportedError,
    UnsupportedKindError,
    jpeg_2000,
    jpeg_xl,
    metadata,
    webp,
    xpm,
)

SIZE = 640  # pixels of the longer side
PLACEHOLDER_SIZE = (4, 3)
# Only the beginning of a longer image is shown: all of it would be a line.
MAX_ASPECT_RATIO = 6

MAX_PIXELS = 100_000_000
# A JPEG is read at an eighth of its size, which takes a sixty-fourth of the memory.
MAX_JPEG_PIXELS = 400_000_000
# It is always decoded as a whole, which takes more than ten bytes a pixel.
MAX_JXL_PIXELS = 30_000_000
# Of WebP, AVIF and HEIF: what `large_images` reads.
CODED = ("AVIF", "HEIF", "WEBP")
MIN_LARGE_PIXELS, MAX_LARGE_PIXELS = 30_000_000, 200_000_000
MAX_DEEP_PIXELS = 8_000_000
_LIMITS = {"JPEG": MAX_JPEG_PIXELS, "MPO": MAX_JPEG_PIXELS, "AVIF": MAX_LARGE_PIXELS, "HEIF": MAX_LARGE_PIXELS}

ANIMATED = ("AVIF", "GIF", "PNG", "WEBP")  # in other formats, frames are pages or sizes

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SIDEWAYS = [_TURNS[number] for number in (5, 6, 7, 8)]  # these swap width and height
# Depths, layouts and compressions that a decoder names by what it does not know.
_OTHER_KIND = re.compile(
    r"unknown pixel mode|cannot handle \d+-bit layers|KeyError|not a TIFF|unsupported|not supported", re.IGNORECASE
)
# Of TIFF, in the words of Pillow, whose own libtiff was built without them.
_UNREAD_COMPRESSIONS = ("webp",)
# Pillow takes it for a small one.
_BIG_ENDIAN_BIG_TIFF = b"MM\0+"
_BITS_PER_SAMPLE = 0x0102  # a tag of TIFF
_STRIP_PIXELS = 1 << 20
_OPAQUE = 255


def make(file: BinaryIO, media_type: str) -> Preview:
    """A preview of the first frame, upright and in sRGB."""
    Image.MAX_IMAGE_PIXELS = None
    if media_type == "image/jxl":
        check_pixels("image", prod(jpeg_xl.read_size(file)), MAX_JXL_PIXELS)
    if media_type == "image/webp" and (pixels := webp.count_pixels(file)) > MIN_LARGE_PIXELS:
        check_pixels("image", pixels, MAX_LARGE_PIXELS)
        return _make_of_large(file, "WEBP", None) or _make_with_pillow(file, media_type)
    return _make_with_pillow(file, media_type)


def _make_with_pillow(file: BinaryIO, media_type: str) -> Preview:
    with _open(file, media_type) as image:
        format, pixels = image.format or "", image.width * image.height
        check_pixels("image", pixels, _LIMITS.get(format, MAX_PIXELS))
        is_large = format in CODED and pixels > MIN_LARGE_PIXELS and not metadata.has_tiles(file)
        # Of these, Pillow makes white black. FFmpeg takes forty bytes a pixel.
        is_deep = format == "JPEG2000" and pixels <= MAX_DEEP_PIXELS and jpeg_2000.has_deep_colours(file)
        large = _make_of_large(file, format, image.info.get("icc_profile")) if is_large or is_deep else None
        return large or _render(image)


def _make_of_large(file: BinaryIO, format: str, profile: bytes | None) -> Preview | None:
    from assets.previews.makers import large_images

    if (read := large_images.read(file, format)) is None:
        return None
    image, (width, height) = read
    return encode_preview(convert_to_srgb(image, profile), width=width, height=height)


def check_pixels(kind: str, pixels: int, limit: int) -> None:
    if pixels > limit:
        count = f"{pixels / 1_000_000:,.0f} megapixels"
        raise NoPreviewError(f"The {kind} has {count}, over the {limit // 1_000_000}-megapixel limit for previews.")


def measure(file: BinaryIO, media_type: str) -> tuple[int, int]:
    """Width and height of an image as it is shown. It is read to the end, unless it is very large."""
    Image.MAX_IMAGE_PIXELS = None
    if media_type == "image/jxl" and prod(size := jpeg_xl.read_size(file)) > MAX_JXL_PIXELS:
        return size
    with _open(file, media_type) as image:
        width, height = image.size
        if width * height <= (MIN_LARGE_PIXELS if image.format in CODED else MAX_PIXELS):
            _read_smaller(image, 1 / 8)
            image.load()
        is_sideways = _TURNS.get(metadata.read_orientation(image)) in SIDEWAYS
        return (height, width) if is_sideways else (width, height)


def encode_preview(
    image: Image.Image,
    *,
    width: int | None = None,
    height: int | None = None,
    duration: float | None = None,
    is_animated: bool = False,
) -> Preview:
    """A preview that shows this image, which must be small already."""
    target = BytesIO()
    image.save(target, "WEBP", quality=80, method=2)
    placeholder = _make_placeholder(image) if image.mode == "RGB" else b""
    return Preview(
        target.getvalue(),
        placeholder=placeholder,
        width=width,
        height=height,
        duration=duration,
        is_animated=is_animated,
    )


def find_extrema(image: Image.Image) -> tuple[float, float]:
    """The lowest and the highest value of an image with one band."""
    return cast("tuple[float, float]", image.getextrema())


def _find_decoders(media_type: str) -> tuple[str, ...]:
    """The only decoders that may open the file: Pillow has many more, some of which start other programs."""
    decoders = decoders_for(media_type)
    if not decoders:
        raise UnsupportedError
    return decoders


def _open(file: BinaryIO, media_type: str) -> ImageFile.ImageFile:
    decoders = _find_decoders(media_type)
    _limit_threads(decoders)
    metadata.tolerate_broken(decoders)
    # A JPEG that ends too early is shown as far as it goes, as in browsers; when it was received, that was noted.
    ImageFile.LOAD_TRUNCATED_IMAGES = "JPEG" in decoders
    try:
        image = Image.open(_prepare(file, decoders), formats=decoders)
    except UnidentifiedImageError as error:
        if any(_is_other_kind(file, decoder) for decoder in decoders):
            raise UnsupportedKindError from error
        raise
    except OSError as error:
        if _OTHER_KIND.search(str(error)):
            raise UnsupportedKindError from error
        raise
    if image.info.get("compression") in _UNREAD_COMPRESSIONS:
        raise UnsupportedKindError
    image.info.pop("xmp", None)  # Pillow would turn a TIFF by it, which browsers and the structure's reader do not
    return image


def _prepare(file: BinaryIO, decoders: tuple[str, ...]) -> BinaryIO:
    if "ICO" in decoders:
        return _as_icon(file)
    if "XPM" in decoders:
        return xpm.with_numbers(file)
    return metadata.without_exif(file) if "AVIF" in decoders else file


def _as_icon(file: BinaryIO) -> BinaryIO:
    """A cursor differs from an icon in its first bytes. Pillow reads only the oldest kind of cursors."""
    return BytesIO(b"\0\0\1\0" + file.read()[4:])


def _is_other_kind(file: BinaryIO, decoder: str) -> bool:
    """Whether a decoder that does not take a file knows what it is. Pillow keeps to itself what it said."""
    file.seek(0)
    if file.read(4) == _BIG_ENDIAN_BIG_TIFF:
        return True
    file.seek(0)
    try:
        Image.OPEN[decoder][0](file, "")
    except SyntaxError as error:
        return bool(_OTHER_KIND.search(repr(error)))
    except Exception:  # decoders raise anything for malformed files
        return False
    return False


def _limit_threads(decoders: tuple[str, ...]) -> None:
    """Decode with one thread: the stacks and buffers of more would count against the memory limit."""
    if "HEIF" in decoders:
        import pillow_heif

        pillow_heif.options.DECODE_THREADS = 1
        pillow_heif.register_heif_opener()
    elif "AVIF" in decoders:
        from PIL import AvifImagePlugin

        AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    elif "JXL" in decoders:
        from pillow_jxl import JpegXLImagePlugin

        JpegXLImagePlugin.DECODE_THREADS = 0


def _read_smaller(image: ImageFile.ImageFile, scale: float) -> None:
    """Have the image decoded at this scale or somewhat larger, where its decoder can do that."""
    image.draft("RGB", (ceil(image.width * scale), ceil(image.height * scale)))
    if isinstance(image, Jpeg2KImagePlugin.Jpeg2KImageFile) and image.fp:
        image.reduce = jpeg_2000.find_halvings(image.fp, image.size, scale)


def _render(image: ImageFile.ImageFile) -> Preview:
    width, height = image.size
    # Half as large again as the preview, so that the last, careful step of scaling has pixels to spare.
    scale = SIZE * 1.5 / max(image.size)
    _read_smaller(image, scale)
    small = convert_to_srgb(_reduce(image), image.info.get("icc_profile"))
    small.thumbnail((SIZE, SIZE), Image.Resampling.LANCZOS, reducing_gap=None)
    turn = _TURNS.get(metadata.read_orientation(image))
    if turn is not None:
        small = small.transpose(turn)
        if turn in SIDEWAYS:
            width, height = height, width
    is_animated = image.format in ANIMATED and getattr(image, "is_animated", False)
    return encode_preview(small, width=width, height=height, is_animated=is_animated)


def _reduce(image: Image.Image) -> Image.Image:
    """The image at about twice the size of its preview, in mode L, RGB, RGBA or CMYK.

    Works in strips: converting and scaling the whole image would take two or three times its memory.
    """
    image.load()
    if image.mode == "P" and image.palette is None:  # Pillow forgets that of an ICNS
        image.palette = ImagePalette.raw("RGB", image.im.getpalette("RGB", "RGB"))
    width, height = image.size
    width, height = min(width, height * MAX_ASPECT_RATIO), min(height, width * MAX_ASPECT_RATIO)
    factor = max(1, max(width, height) // (2 * SIZE))
    mode = _scalable_mode(image)
    small = Image.new(mode, (ceil(width / factor), ceil(height / factor)))
    rows = max(1, _STRIP_PIXELS // (width * factor))
    for row in range(0, small.height, rows):
        strip = image.crop((0, row * factor, width, min((row + rows) * factor, height)))
        small.paste(strip.convert(mode).reduce(factor), (0, row))
    return _level(small, _find_white(image)) if mode == "F" else small


def _scalable_mode(image: Image.Image) -> str:
    if image.mode[0] in "IF":
        return "F"
    if image.has_transparency_data:
        return "RGBA"
    return {"1": "L", "L": "L", "CMYK": "CMYK"}.get(image.mode, "RGB")


def _find_white(image: Image.Image) -> int | None:
    """The value of white in grey of more than 8 bits; None if the format has no fixed range."""
    if image.mode.startswith("I;16"):
        (bits,) = getattr(image, "tag_v2", {}).get(_BITS_PER_SAMPLE, (16,))
        return int(2**bits) - 1
    return 65535 if image.format == "PPM" and image.mode == "I" else None


def _level(image: Image.Image, white: int | None) -> Image.Image:
    """The image in 8-bit grey. If white is not known, the lowest value is black, the highest white."""
    low, high = (0, white) if white else find_extrema(image)
    scale = 255 / ((high - low) or 1)
    return image.point(lambda value: value * scale - low * scale).convert("L")


def convert_to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The image as RGB, or as RGBA if any of it is transparent."""
    is_transparent = image.mode == "RGBA" and find_extrema(image.getchannel("A"))[0] < _OPAQUE
    mode = "RGBA" if is_transparent else "RGB"
    if profile and mode == "RGB" and image.mode == "RGBA":
        image = image.convert("RGB")
    try:
        if profile:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            image = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode) or image
    except (ImageCms.PyCMSError, OSError):
        pass  # the profile is broken or of another colour space: the plain values will do
    return image.convert(mode)


def _make_placeholder(image: Image.Image) -> bytes:
    """Twelve colours as a BMP. At this size every format is mostly header, and a header that is always the same
    compresses best."""
    target = BytesIO()
    image.resize(PLACEHOLDER_SIZE, Image.Resampling.BOX).save(target, "BMP")
    return target.getvalue()
