"""E-mail addresses in URLs: a Segmind URL can contain the address of the account that uploaded the file."""

import re

_EMAIL = re.compile(r"[^\x00-\x20/?#&=:;,@]+@[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)
_ORIGIN = re.compile(r"^[a-z][a-z0-9+.-]*://[^/?#]*", re.IGNORECASE)
_ENCODED = re.compile(r"%([0-7][0-9a-f])", re.IGNORECASE)
# How often to decode: `%2540` is an `@` after two rounds.
MAX_DECODINGS = 3


def url_contains_email(url: str) -> bool:
    """Whether the path or query of a URL contains an e-mail address, plain or percent-encoded.

    `static/js/email-in-url.js` applies the same rule; a test compares the two.
    """
    text = _ORIGIN.sub("", url)
    for _ in range(MAX_DECODINGS):
        if _EMAIL.search(text):
            return True
        text = _ENCODED.sub(lambda code: chr(int(code[1], 16)), text)
    return _EMAIL.search(text) is not None
