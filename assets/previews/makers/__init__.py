"""Preview makers, one for each family of formats. They run in a process of their own (`process`) with limits on time
and memory, so that a hostile or broken file costs one preview. Nothing here knows Django.

A maker takes an open file, which may hold anything whatever its media type says, and returns a Preview.
"""

from typing import NamedTuple

TOO_COMPLEX = "The file is too complex for the limits on previews."


class Preview(NamedTuple):
    """A preview, and what its maker has learnt about the file.

    `data` is a WebP image or, for an SVG, the SVG itself. `placeholder` is a BMP of four by three pixels, empty if the
    image is not opaque. Width and height are the file's own pixels as it is shown, the duration is in seconds; None if
    the file has none.
    """

    data: bytes
    media_type: str = "image/webp"
    placeholder: bytes = b""
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    is_animated: bool = False


class NoPreviewError(Exception):
    """This file cannot have a preview. The message is for people, the code for programs."""

    code = ""


class DamagedError(NoPreviewError):
    """The content is not what its format demands."""

    code = "damaged"


class UnsupportedError(Exception):
    """No decoder here reads files of this media type."""

    code, subject = "unsupported", "files"


class UnsupportedKindError(UnsupportedError):
    """The decoder of this media type does not read all of its kinds, and not this one."""

    code, subject = "unsupported_kind", "files of this kind"
