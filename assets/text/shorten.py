"""Cutting text without cutting a character in two: an emoji or an accented letter may be several code points."""

import regex

_CHARACTERS = regex.compile(r"\X")


def shorten(text: str, max_length: int) -> str:
    """The text cut to this many code points, at the end of a character as people see it."""
    if len(text) <= max_length:
        return text
    ends = (match.end() for match in _CHARACTERS.finditer(text[: max_length + 1]))
    return text[: max((end for end in ends if end <= max_length), default=max_length)]
