"""File names that say what a file is: on screen, and where it is saved.

A person's system may have given a file any name: `report.html` for a PDF, or one with controls that turn letters
around. What is saved ends as files of its type do, and leads nowhere.
"""

import re
import unicodedata

from assets.media.formats import endings_for
from assets.text.shorten import shorten

MAX_BYTES = 200  # in UTF-8; file systems allow 255
OTHER = "bin"
_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Controls, formats, surrogates, and separators of lines.
_INVISIBLE_CATEGORIES = ("Cc", "Cf", "Cs", "Zl", "Zp")
# Letters and marks that show nothing.
_BLANKS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
_DEVICE = re.compile(r"(con|prn|aux|nul|(com|lpt)[0-9¹²³]|conin\$|conout\$|clock\$) *(\..*)?", re.IGNORECASE)


def without_reordering(text: str) -> str:
    """Text without the controls that make `gpj.exe` of `exe.jpg`. Marks that Hebrew and Arabic need stay."""
    return text if text.isascii() else _REORDERING.sub("", text)


def on_one_line(text: str) -> str:
    """Text without line breaks, which a field of one line cannot show."""
    return " ".join(text.splitlines())


def without_invisible(name: str) -> str:
    """A file name without anything that is not seen."""
    if name.isascii() and name.isprintable():
        return name
    shown = "".join(c for c in name if unicodedata.category(c) not in _INVISIBLE_CATEGORIES)
    return _BLANKS.sub("", shown)


def name_to_save(name: str, media_type: str) -> str:
    """A name that ends as files of this type do, leads to no other folder, and that every system allows."""
    safe = _FORBIDDEN.sub("_", name)
    safe = without_invisible(safe).strip(". \u00a0") or "file"
    allowed = endings_for(media_type) or (OTHER,)
    stem, _, own = safe.rpartition(".")
    if not stem or own.lower() not in allowed:
        stem, own = safe, allowed[0]
    safe = f"{_shorten(stem, MAX_BYTES - len(own) - 1)}.{own}"
    return f"_{safe}" if _DEVICE.fullmatch(safe) else safe


def _shorten(text: str, max_bytes: int) -> str:
    fitting = len(text.encode()[:max_bytes].decode(errors="ignore"))
    return shorten(text, fitting).rstrip(". ")
