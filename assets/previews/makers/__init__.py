"""Makers of previews, each for one sort of file. Run as a program (`__main__`) in a process of its own, whose time and
memory are limited, so that a hostile or broken file costs one preview. Knows nothing of Django.

A maker takes an open file, which may be anything whatever its media type says, and gives a Preview.
"""

from typing import NamedTuple


class Preview(NamedTuple):
    """What to show of a file, and what was learnt of the file on the way.

    `data` is a WebP picture or, of a drawing, SVG; `placeholder` a BMP of four by three pixels, empty where the picture
    is not opaque. Width and height are pixels of the file as it is shown, the duration is seconds; None where the file
    has none.
    """

    data: bytes
    media_type: str = "image/webp"
    placeholder: bytes = b""
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    is_animated: bool = False


class NoPreviewError(Exception):
    """There can be no preview of this file; the message is a sentence for people."""
