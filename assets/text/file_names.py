"""File names that say what a file is: on screen, and where it is saved.

A person's system may have given a file any name: `report.html` for a PDF, or one with controls that turn letters
around. What is saved ends as files of its type do, and leads nowhere.
"""

import mimetypes
import re
import unicodedata

MAX_BYTES = 200  # in UTF-8; file systems allow 255
OTHER = "bin"
_MPEG_4 = ("mp4", "m4v", "mov", "qt", "3gp", "3g2", "m4a", "m4b")
_OGG = ("ogg", "ogv", "oga", "opus", "spx")
_MATROSKA = ("webm", "mkv", "mka", "mk3d")
_ASF = ("asf", "wma", "wmv")
_MPEG = ("mpg", "mpeg", "mpe", "m1v", "m2v", "mpv", "vob", "ts", "mts", "m2ts")
# Of each media type: the ending that a file without one gets, and all that may stay.
_ENDINGS = {
    "application/pdf": ("pdf", ("pdf",)),
    "audio/aac": ("aac", ("aac", "adts")),
    "audio/aiff": ("aiff", ("aiff", "aif", "aifc")),
    "audio/amr": ("amr", ("amr",)),
    "audio/basic": ("au", ("au", "snd")),
    "audio/flac": ("flac", ("flac",)),
    "audio/midi": ("mid", ("mid", "midi", "kar")),
    "audio/mp4": ("m4a", _MPEG_4),
    "audio/mpeg": ("mp3", ("mp3", "mp2", "mp1", "mpga")),
    "audio/ogg": ("ogg", _OGG),
    "audio/wav": ("wav", ("wav", "wave")),
    "audio/x-ms-wma": ("wma", _ASF),
    "image/apng": ("png", ("png", "apng")),
    "image/avif": ("avif", ("avif", "avifs")),
    "image/bmp": ("bmp", ("bmp", "dib")),
    "image/gif": ("gif", ("gif",)),
    "image/heic": ("heic", ("heic", "heif", "hif")),
    "image/heif": ("heif", ("heif", "heic", "hif")),
    "image/jpeg": ("jpg", ("jpg", "jpeg", "jpe", "jfif", "jif", "pjp", "pjpeg")),
    "image/png": ("png", ("png", "apng")),
    "image/svg+xml": ("svg", ("svg", "svgz")),
    "image/tiff": ("tif", ("tif", "tiff")),
    "image/webp": ("webp", ("webp",)),
    "image/x-icon": ("ico", ("ico", "cur")),
    "image/x-xbitmap": ("xbm", ("xbm",)),
    "video/3gpp": ("3gp", _MPEG_4),
    "video/3gpp2": ("3g2", _MPEG_4),
    "video/mp2t": ("ts", _MPEG),
    "video/mp4": ("mp4", _MPEG_4),
    "video/mpeg": ("mpg", _MPEG),
    "video/ogg": ("ogv", _OGG),
    "video/quicktime": ("mov", _MPEG_4),
    "video/webm": ("webm", _MATROSKA),
    "video/x-flv": ("flv", ("flv", "f4v")),
    "video/x-matroska": ("mkv", _MATROSKA),
    "video/x-ms-wmv": ("wmv", _ASF),
    "video/x-msvideo": ("avi", ("avi", "divx")),
}
# Without the lists of this machine, so that a name is the same everywhere.
_OTHER_ENDINGS = mimetypes.MimeTypes()
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
    ending, allowed = _find_endings(media_type)
    stem, _, own = safe.rpartition(".")
    if not stem or own.lower() not in allowed:
        stem, own = safe, ending
    safe = f"{_shorten(stem, MAX_BYTES - len(own) - 1)}.{own}"
    return f"_{safe}" if _DEVICE.fullmatch(safe) else safe


def _find_endings(media_type: str) -> tuple[str, tuple[str, ...]]:
    if media_type in _ENDINGS:
        return _ENDINGS[media_type]
    ending = (_OTHER_ENDINGS.guess_extension(media_type, strict=False) or f".{OTHER}").removeprefix(".")
    return ending, (ending,)


def _shorten(text: str, max_bytes: int) -> str:
    return text.encode()[:max_bytes].decode(errors="ignore").rstrip(". ")
