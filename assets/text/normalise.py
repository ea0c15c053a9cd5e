"""How names and words are compared: without case, accents and typographic variants."""

import re
import unicodedata

from assets.text.file_names import without_reordering


def normalise_for_search(text: str) -> str:
    """Text without case and accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def normalise_words(text: str) -> str:
    """Normalised text on one line, with single spaces."""
    return " ".join(normalise_for_search(text.replace("\0", " ")).split())


def clean_name(text: str) -> str:
    """The name of a tag or collection on one line, with single spaces."""
    return " ".join(unicodedata.normalize("NFC", without_reordering(text).replace("\0", " ")).split())


def sort_key(title: str) -> str:
    """The key that sorts a title without case and accents, and `img 2` before `img 10`."""
    return re.sub(r"[0-9]{1,12}", lambda digits: digits[0].zfill(12), normalise_words(title))
