"""E-mail addresses in URLs: whoever gets such a URL can read whose key stored the file."""

import re

_ADDRESS = re.compile(r"[^\x00-\x20/?#&=:;,@]+@[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)
_ORIGIN = re.compile(r"^[a-z][a-z0-9+.-]*://[^/?#]*", re.IGNORECASE)
_ENCODED = re.compile(r"%([0-7][0-9a-f])", re.IGNORECASE)
# `%2540` is an `@` too, for whoever looks twice.
MOST_ENCODED = 3


def url_contains_email(url: str) -> bool:
    """Whether the path or the query of a URL contains an e-mail address, also percent-encoded.

    `static/js/email-in-url.js` decides by the same rule; a test compares the two.
    """
    text = _ORIGIN.sub("", url)
    for _ in range(MOST_ENCODED):
        if _ADDRESS.search(text):
            return True
        text = _ENCODED.sub(lambda found: chr(int(found[1], 16)), text)
    return _ADDRESS.search(text) is not None
