"""What the table of formats says about a media type."""

import mimetypes
from collections import defaultdict

from assets.media.rows import FORMATS, SUPPORTED, Format

UNKNOWN = "application/octet-stream"
_BY_TYPE = {name: row for row in FORMATS for name in (row.media_type, *row.aliases)}
# Without the lists of this machine, so that a name is the same everywhere.
_OTHER_ENDINGS = mimetypes.MimeTypes()


def find_format(media_type: str) -> Format | None:
    """The row of a media type, which may be an alias."""
    return _BY_TYPE.get(media_type.lower())


def registered_name(media_type: str) -> str:
    """The media type as it is sent."""
    row = find_format(media_type)
    return row.media_type if row else media_type.lower()


def maker_for(media_type: str) -> str:
    """The module of `previews.makers` that shows such files; empty if none does."""
    row = find_format(media_type)
    return row.maker if row else ""


def decoders_for(media_type: str) -> tuple[str, ...]:
    """The names that Pillow or FFmpeg has for an image format, empty if none reads it."""
    row = find_format(media_type)
    return row.decoders if row else ()


def format_name(media_type: str) -> str:
    """The name people know a format by: `JPEG XL`, `MP3`."""
    if row := find_format(media_type):
        return row.name
    name = media_type.partition("/")[2]
    return name.removeprefix("x-").partition("+")[0].removeprefix("ms-").upper()


def endings_for(media_type: str) -> tuple[str, ...]:
    """The endings that a file name may have. A file without one gets the first; empty if none is known."""
    row = find_format(media_type)
    if row and row.endings:
        return (*row.endings, *row.other_endings)
    guess = _OTHER_ENDINGS.guess_extension(media_type, strict=False)
    return (guess.removeprefix("."),) if guess else ()


def _types_by_word() -> dict[str, tuple[str, ...]]:
    types: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for row in SUPPORTED:
        for word in (*row.endings, row.name.lower()):
            types[word][row.media_type] = None
    return {word: tuple(found) for word, found in types.items()}


# Media types by what people call the format: `jpg`, `jpeg xl`, `mp3`.
TYPES_BY_WORD = _types_by_word()
