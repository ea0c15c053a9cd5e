"""How names and words are compared: without case and typographic variants, and without the marks that a language leaves
out. A mark that makes another letter stays: `é` is an `e`, but `ポ` is no `ホ`, and `й` no `и`.

There are two keys. Names are the same if a reader takes them for the same; a search finds a little more.
`static/js/names.js` compares names like this, too; a test compares the two.
"""

import re
import unicodedata

import regex

from assets.text.file_names import without_reordering

_VARIANTS = {
    "'": "\u2018\u2019\u201a\u201b\u2032\u2039\u203a\u02b9\u02bb\u02bc\u02bd\u00b4\u1ffd\u055a\u05f3",
    '"': "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\u05f4\u301d\u301e\u301f",
    "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u058a\u05be\u2e3a\u2e3b",
    "~": "\u301c",
}
# No part of a path: these would become letters with a "/" between them.
_WITH_A_SLASH = {"\u2100": "a\u2044c", "\u2101": "a\u2044s", "\u2105": "c\u2044o", "\u2106": "c\u2044u"}
_PLAIN = str.maketrans(
    {variant: plain for plain, variants in _VARIANTS.items() for variant in variants} | _WITH_A_SLASH
)
# What looks the same but is spelled in two ways: letters of Malayalam, Bengali and Marathi with a joiner, two Thai or
# Lao vowels for one, and a tone behind the sign that it belongs before.
_SPELLINGS = {
    "ണ്\u200d": "ൺ", "ന്\u200d": "ൻ", "ര്\u200d": "ർ", "ല്\u200d": "ൽ", "ള്\u200d": "ൾ", "ക്\u200d": "ൿ",
    "ত্\u200d": "ৎ", "र्\u200d": "र\u093c्", "เเ": "แ", "ເເ": "ແ",
    **{f"\u0e4d{tone}": f"{tone}\u0e4d" for tone in "\u0e48\u0e49\u0e4a\u0e4b"},
    **{f"\u0ecd{tone}": f"{tone}\u0ecd" for tone in "\u0ec8\u0ec9\u0eca\u0ecb"},
}  # fmt: skip
_OTHER_SPELLING = re.compile("|".join(_SPELLINGS))
_LATIN_OR_GREEK_MARKS = r"([\p{Script=Latin}\p{Script=Greek}])\p{Mn}+"
_HEBREW_POINTS = r"[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]"
# And the tatweel, which only makes a word longer.
_ARABIC_VOWEL_SIGNS = (
    r"[\u0610-\u061a\u0640\u064b-\u0652\u0656-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
    r"\u08d3-\u08e1\u08e3-\u08ff]"
)
# But joiners make one emoji of several, and tags make the flags of countries such as Wales.
_INVISIBLE = (
    r"(?!(?<=\p{Emoji}[\ufe0f\U0001f3fb-\U0001f3ff]{0,2})\u200d(?=\p{Extended_Pictographic}))"
    r"(?![\U000e0020-\U000e007f])\p{Default_Ignorable_Code_Point}"
)
_LEFT_OUT = regex.compile("|".join((_LATIN_OR_GREEK_MARKS, _HEBREW_POINTS, _ARABIC_VOWEL_SIGNS, _INVISIBLE)))
# For searches: Cyrillic stress, the hamza and madda of an alef; letters that have no mark to leave out; Persian and
# Urdu letters that Arabic keyboards lack.
_OFTEN_LEFT_OUT = regex.compile(r"(?<=[аеиоуыэюяіє])[\u0300\u0301]|(?<=\u0627)[\u0653-\u0655]")
_OFTEN_REPLACED = str.maketrans("ёıøłđħŧ\u0671\u06cc\u06a9\u06c1", "еioldht\u0627\u064a\u0643\u0647")
_DIGIT = re.compile(r"(?![0-9])\d")


def normalise_name(text: str) -> str:
    """The same for all ways to write a name, on one line, with single spaces."""
    return " ".join(_fold(text.replace("\0", " ")).split())


def normalise_for_search(text: str) -> str:
    """What a search compares: names that differ here are never found for each other."""
    # Phones write a dash for two hyphens.
    folded = re.sub("-{2,}", "-", _fold(text))
    return folded if folded.isascii() else _fold_further(folded)


def _fold_further(folded: str) -> str:
    decomposed = unicodedata.normalize("NFD", folded.translate(_OFTEN_REPLACED))
    folded = unicodedata.normalize("NFC", _OFTEN_LEFT_OUT.sub("", decomposed))
    return _DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), folded)


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.translate(_PLAIN)).translate(_PLAIN)
    spelled = _OTHER_SPELLING.sub(lambda match: _SPELLINGS[match[0]], decomposed)
    return unicodedata.normalize("NFC", _LEFT_OUT.sub(r"\1", spelled).casefold())


def normalise_words(text: str) -> str:
    """Text normalised for a search, on one line, with single spaces."""
    return " ".join(normalise_for_search(text.replace("\0", " ")).split())


def clean_name(text: str) -> str:
    """The name of a tag or collection on one line, with single spaces."""
    return " ".join(unicodedata.normalize("NFC", without_reordering(text).replace("\0", " ")).split())


def sort_key(title: str) -> str:
    """The key that sorts a title without case and accents, and `img 2` before `img 10`."""
    return re.sub(r"[0-9]{1,12}", lambda digits: digits[0].zfill(12), normalise_words(title))
