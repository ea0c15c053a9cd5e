"""What a file is, judged by its bytes and never by its name or by what a browser says.

libmagic recognises the formats; here are only the names this application uses for them, and the few containers
that have to be opened to tell what is inside.
"""

import re
import zlib
from fnmatch import fnmatchcase

import pylibmagic  # noqa: F401  (brings the library that `magic` loads)

import magic  # isort: skip

# What detect() wants to see of a file.
HEAD_BYTES = 64 * 1024
UNKNOWN = "application/octet-stream"

_NAMES = {
    "application/ogg": "audio/ogg",
    "audio/x-aiff": "audio/aiff",
    "audio/x-flac": "audio/flac",
    "audio/x-hx-aac-adts": "audio/aac",
    "audio/x-m4a": "audio/mp4",
    "audio/x-mp4a-latm": "audio/aac",
    "audio/x-wav": "audio/wav",
    "image/vnd.microsoft.icon": "image/x-icon",
    "image/x-ms-bmp": "image/bmp",
    "video/x-m4v": "video/mp4",
}
# Stream type of a video in an ASF file (Advanced Systems Format specification, 10.4).
_ASF_VIDEO = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")
# Every packet of an MPEG transport stream begins with the byte 0x47, which is G.
_TS_PACKET = 188
_XBM = re.compile(rb"\s*(/\*.{0,2000}?\*/\s*)?#define\s+\w+_width\s+\d+\s+#define\s+\w+_height\s+\d+", re.DOTALL)
# One step over what may stand before an XML document's root.
_XML_PROLOG = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(\[.*?\]\s*)?>", re.DOTALL)
_SVG_ROOT = re.compile(rb"<(\w+:)?svg[\s>/]")


def detect(head: bytes) -> str:
    """The media type of a file that begins with `head` (up to HEAD_BYTES), or `application/octet-stream`."""
    found = magic.from_buffer(head, mime=True)
    found = _NAMES.get(found, found)
    if found == "image/png" and b"acTL" in head[: head.find(b"IDAT") + 1 or None]:
        return "image/apng"
    if found == UNKNOWN and head[: _TS_PACKET * 3 : _TS_PACKET] == b"GGG":
        return "video/mp2t"
    if found == "video/x-ms-asf":
        return "video/x-ms-wmv" if _ASF_VIDEO in head else "audio/x-ms-wma"
    if found == "application/gzip" and _is_svg(_unzipped(head)):
        return "image/svg+xml"
    if found.startswith("text/") or found in ("application/xml", "image/svg+xml", UNKNOWN):
        if _XBM.match(head):
            return "image/x-xbitmap"
        # libmagic takes any XML with an <svg> somewhere for one.
        return "image/svg+xml" if _is_svg(head) else found.replace("image/svg+xml", "text/xml")
    return found


def is_accepted(media_type: str, patterns: list[str]) -> bool:
    """Whether a type is one of `patterns`, such as `image/*` or `application/pdf`."""
    return any(fnmatchcase(media_type, pattern.strip().lower()) for pattern in patterns)


def in_words(patterns: list[str]) -> str:
    """What is accepted, for people: `images, videos, audio and PDF files`."""
    names = {"image/*": "images", "video/*": "videos", "audio/*": "audio", "application/pdf": "PDF files"}
    words = [names.get(pattern.strip().lower(), pattern.strip()) for pattern in patterns]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _is_svg(text: bytes) -> bool:
    at = 3 if text.startswith(b"\xef\xbb\xbf") else 0
    while prolog := _XML_PROLOG.match(text, at):
        at = prolog.end()
    return bool(_SVG_ROOT.match(text, at))


def _unzipped(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(head, HEAD_BYTES)
    except zlib.error:
        return b""
