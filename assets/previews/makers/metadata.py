"""Metadata of images. Whatever is wrong with it, the image is shown; by itself, Pillow refuses some of those."""

import re
import struct
from collections.abc import Collection
from contextlib import suppress
from io import BytesIO
from typing import BinaryIO

from PIL import ExifTags, Image

# What Pillow raises for a broken chunk, segment or tag.
ERRORS = (ValueError, SyntaxError, LookupError, TypeError, OverflowError, struct.error, OSError)
# The entry of an item in HEIF: its version, flags, number, protection and type (ISO/IEC 14496-12, 8.11.6).
_EXIF_ITEM = re.compile(rb"(infe[\x02\x03].{3}(?:.{4}|.{6}))Exif", re.DOTALL)
# Another such item: the pictures of others, side by side.
_GRID_ITEM = re.compile(rb"infe[\x02\x03].{3}(?:.{4}|.{6})grid", re.DOTALL)
_HEIF_HEAD_BYTES = 256 * 1024
_LOWER_CASE = 0x20  # in the first letter of its name: a chunk that the pixels do not need


def tolerate_broken(decoders: Collection[str]) -> None:
    """Have these of Pillow's decoders skip broken metadata."""
    if "PNG" in decoders:
        _tolerate_broken_chunks()
    if "JPEG" in decoders:
        _tolerate_broken_segments()


def without_exif(file: BinaryIO) -> BinaryIO:
    """An AVIF whose EXIF data has another name. It says nothing about the pixels, and libavif wants it to be right."""
    return BytesIO(_EXIF_ITEM.sub(rb"\1free", file.read()))


def has_tiles(file: BinaryIO) -> bool:
    """Whether a HEIF or AVIF is put together of tiles, as those of iPhones are."""
    file.seek(0)
    return bool(_GRID_ITEM.search(file.read(_HEIF_HEAD_BYTES)))


def read_orientation(image: Image.Image) -> int:
    """How a loaded image is still to be turned, as EXIF numbers it; 1 if not, or if that cannot be read.

    Pillow turns TIFF and HEIF by itself, and then says nothing here. Of AVIF it presents the container's word as EXIF.
    JPEG XL is turned by its decoder, unless the decoder gives back the JPEG that it was made of.
    """
    if image.format == "JXL" and not getattr(image, "jpeg", False):
        return 1
    exif = Image.Exif()
    try:
        exif.load(image.info.get("exif", b""))
        return int(exif.get(ExifTags.Base.Orientation, 1))
    except ERRORS:
        return 1


def _tolerate_broken_chunks() -> None:
    from PIL import PngImagePlugin

    class TolerantStream(PngImagePlugin.PngStream):
        def call(self, cid: bytes, pos: int, length: int) -> bytes:
            try:
                return super().call(cid, pos, length)
            except ERRORS:
                if not _is_optional(cid) or self.fp is None:
                    raise
                self.fp.seek(pos + length)
                return b""

        def crc(self, cid: bytes, data: bytes) -> None:
            if _is_optional(cid):
                self.crc_skip(cid, data)
            else:
                super().crc(cid, data)

    PngImagePlugin.PngStream = TolerantStream  # type: ignore[misc]


def _is_optional(chunk: bytes) -> bool:
    return bool(chunk[0] & _LOWER_CASE)


def _tolerate_broken_segments() -> None:
    from PIL import JpegImagePlugin

    def read_segment(self: JpegImagePlugin.JpegImageFile, marker: int) -> None:
        with suppress(*ERRORS):  # by then, it is behind the segment
            JpegImagePlugin.APP(self, marker)

    JpegImagePlugin.MARKER |= dict.fromkeys(range(0xFFE0, 0xFFF0), ("APP", "", read_segment))
