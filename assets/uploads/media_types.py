"""What kind of file this is, judged by its bytes and never by its name or by what a browser claims.

What begins with bytes of its own is recognised by `signatures`, everything else by libmagic. The type is the one of the
table of formats.
"""

import io
import re
from collections.abc import Callable
from typing import BinaryIO

import pylibmagic  # noqa: F401  (brings the library that `magic` loads)

import magic  # isort: skip

from assets.media.formats import UNKNOWN, registered_name
from assets.media.tags import find_end_of_tags
from assets.uploads.recording_structure import type_by_content
from assets.uploads.signatures import containers, iso_media, magic_numbers, mpeg, pictures, text

# How much of a file is looked at, from where its content begins.
HEAD_BYTES = 64 * 1024
# Readers look for the beginning of a PDF in so many bytes; libmagic in fewer.
_PDF_START, _PDF_START_WITHIN = re.compile(rb"%PDF-\d"), 1024
# libmagic needs most of a second for 64 kB of them. (It takes the byte 5 for one.)
_MAX_BLANKS = 500
_BLANKS = re.compile(rb"[\s\x05]{%d,}" % _MAX_BLANKS)
# Two bytes are enough for libmagic to say so.
_DOUBTFUL = (
    UNKNOWN, "audio/aac", "audio/mp4a-latm", "audio/mpeg", "audio/x-unknown", "image/g3fax", "image/x-targa",
)  # fmt: skip


def detect(head: bytes) -> str:
    """The media type of a file that starts with `head` (HEAD_BYTES, or the whole file), UNKNOWN if none fits."""
    return detect_file(io.BytesIO(head))


def detect_file(file: BinaryIO) -> str:
    """As detect(), but sees more: what follows a long tag, and what the head refers to."""
    start = find_end_of_tags(file)
    file.seek(start)
    head = file.read(HEAD_BYTES)
    if not start:
        return registered_name(_detect(head, file))
    media_type = registered_name(_detect(head, io.BytesIO(head)))
    # Only recordings have such tags.
    return media_type if media_type.startswith("audio/") else "audio/mpeg"


def _detect(head: bytes, file: BinaryIO) -> str:
    media_type = _detect_signature(head) or _detect_without_signature(head)
    if media_type in ("audio/ogg", "video/ogg", "video/x-ms-wmv"):
        return type_by_content(file, media_type)
    if detect_in_container := _CONTAINERS.get(media_type):
        return detect_in_container(file)
    return _detect_in_text(head, media_type) if _is_text(media_type) else _tell_apart(head, media_type)


def _is_text(media_type: str) -> bool:
    return media_type.startswith("text/") or media_type in ("application/xml", "image/svg+xml")


def _tell_apart(head: bytes, media_type: str) -> str:
    if media_type == "application/gzip":
        return "image/svg+xml" if text.is_compressed_svg(head) else media_type
    if media_type == "image/bmp":
        return media_type if head.startswith(b"BM") else "image/x-dib"
    return media_type


def _detect_signature(head: bytes) -> str:
    if media_type := iso_media.detect(head) or magic_numbers.detect(head):
        return media_type
    if pictures.is_icon(head):
        return "image/x-icon"
    return "video/mp2t" if mpeg.is_transport_stream(head) else mpeg.detect_frames(head)


def _ask_libmagic(head: bytes) -> str:
    try:
        answer = magic.from_buffer(_BLANKS.sub(lambda blanks: blanks[0][:_MAX_BLANKS], head), mime=True)
    except magic.MagicException:  # it gave up on a file that leads it in circles
        return UNKNOWN
    media_type = registered_name(answer)
    if media_type in ("application/pdf", "text/plain", UNKNOWN):
        is_pdf = _PDF_START.search(head[:_PDF_START_WITHIN])
        return "application/pdf" if is_pdf else UNKNOWN if media_type == "application/pdf" else media_type
    return media_type


def _detect_without_signature(head: bytes) -> str:
    media_type = _ask_libmagic(head)
    if media_type not in _DOUBTFUL:
        return media_type
    if media_type != "audio/mpeg" and pictures.is_tga(head):
        return "image/x-targa"
    return mpeg.find_frames(head) or ("audio/mpeg" if media_type == "audio/mpeg" else _detect_in_text(head, UNKNOWN))


def _detect_in_text(head: bytes, media_type: str) -> str:
    if text.is_xbm(head):
        return "image/x-xbitmap"
    if text.is_svg(head):
        return "image/svg+xml"
    # libmagic calls any XML with an <svg> somewhere in it SVG.
    return "text/xml" if media_type == "image/svg+xml" else media_type


_CONTAINERS: dict[str, Callable[[BinaryIO], str]] = {
    "image/jpeg": containers.detect_in_jpeg,
    "image/png": containers.detect_in_png,
    "image/tiff": pictures.detect_in_tiff,
    "video/webm": containers.detect_in_matroska,
    "video/x-matroska": containers.detect_in_matroska,
}
