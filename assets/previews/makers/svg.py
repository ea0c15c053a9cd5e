"""Previews of SVG files: the drawing itself, decompressed, if a browser can be expected to show it in an `<img>`.

Nothing is removed from it: in an `<img>` no script runs and nothing is fetched, and the URL it is served from has a
policy that forbids both.
"""

import re
import zlib
from typing import BinaryIO
from xml.parsers import expat

from assets.previews.makers import TOO_COMPLEX, DamagedError, NoPreviewError, Preview

MAX_BYTES = 1_000_000
# After its entities were expanded. Every viewer's browser has to draw them all.
MAX_ELEMENTS = 50_000
# Of the parts of filters, which work on every pixel. None is as large in a drawing that is to be looked at.
MAX_FILTER_VALUES = {"stdDeviation": 1000, "radius": 1000, "order": 100, "numOctaves": 50}
_FILTER_PART = "http://www.w3.org/2000/svg fe"
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[eE]\+?\d+)?")
_ROOT = "http://www.w3.org/2000/svg svg"
_LENGTH = re.compile(r"\s*(\d{1,6}(?:\.\d+)?)\s*(?:px)?\s*")
_VIEW_BOX = re.compile(r"\s*[^\s,]+[\s,]+[^\s,]+[\s,]+([^\s,]+)[\s,]+([^\s,]+)\s*")
# In a document whose declaration can be read as ASCII.
_ENCODING = re.compile(rb"<\?xml\s[^>]*encoding\s*=\s*[\"']([\w.:-]+)[\"']")
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP = 31  # `wbits` for zlib


def make(file: BinaryIO, media_type: str) -> Preview:
    text = _decompress(file.read(MAX_BYTES + 1))
    if len(text) > MAX_BYTES:
        raise NoPreviewError(f"The SVG is over the {MAX_BYTES // 1_000_000} MB limit for previews.")
    width, height = _read_size(_read_root(text))
    return Preview(text, "image/svg+xml", width=width, height=height)


def _decompress(data: bytes) -> bytes:
    if not data.startswith(_GZIP_MAGIC):
        return data
    try:
        return zlib.decompressobj(wbits=_GZIP).decompress(data, MAX_BYTES + 1)
    except zlib.error as error:
        raise DamagedError("The SVG is damaged: it cannot be decompressed.") from error


def _read_root(text: bytes) -> dict[str, str]:
    """The attributes of the root element, once the whole document has been parsed."""
    elements: list[tuple[str, dict[str, str]]] = []

    def on_start(name: str, attributes: dict[str, str]) -> None:
        elements.append((name, attributes))
        if len(elements) > MAX_ELEMENTS or _is_excessive(name, attributes):
            raise NoPreviewError(TOO_COMPLEX)

    try:
        encoding, text = _as_utf_8(text)
        parser = expat.ParserCreate(encoding, " ")
        parser.StartElementHandler = on_start
        parser.Parse(text, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        if "amplification" in str(error):
            raise NoPreviewError(TOO_COMPLEX) from error
        raise DamagedError("The SVG is damaged: it cannot be read to the end.") from error
    name, attributes = elements[0]
    if name != _ROOT:
        raise NoPreviewError("The SVG does not declare the SVG namespace, so browsers do not show it.")
    return attributes


def _as_utf_8(text: bytes) -> tuple[str | None, bytes]:
    """The text, and its encoding if the parser shall not look for it: what it declares may be unknown to the parser."""
    declared = _ENCODING.match(text)
    if declared is None:
        return None, text
    return "utf-8", text.decode(declared[1].decode()).encode()


def _is_excessive(name: str, attributes: dict[str, str]) -> bool:
    return name.startswith(_FILTER_PART) and any(
        float(value) > limit
        for attribute, limit in MAX_FILTER_VALUES.items()
        for value in _NUMBER.findall(attributes.get(attribute, ""))
    )


def _read_size(attributes: dict[str, str]) -> tuple[int | None, int | None]:
    """Width and height in pixels; None if the drawing adapts to its surroundings."""
    size = _parse_size(attributes.get("width", ""), attributes.get("height", ""))
    if size is None and (box := _VIEW_BOX.fullmatch(attributes.get("viewBox", ""))):
        size = _parse_size(box[1], box[2])
    return size if size and all(size) else (None, None)


def _parse_size(width: str, height: str) -> tuple[int, int] | None:
    across, down = _LENGTH.fullmatch(width), _LENGTH.fullmatch(height)
    return (round(float(across[1])), round(float(down[1]))) if across and down else None
