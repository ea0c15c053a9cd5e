"""The parts of what stands in a search box: where words and conditions begin and end, and how a condition is written.

    tag:sea,"New York"    one of several values
    -in:/"deep sea"       a sign before the quotes of a name says where it begins

Quotes, dashes and colons count in every form that keyboards write them: “at dawn”, «at dawn», full-width colons.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

import regex

from assets.text.normalise import normalise_name

# Conditions that may have several values, of which one has to be true.
LISTS = ("type", "tag", "in", "by", "is", "fits")
NAMES = (*LISTS, "wide", "tall", "square", "after", "before", "size", "width", "height", "used")
_COMMAS = ",\uff0c\u3001\uff64\u060c"


@dataclass(frozen=True)
class Token:
    """A part of the text between spaces, from `start` to `end`. `name` is empty for words."""

    start: int
    end: int
    text: str
    name: str
    values: tuple[str, ...]
    is_negated: bool

    @property
    def value(self) -> str:
        return ",".join(self.values)

    @property
    def is_condition(self) -> bool:
        return self.name in NAMES


_DASHES = "-\u2010-\u2015\u2212\ufe63\uff0d"
_QUOTES = '"\u201c-\u201f\u301d-\u301f\uff02'
_OPENING = f"{_QUOTES}«»「『‘‚‹"
# What may stand before the quotes of a name.
_START = "[~～]?[/／]|[@＠]"
# Invisible marks around a sign, as right-to-left keyboards and copied text bring them.
_UNSEEN = "[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*"
# An unclosed quotation goes to the end. Quotes that are not straight count where something begins, since they may be
# part of a word.
_VALUE = rf"""
    (?: "(?P<quoted>(?:[^"]|"")*)"(?!")
      | [{_QUOTES}](?P<quoted>[^{_QUOTES}]*)(?:[{_QUOTES}]|$)
      | «(?P<quoted>[^»]*)(?:»|$) | »(?P<quoted>[^«»]*)«
      | ‘(?P<quoted>[^‘’]*(?:’\b[^‘’]*)*)’ | ‚(?P<quoted>[^‚‘]*)‘ | ‹(?P<quoted>[^‹›]*)›
      | 「(?P<quoted>[^」]*)(?:」|$) | 『(?P<quoted>[^』]*)(?:』|$)
      | (?P<bare>[^\s\x1c-\x1f"]*)
    )"""
# -name:"a value" | -in:/"a name" | -"a phrase" | -word
_TOKEN = regex.compile(
    rf"""
    {_UNSEEN} (?P<minus>[{_DASHES}]?)
    {_UNSEEN} (?: (?P<name>[^\W\d_]+) (?P<colon>:|[\u00a0\u202f]?[:\uff1a][\u00a0\u202f]?) {_UNSEEN}
                  (?: (?P<start>{_START}) (?=[{_OPENING}]) )? )?
    {_VALUE}
    """,
    regex.VERBOSE,
)
_NEXT_VALUE = regex.compile(f"(?: (?P<start>{_START}) (?=[{_OPENING}]) )? {_VALUE}", regex.VERBOSE)
_SIGN = re.compile(f"[{_DASHES}]+|[{_DASHES}]?[{_OPENING}]")


def tokenize(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        if text[at].isspace() or text[at] == "\0":
            at += 1
            continue
        token = _read_token(text, at)
        yield token
        at = token.end


def _read_token(text: str, at: int) -> Token:
    match = _match(_TOKEN, text, at)
    end = max(match.end(), at + 1)
    name = normalise_name(match["name"] or "")
    values: tuple[str, ...] = (_value_of(match),)
    if name not in NAMES and match["colon"] not in (None, ":"):
        name, values = "", (text[match.start("name") : end],)  # a sentence, as Chinese and French are written
    elif name in LISTS:
        values, end = _read_list(text, match)
    # A sign by itself is a word.
    is_sign = is_only_a_sign(text[at:end])
    if is_sign:
        values = (text[at:end].strip(),)
    return Token(at, end, text[at:end], name, values, bool(match["minus"]) and not is_sign)


def _read_list(text: str, match: "regex.Match[str]") -> tuple[tuple[str, ...], int]:
    """The values between commas, and where they end. A comma in quotes belongs to its value."""
    values: list[str] = []
    while True:
        values += [_value_of(match)] if match["bare"] is None else re.split(f"[{_COMMAS}]", match["bare"])
        end = match.end()
        if match["bare"] is None and text[end : end + 1] in tuple(_COMMAS):
            end += 1
        elif match["bare"] is None or not match["bare"].endswith(tuple(_COMMAS)):
            break
        match = _match(_NEXT_VALUE, text, end)
        if match.end() == end:
            break
    return tuple(value for value in values if value.strip()) or ("",), end


def _match(pattern: "regex.Pattern[str]", text: str, at: int) -> "regex.Match[str]":
    return cast("regex.Match[str]", pattern.match(text, at))  # every part of it is optional


def _value_of(match: "regex.Match[str]") -> str:
    quoted = match["quoted"]
    return (match["start"] or "") + ((match["bare"] or "") if quoted is None else quoted.replace('""', '"'))


def is_only_a_sign(text: str) -> bool:
    """Whether this is a dash or an opening quote, as where a phrase or a condition is still being typed."""
    return bool(_SIGN.fullmatch(text.strip()))


def replace_term(text: str, term: str, *, is_replaced: Callable[[Token], bool]) -> str:
    """The text with a term, which may be empty, in place of others: where the first of them was, or else at its start.

    `is_replaced` is only asked for conditions that are not negated.
    """
    kept, at, place = [], 0, 0
    for token in tokenize(text):
        if token.is_condition and not token.is_negated and is_replaced(token):
            kept.append(text[at : token.start])
            at, place = token.end, place or len(kept)
    kept.append(text[at:])
    kept.insert(place, f" {term} ")
    return " ".join(" ".join(kept).split())


def replace_token(text: str, token: Token, term: str = "") -> str:
    """The text with a term, or nothing, in place of a part of it."""
    return " ".join(f"{text[: token.start]} {term} {text[token.end :]}".split())


def format_term(name: str, *values: str) -> str:
    """A condition as people type it: `tag:sea`, `tag:"deep sea",night`."""
    return f"{name}:{','.join(map(_format_value, values))}"


def _format_value(value: str) -> str:
    doubled = value.replace('"', '""')
    return f'"{doubled}"' if re.search(rf'[\s"{_COMMAS}]|^({_START})?[{_OPENING}]', value) else value
