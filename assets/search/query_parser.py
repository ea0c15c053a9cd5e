"""The language of the search box: parses text into a query of terms, and lists the problems with the rest.

    harbour dawn          every word must occur
    "at dawn"             an exact phrase; "" inside it is a quotation mark
    -night  -tag:draft    must not match
    tag:sea,night         one of the values
    tag:sea  by:ana  in:trips/2024  type:png  is:private  after:7d  before:2026-01-31  size:>5mb  width:>=1024
    fits:seedance-2.0  fits:seedance-2.0/reference_images     what a model of Segmind takes
    in:/2024  in:~/2024  by:@ana    only the collection at the top, the person's own private one, the username

Bad input raises nothing: what cannot be parsed is left out of the query and listed among its problems. The parser uses
no database, person or clock: times stay relative until `TimePoint.resolve()` is given one.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import Literal, cast

from assets.media.formats import TYPES_BY_WORD, registered_name
from assets.search.tokens import LISTS, Token, is_only_a_sign, tokenize
from assets.text.normalise import normalise_name, normalise_words

MAX_TERMS = 20
MIN_YEAR, MAX_YEAR = 1900, 2200
STATES = (
    "private", "mine", "stored", "waiting", "failed", "verified", "changed", "broken", "unreachable", "unchecked",
    "address", "damaged", "favourite", "unused", "duplicate", "team", "attention", "trashed", "wide", "tall", "square",
)  # fmt: skip
SYNONYMS = {"favorite": "favourite", "public": "team", "landscape": "wide", "portrait": "tall", "trash": "trashed"}
KINDS = ("image", "video", "audio", "other")
_UNITS = {"": 1, "b": 1, "k": 10**3, "kb": 10**3, "m": 10**6, "mb": 10**6, "g": 10**9, "gb": 10**9}
_DURATIONS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1), "y": timedelta(days=365)}
# The largest number that every database can compare with a 64-bit column.
_MAX_NUMBER = 2**63 - 1

Operator = Literal["<", "<=", "=", ">=", ">"]


@dataclass(frozen=True)
class TimePoint:
    """The start of a calendar day; or a time span before now, or before the start of today."""

    day: date | None = None
    ago: timedelta = timedelta()
    is_from_today: bool = False

    def resolve(self, now: datetime, zone: tzinfo) -> datetime:
        """The moment meant; days start at midnight in `zone`."""
        day = now.astimezone(zone).date() - self.ago if self.is_from_today else self.day
        return datetime(day.year, day.month, day.day, tzinfo=zone) if day else now - self.ago


@dataclass(frozen=True)
class Comparison:
    operator: Operator
    number: int


@dataclass(frozen=True)
class Term:
    """One condition: `name` is the qualifier, `text` for words, or `any` for terms of which one has to be true.

    The type of `value` depends on it.
    """

    name: str
    value: "str | TimePoint | Comparison | tuple[str, ...] | tuple[Term, ...]"
    is_negated: bool = False


@dataclass(frozen=True)
class Problem:
    """A part of the text that is not in the query as written, and why, in a sentence."""

    text: str
    reason: str


@dataclass(frozen=True)
class Query:
    terms: tuple[Term, ...] = ()
    problems: tuple[Problem, ...] = ()

    def has_term(self, name: str, value: str) -> bool:
        """Whether this condition is in the query, not negated."""
        return Term(name, value) in self.terms


def parse(text: str) -> Query:
    terms: dict[Term, None] = {}
    problems = []
    parts = list(tokenize(text))
    if parts and _is_being_typed(parts):
        parts.pop()
    for token in parts[:MAX_TERMS]:
        try:
            if term := _parse_term(token):
                terms[term] = None
            if token.name and not token.is_condition and not token.value.startswith("//"):
                problems.append(Problem(token.text, f"“{token.name}:” is not a filter, so this was searched as text."))
        except ValueError as error:
            problems.append(Problem(token.text, str(error)))
    if len(parts) > MAX_TERMS:
        rest = " ".join(token.text for token in parts[MAX_TERMS:])
        limit = f"A search can have {MAX_TERMS} words and filters; this one has {len(parts)}."
        problems.append(Problem(rest, f"{limit} The rest was left out."))
    return Query(tuple(terms), tuple(problems))


def _is_being_typed(parts: Sequence[Token]) -> bool:
    """Whether the last of several is only the beginning of something."""
    *before, last = parts
    return bool(before) and (is_only_a_sign(last.text) or (last.name in LISTS and not last.value))


def _parse_term(token: Token) -> Term | None:
    if token.is_condition:
        term = _any_of(QUALIFIERS[token.name](replace(token, values=(value,))) for value in token.values)
    else:
        words = normalise_words(f"{token.name}:{token.value}" if token.name else token.value)
        if not words:
            return None
        term = Term("text", words)
    return Term(term.name, term.value, token.is_negated)


def _any_of(terms: Iterable[Term]) -> Term:
    different = tuple(dict.fromkeys(terms))
    if len(different) == 1:
        return different[0]
    if Term("is", "trashed") in different:
        raise ValueError("is:trashed can’t be one of several states. Write it by itself.")
    return Term("any", different)


# --- Qualifiers: each turns a token into a term, or raises ValueError with a sentence for the person ---


def _parse_type(token: Token) -> Term:
    wanted = normalise_words(token.value)
    if wanted.removesuffix("s") in KINDS:
        return Term("kind", wanted.removesuffix("s"))
    if wanted in TYPES_BY_WORD:
        return Term("media_type", TYPES_BY_WORD[wanted])
    if re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", wanted):
        return Term("media_type", (registered_name(wanted),))
    raise ValueError("Unknown type. Try image, video, audio, other, or a format such as png or mp4.")


_EXAMPLES = {"tag": "tag:sea", "by": "by:ana or by:me", "in": "in:trips or in:trips/2024"}
_WITHOUT_NAME = ("@", "/", "~/")


def _parse_name(token: Token) -> Term:
    wanted = normalise_name(token.value)
    if token.name == "in":
        wanted = _clean_path(wanted)
    if not wanted or (wanted in _WITHOUT_NAME and token.name != "tag"):
        raise ValueError(f"Add a name, such as {_EXAMPLES[token.name]}.")
    return Term(token.name, wanted)


def _clean_path(text: str) -> str:
    """Without empty parts, but with the `/` or `~/` that says where the path begins."""
    start = next((start for start in ("~/", "/") if text.startswith(start)), "")
    parts = (part.strip() for part in text.removeprefix(start).split("/"))
    return start + "/".join(part for part in parts if part)


def _parse_state(token: Token) -> Term:
    wanted = normalise_words(token.value)
    wanted = SYNONYMS.get(wanted, wanted)
    if wanted == "expiring":
        raise ValueError("Assets don’t expire. Outputs of models do: search for is:expiring alone, or open Outputs.")
    if wanted not in STATES:
        raise ValueError(f"Unknown state. Use {', '.join(STATES[:-1])} or {STATES[-1]}.")
    return Term("is", wanted)


def _parse_fits(token: Token) -> Term:
    wanted = normalise_name(token.value).strip("/")
    if not wanted:
        raise ValueError("Add a model, such as fits:seedance-2.0 or fits:seedance-2.0/reference_images.")
    return Term("fits", wanted)


def _parse_shape(token: Token) -> Term:
    if token.value:
        raise ValueError(f"Write {token.name}: without a value.")
    return Term("is", token.name)


def _parse_time(token: Token) -> Term:
    wanted = normalise_words(token.value)
    if wanted in ("today", "yesterday"):
        return Term(token.name, TimePoint(ago=timedelta(days=wanted == "yesterday"), is_from_today=True))
    if span := re.fullmatch(r"(\d{1,5})([hdwy])", wanted):
        return Term(token.name, TimePoint(ago=min(int(span[1]) * _DURATIONS[span[2]], timedelta(days=365 * 100))))
    if parts := re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?", wanted):
        try:
            day = date(int(parts[1]), int(parts[2] or 1), int(parts[3] or 1))
        except ValueError:
            raise ValueError("This date does not exist.") from None
        if MIN_YEAR <= day.year <= MAX_YEAR:
            return Term(token.name, TimePoint(day))
    raise ValueError(
        f"Write a date such as {token.name}:2026-01-31 or {token.name}:2026-01, or a time span such as 7d, 2w or 1y."
    )


def _parse_size(token: Token) -> Term:
    return Term("size", _parse_comparison(token, r"(\d{1,15}(?:\.\d{1,9})?)\s*([a-z]*)", "size:>5mb or size:<=200kb"))


def _parse_pixels(token: Token) -> Term:
    return Term(token.name, _parse_comparison(token, r"(\d{1,9})()(?:px)?", f"{token.name}:>=1024"))


def _parse_uses(token: Token) -> Term:
    return Term("used", _parse_comparison(token, r"(\d{1,9})()", "used:>5 or used:0"))


def _parse_comparison(token: Token, number: str, example: str) -> Comparison:
    match = re.fullmatch(rf"(>=|<=|>|<|=)?\s*{number}", normalise_words(token.value))
    if match is None or match[3] not in _UNITS:
        raise ValueError(f"Write a comparison such as {example}.")
    whole, _, part = match[2].partition(".")
    amount = (int(whole + part) * _UNITS[match[3]]) // 10 ** len(part)
    return Comparison(cast("Operator", match[1] or "="), min(amount, _MAX_NUMBER))


QUALIFIERS: dict[str, Callable[[Token], Term]] = {
    "type": _parse_type,
    "tag": _parse_name,
    "by": _parse_name,
    "in": _parse_name,
    "is": _parse_state,
    "fits": _parse_fits,
    "wide": _parse_shape,
    "tall": _parse_shape,
    "square": _parse_shape,
    "after": _parse_time,
    "before": _parse_time,
    "size": _parse_size,
    "width": _parse_pixels,
    "height": _parse_pixels,
    "used": _parse_uses,
}
