"""Whether an accepted file looks damaged, in a sentence for people. Nothing is decoded.

What is written without knowing its length, or followed by other bytes, is whole.
"""

import re
from os import SEEK_END
from typing import BinaryIO

from assets.text.formats import format_size
from assets.uploads import recording_structure
from assets.uploads.image_structure.binary import ChecksumError, IncompleteError, UnclearError

# Readers look for the end of a PDF in the last kilobyte; other programs add more behind it.
_PDF_TAIL_BYTES, _PDF_END = 64 * 1024, re.compile(rb"%%EOF|startxref")
# A linearised PDF says in its first object how long it is (ISO 32000-1, annex F).
_PDF_HEAD_BYTES, _PDF_LENGTH = 1024, re.compile(rb"/L\s+(\d{1,12})\b")
_SVG_TAIL_BYTES, _SVG_END = 4096, re.compile(rb"</([\w.-]+:)?svg\s*>|/>\s*$")
_GZIP_MAGIC = b"\x1f\x8b"
# More than any file here has: a length that is itself damaged.
_MAX_BYTES = 10**12


def find_warning(file: BinaryIO, media_type: str) -> str:
    """What looks wrong with a file that is not an image of pixels; empty if nothing does."""
    try:
        match media_type:
            case "application/pdf":
                _check_pdf(file)
            case "image/svg+xml":
                _check_svg(file)
            case _:
                recording_structure.check_end(file, media_type)
    except IncompleteError as error:
        return describe(error, file.seek(0, SEEK_END))
    return ""


def describe(error: UnclearError, size: int) -> str:
    """What looks wrong with a file of this size; empty if only a decoder can tell."""
    match error:
        case IncompleteError(whole_size=int(whole)) if size < whole < _MAX_BYTES:
            if format_size(size) != format_size(whole):
                return f"This file looks incomplete: {format_size(size)} of {format_size(whole)}."
        case ChecksumError():
            return "This file looks damaged: one of its checksums is wrong."
    return "This file looks incomplete: its end is missing." if isinstance(error, IncompleteError) else ""


def _check_pdf(file: BinaryIO) -> None:
    size = file.seek(0, SEEK_END)
    file.seek(0)
    head = file.read(_PDF_HEAD_BYTES)
    length = _PDF_LENGTH.search(head) if b"/Linearized" in head else None
    if length and size < int(length[1]):
        raise IncompleteError(int(length[1]))
    if not _PDF_END.search(_read_tail(file, _PDF_TAIL_BYTES)):
        raise IncompleteError


def _check_svg(file: BinaryIO) -> None:
    file.seek(0)
    is_compressed = file.read(2) == _GZIP_MAGIC
    text = _read_tail(file, _SVG_TAIL_BYTES).replace(b"\0", b"")  # of UTF-16
    if not is_compressed and not _SVG_END.search(text):
        raise IncompleteError


def _read_tail(file: BinaryIO, length: int) -> bytes:
    file.seek(max(0, file.seek(0, SEEK_END) - length))
    return file.read()
