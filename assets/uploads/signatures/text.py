"""Formats that are text: SVG, which may be compressed, and XBM."""

import codecs
import re
import zlib

MAX_BYTES = 64 * 1024
_XBM = re.compile(rb"\s*(/\*.{0,2000}?\*/\s*)?#define\s+\w+_width\s+\d+\s+#define\s+\w+_height\s+\d+", re.DOTALL)
# One piece of what may precede the root of an XML document.
_XML_PROLOG = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(\[.*?\]\s*)?>", re.DOTALL)
_SVG_ROOT = re.compile(rb"<(\w+:)?svg[\s>/]")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# How a document in UTF-16 begins, with a byte order mark or without.
_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
_GZIP = 31  # `wbits` for zlib


def is_svg(head: bytes) -> bool:
    text = _as_ascii(head)
    position = len(_BYTE_ORDER_MARK) if text.startswith(_BYTE_ORDER_MARK) else 0
    while prolog := _XML_PROLOG.match(text, position):
        position = prolog.end()
    return bool(_SVG_ROOT.match(text, position))


def is_compressed_svg(head: bytes) -> bool:
    try:
        return is_svg(zlib.decompressobj(wbits=_GZIP).decompress(head, MAX_BYTES))
    except zlib.error:
        return False


def is_xbm(head: bytes) -> bool:
    return bool(_XBM.match(head))


def _as_ascii(head: bytes) -> bytes:
    encoding = _UTF_16.get(head[:2])
    return head.decode(encoding, "replace").encode("ascii", "replace") if encoding else head
