"""What kind of file this is, judged by its bytes and never by its name or by what a browser claims.

libmagic recognises the formats. This module only maps its names to the usual ones, and looks into the few containers
that can hold different things.
"""

import re
import zlib

import pylibmagic  # noqa: F401  (brings the library that `magic` loads)

import magic  # isort: skip

from assets.media.formats import UNKNOWN, registered_name

# How much of a file detect() needs.
HEAD_BYTES = 64 * 1024
# Readers look for the beginning of a PDF in so many bytes; libmagic in fewer.
_PDF_START, _PDF_START_WITHIN = re.compile(rb"%PDF-\d"), 1024
# The stream type of video in an ASF file (Advanced Systems Format specification, 10.4).
_ASF_VIDEO = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")
# Every packet of an MPEG transport stream starts with the byte 0x47, which is G.
_TS_PACKET = 188
_XBM = re.compile(rb"\s*(/\*.{0,2000}?\*/\s*)?#define\s+\w+_width\s+\d+\s+#define\s+\w+_height\s+\d+", re.DOTALL)
# One piece of what may precede the root of an XML document.
_XML_PROLOG = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(\[.*?\]\s*)?>", re.DOTALL)
_SVG_ROOT = re.compile(rb"<(\w+:)?svg[\s>/]")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_GZIP = 31  # `wbits` for zlib
# libmagic needs most of a second for 64 kB of them. (It takes the byte 5 for one.)
_MAX_BLANKS = 500
_BLANKS = re.compile(rb"[\s\x05]{%d,}" % _MAX_BLANKS)


def detect(head: bytes) -> str:
    """The media type of a file that starts with `head` (HEAD_BYTES, or the whole file), UNKNOWN if none fits."""
    media_type = magic.from_buffer(_BLANKS.sub(lambda blanks: blanks[0][:_MAX_BLANKS], head), mime=True)
    media_type = registered_name(media_type)
    if media_type in ("application/pdf", "text/plain", UNKNOWN) and _PDF_START.search(head[:_PDF_START_WITHIN]):
        return "application/pdf"
    if detect_in_container := _CONTAINERS.get(media_type):
        return detect_in_container(head)
    if media_type == "application/pdf":
        return UNKNOWN
    if media_type == UNKNOWN and head[: _TS_PACKET * 3 : _TS_PACKET] == b"GGG":
        return "video/mp2t"
    if media_type.startswith("text/") or media_type in ("application/xml", "image/svg+xml", UNKNOWN):
        return _detect_in_text(head, media_type)
    return media_type


def _detect_in_png(head: bytes) -> str:
    is_animated = b"acTL" in head[: head.find(b"IDAT") + 1 or None]
    return "image/apng" if is_animated else "image/png"


def _detect_in_asf(head: bytes) -> str:
    return "video/x-ms-wmv" if _ASF_VIDEO in head else "audio/x-ms-wma"


def _detect_in_gzip(head: bytes) -> str:
    return "image/svg+xml" if _is_svg(_decompress(head)) else "application/gzip"


def _detect_in_text(head: bytes, media_type: str) -> str:
    if _XBM.match(head):
        return "image/x-xbitmap"
    if _is_svg(head):
        return "image/svg+xml"
    # libmagic calls any XML with an <svg> somewhere in it SVG.
    return "text/xml" if media_type == "image/svg+xml" else media_type


def _is_svg(text: bytes) -> bool:
    position = len(_BYTE_ORDER_MARK) if text.startswith(_BYTE_ORDER_MARK) else 0
    while prolog := _XML_PROLOG.match(text, position):
        position = prolog.end()
    return bool(_SVG_ROOT.match(text, position))


def _decompress(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=_GZIP).decompress(head, HEAD_BYTES)
    except zlib.error:
        return b""


_CONTAINERS = {
    "image/png": _detect_in_png,
    "video/x-ms-asf": _detect_in_asf,
    "application/gzip": _detect_in_gzip,
}
