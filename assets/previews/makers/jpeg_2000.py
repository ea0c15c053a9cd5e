"""How often the decoder of JPEG 2000 can halve an image, which otherwise takes twelve bytes a pixel."""

import re
from typing import IO

_HEAD_BYTES = 64 * 1024
# The marker "coding style default": its length, a style, four bytes, and the number of halved images in the file
# (ISO/IEC 15444-1, A.6.1).
_CODING_STYLE = re.compile(rb"\xff\x52\0..{5}(.)", re.DOTALL)


def find_halvings(file: IO[bytes], size: tuple[int, int], scale: float) -> int:
    """How often, so that the image does not get smaller than at this scale."""
    file.seek(0)
    found = _CODING_STYLE.search(file.read(_HEAD_BYTES))
    most = min(round(1 / scale).bit_length() - 1, found[1][0]) if found and scale < 1 else 0
    return next(count for count in range(most, -1, -1) if all(_is_rounded_up(side, count) for side in size))


def _is_rounded_up(side: int, halvings: int) -> bool:
    """Whether Pillow expects as many pixels as there are: it rounds, the format rounds up."""
    rest = side % (1 << halvings)
    return rest == 0 or 2 * rest >= 1 << halvings
