"""Previews of SVG drawings: the drawing itself, unpacked, where a browser can be expected to show it in an `<img>`.

Nothing is taken out of it: in an `<img>` no script runs and nothing is fetched, and the address it is served from
has a policy that forbids both.
"""

import re
import zlib
from typing import Any, BinaryIO
from xml.parsers import expat

from assets.previews.makers import NoPreviewError, Preview

MOST_BYTES = 1_000_000
_ROOT = "http://www.w3.org/2000/svg svg"
_LENGTH = re.compile(r"\s*(\d{1,6}(?:\.\d+)?)\s*(?:px)?\s*")


def make(file: BinaryIO, media_type: str) -> Preview:
    text = _unpacked(file.read(MOST_BYTES + 1))
    if len(text) > MOST_BYTES:
        raise NoPreviewError(f"The drawing has more than {MOST_BYTES // 1_000_000} MB.")
    width, height = _size(_root_attributes(text))
    return Preview(text, "image/svg+xml", width=width, height=height)


def _unpacked(data: bytes) -> bytes:
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        return zlib.decompressobj(wbits=31).decompress(data, MOST_BYTES + 1)
    except zlib.error as error:
        raise NoPreviewError("The drawing is damaged: it cannot be unpacked.") from error


def _root_attributes(text: bytes) -> dict[str, str]:
    """Of the root element, once the drawing has been read to its end."""
    elements: list[tuple[str, dict[str, str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if not elements:
            elements.append((name, attributes))

    parser: Any = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    try:
        parser.Parse(text, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise NoPreviewError("The drawing is damaged: it cannot be read to its end.") from error
    name, attributes = elements[0]
    if name != _ROOT:
        raise NoPreviewError("The drawing does not declare the name space of SVG, so no browser shows it.")
    return attributes


def _size(attributes: dict[str, str]) -> tuple[int | None, int | None]:
    """In pixels; None where it adapts to its place."""
    lengths = [attributes.get("width", ""), attributes.get("height", "")]
    found = [_LENGTH.fullmatch(length) for length in lengths]
    if not all(found):
        box = re.split(r"[\s,]+", attributes.get("viewBox", "").strip())
        found = [_LENGTH.fullmatch(length) for length in box[2:]] if len(box) == 4 else []
    sizes = [round(float(match[1])) for match in found if match]
    return (sizes[0], sizes[1]) if len(sizes) == 2 and all(sizes) else (None, None)
