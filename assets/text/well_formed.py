"""Text that can be written down: Python also has halves of characters, from JSON and from names that are no UTF-8."""

import os

HALF_CHARACTER = "This text contains half a character, such as an emoji that was cut in two. Delete it and try again."


def is_well_formed(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def printable_path(path: object) -> str:
    """A path for the terminal; bytes that are no UTF-8 look like `\\xe9`."""
    return os.fsencode(str(path)).decode(errors="backslashreplace")
