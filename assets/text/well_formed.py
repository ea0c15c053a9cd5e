"""Text that can be written down: Python also has halves of characters, from JSON and from names that are no UTF-8."""

import os
import re

HALF_CHARACTER = "This text contains half a character, such as an emoji that was cut in two. Delete it and try again."


# Controls, line breaks and what turns text around.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def is_well_formed(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def printable_path(path: object) -> str:
    """A path for one line of a terminal; what cannot be shown, and bytes that are no UTF-8, look like `\\xe9`."""
    text = os.fsencode(str(path)).decode(errors="backslashreplace")
    return _UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode(), text)
