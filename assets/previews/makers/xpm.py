"""XPM with names of colours, or with more digits in their numbers than Pillow reads."""

import re
from io import BytesIO
from typing import BinaryIO

from PIL import ImageColor

# The colour of a key, as in `". c gray50"`.
_COLOUR = re.compile(rb"(?<=\sc\s)(\s*)([A-Za-z][A-Za-z ]*\d*|#[\dA-Fa-f]{12})(?=\"|\s)")


def with_numbers(file: BinaryIO) -> BinaryIO:
    return BytesIO(_COLOUR.sub(_write_number, file.read()))


def _write_number(match: re.Match[bytes]) -> bytes:
    try:
        red, green, blue, *_ = ImageColor.getrgb(_plain(match[2].decode().lower()))
    except ValueError:  # none at all, such as `None`
        return match[0]
    return match[1] + f"#{red:02x}{green:02x}{blue:02x}".encode()


# Names that mean something else to X than to CSS.
_NAMES_OF_X = {"green": "#00ff00", "gray": "#bebebe", "grey": "#bebebe", "maroon": "#b03060", "purple": "#a020f0"}


def _plain(colour: str) -> str:
    """As CSS has it."""
    if colour.startswith("#"):
        return f"#{colour[1:3]}{colour[5:7]}{colour[9:11]}"
    if percent := re.fullmatch(r"gr[ae]y(\d+)", colour):
        return f"hsl(0,0%,{percent[1]}%)"
    return _NAMES_OF_X.get(colour, colour.replace(" ", ""))
