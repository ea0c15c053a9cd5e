"""What the header of a JPEG 2000 says that Pillow does not tell (ISO/IEC 15444-1, A.5 and A.6)."""

import re
from typing import IO

_HEAD_BYTES = 64 * 1024
# The marker "image and tile size": 36 bytes, the number of components, and the bits of the first, less one.
_COMPONENTS = re.compile(rb"\xff\x4f\xff\x51.{36}(..)(.)", re.DOTALL)
_MAX_BITS, _SIGN = 8, 0x80  # which says that values may be negative
# The marker "coding style default": its length, a style, four bytes, and the number of halved images in the file.
_CODING_STYLE = re.compile(rb"\xff\x52\0..{5}(.)", re.DOTALL)


def has_deep_colours(file: IO[bytes]) -> bool:
    """Whether it has colours of more than 8 bits each."""
    file.seek(0)
    found = _COMPONENTS.search(file.read(_HEAD_BYTES))
    return found is not None and int.from_bytes(found[1]) > 1 and found[2][0] & ~_SIGN >= _MAX_BITS


def find_halvings(file: IO[bytes], size: tuple[int, int], scale: float) -> int:
    """How often the image can be halved while it is decoded, without getting smaller than at this scale.

    Otherwise, it takes twelve bytes a pixel.
    """
    file.seek(0)
    found = _CODING_STYLE.search(file.read(_HEAD_BYTES))
    most = min(round(1 / scale).bit_length() - 1, found[1][0]) if found and scale < 1 else 0
    return next(count for count in range(most, -1, -1) if all(_is_rounded_up(side, count) for side in size))


def _is_rounded_up(side: int, halvings: int) -> bool:
    """Whether Pillow expects as many pixels as there are: it rounds, the format rounds up."""
    rest = side % (1 << halvings)
    return rest == 0 or 2 * rest >= 1 << halvings
