"""The language of the search box: text → a query of terms, and remarks on what was not understood.

    harbour dawn          every word has to occur
    "at dawn"             these words beside each other; "" in between is a quotation mark
    -night  -tag:draft    not this
    tag:sea  by:ana  in:trips/2024  type:png  is:private  after:7d  before:2026-01-31  size:>5mb  width:>=1024

Nothing here raises for bad input: a part that is not understood is left out of the query, with the reason among the
remarks. It knows no database, no person and no clock: times are relative until `moment()` is given one.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from assets.text.normalise import normalise_words

MOST_TERMS = 20
STATES = (
    "private", "mine", "stored", "waiting", "failed", "verified", "changed", "broken", "unreachable", "unchecked",
    "address", "favourite", "trashed", "wide", "tall", "square",
)  # fmt: skip
_ALSO = {"favorite": "favourite", "landscape": "wide", "portrait": "tall", "trash": "trashed"}
KINDS = ("image", "video", "audio", "other")
# What people call a format: the media types that it may have.
FORMATS = {
    "aac": ("audio/aac",),
    "aiff": ("audio/aiff",),
    "apng": ("image/apng",),
    "au": ("audio/basic",),
    "avi": ("video/x-msvideo",),
    "avif": ("image/avif",),
    "bmp": ("image/bmp",),
    "flac": ("audio/flac",),
    "flv": ("video/x-flv",),
    "gif": ("image/gif",),
    "heic": ("image/heic", "image/heif"),
    "heif": ("image/heic", "image/heif"),
    "ico": ("image/x-icon",),
    "jpeg": ("image/jpeg",),
    "jpg": ("image/jpeg",),
    "m4a": ("audio/mp4",),
    "mkv": ("video/x-matroska",),
    "mov": ("video/quicktime",),
    "mp3": ("audio/mpeg",),
    "mp4": ("video/mp4",),
    "mpeg": ("video/mpeg",),
    "mpg": ("video/mpeg",),
    "ogg": ("audio/ogg", "video/ogg"),
    "pdf": ("application/pdf",),
    "png": ("image/png",),
    "quicktime": ("video/quicktime",),
    "svg": ("image/svg+xml",),
    "tif": ("image/tiff",),
    "tiff": ("image/tiff",),
    "wav": ("audio/wav",),
    "webm": ("video/webm",),
    "webp": ("image/webp",),
    "wma": ("audio/x-ms-wma",),
    "wmv": ("video/x-ms-wmv",),
    "xbm": ("image/x-xbitmap",),
}
_UNITS = {"": 1, "b": 1, "k": 10**3, "kb": 10**3, "m": 10**6, "mb": 10**6, "g": 10**9, "gb": 10**9}
_SPANS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1), "y": timedelta(days=365)}
# The largest number that every database compares with a column of 64 bits.
_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class When:
    """A date of the calendar; or a span before now, or before the beginning of today."""

    day: date | None = None
    ago: timedelta = timedelta()
    of_today: bool = False

    def moment(self, now: datetime, zone: tzinfo) -> datetime:
        """The first moment of the day in that zone, or the moment so long before `now`."""
        day = now.astimezone(zone).date() - self.ago if self.of_today else self.day
        return datetime(day.year, day.month, day.day, tzinfo=zone) if day else now - self.ago


@dataclass(frozen=True)
class Comparison:
    """`sign` is one of `<`, `<=`, `=`, `>=`, `>`."""

    sign: str
    number: int


@dataclass(frozen=True)
class Term:
    """One condition: `name` is the qualifier, or `text` for words; `value` as that qualifier has it."""

    name: str
    value: "str | When | Comparison | tuple[str, ...]"
    is_negated: bool = False


@dataclass(frozen=True)
class Remark:
    """What was not understood, as it was written, and why."""

    text: str
    reason: str


@dataclass(frozen=True)
class Query:
    terms: tuple[Term, ...] = ()
    remarks: tuple[Remark, ...] = ()

    def asks(self, name: str, value: object) -> bool:
        """Whether that condition is one of the query, not negated."""
        return Term(name, value) in self.terms  # type: ignore[arg-type]


@dataclass(frozen=True)
class Token:
    """A part of the text between spaces; `start` and `end` are its place."""

    start: int
    end: int
    text: str
    name: str
    value: str
    is_negated: bool


# -name:"a value" | -"a phrase" | -word; a quotation that is not closed goes to the end.
_TOKEN = re.compile(r"""(?P<minus>-?)(?:(?P<name>[^\W\d_]+):)?(?:"(?P<quoted>(?:[^"]|"")*)(?:"|$)|(?P<bare>[^\s"]*))""")
_SIGNS = ("-", '"', '-"')


def parse(text: str) -> Query:
    """The query that a text stands for."""
    terms: dict[Term, None] = {}
    remarks = []
    parts = list(tokens(text))
    if len(parts) > 1 and parts[-1].text.strip() in _SIGNS:
        parts.pop()  # the beginning of something that is still being typed
    for token in parts[:MOST_TERMS]:
        try:
            if term := _term(token):
                terms[term] = None
            if token.name and token.name not in QUALIFIERS and not token.value.startswith("//"):
                remarks.append(Remark(token.text, f"there is no “{token.name}:”, so it is looked for as text"))
        except ValueError as error:
            remarks.append(Remark(token.text, str(error)))
    if len(parts) > MOST_TERMS:
        rest = " ".join(token.text for token in parts[MOST_TERMS:])
        remarks.append(Remark(rest, f"a search has at most {MOST_TERMS} words and conditions"))
    return Query(tuple(terms), tuple(remarks))


def with_term(text: str, name: str, value: str, *, instead_of: Callable[[str], bool] | None = None) -> str:
    """The text with `name:value` at its beginning, in the place of what it says of `name` already.

    `instead_of` says which values are replaced (each, without it). An empty value only takes away.
    """
    kept, at = [], 0
    for token in tokens(text):
        if token.name == name and not token.is_negated and (instead_of is None or instead_of(token.value)):
            kept.append(text[at : token.start])
            at = token.end
    kept.append(text[at:])
    parts = [written(name, value)] if value else []
    return " ".join([*parts, *" ".join(kept).split()])


def written(name: str, value: str) -> str:
    """A condition as it is written: `tag:sea`, `tag:"deep sea"`."""
    doubled = value.replace('"', '""')
    return f'{name}:"{doubled}"' if re.search(r'[\s"]', value) else f"{name}:{value}"


def tokens(text: str) -> Iterator[Token]:
    """The parts of a text, in their order."""
    at = 0
    while at < len(text):
        if text[at].isspace() or text[at] == "\0":
            at += 1
            continue
        found = _TOKEN.match(text, at)
        if found is None:  # it never is: every part may be empty
            return
        end = max(found.end(), at + 1)
        name = (found["name"] or "").casefold()
        is_quoted = found["quoted"] is not None
        value = found["quoted"].replace('""', '"') if is_quoted else (found["bare"] or "")
        # Where nothing follows a sign, it is what is looked for.
        is_sign = not (name or value.strip()) and text[at:end].strip() in _SIGNS
        if is_sign:
            value = text[at:end].strip()
        yield Token(at, end, text[at:end], name, value, bool(found["minus"]) and not is_sign)
        at = end


def _term(token: Token) -> Term | None:
    if token.name in QUALIFIERS:
        term = QUALIFIERS[token.name](token)
    else:
        folded = normalise_words(f"{token.name}:{token.value}" if token.name else token.value)
        if not folded:
            return None
        term = Term("text", folded)
    return Term(term.name, term.value, token.is_negated)


# --- Qualifiers: each makes a term of a token, or raises ValueError with the reason ----------------------------


def _kind(token: Token) -> Term:
    wanted = normalise_words(token.value)
    if wanted.removesuffix("s") in KINDS:
        return Term("kind", wanted.removesuffix("s"))
    if wanted in FORMATS:
        return Term("media_type", FORMATS[wanted])
    if re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", wanted):
        return Term("media_type", (wanted,))
    raise ValueError("there is no such type: try image, video, audio, other, or a format such as png or mp4")


def _name(token: Token) -> Term:
    wanted = normalise_words(token.value)
    if token.name == "in":
        wanted = "/".join(part for part in (part.strip() for part in wanted.split("/")) if part)
    if not wanted:
        examples = {"tag": "tag:sea", "by": "by:ana or by:me", "in": "in:trips or in:trips/2024"}
        raise ValueError(f"it needs a name: {examples[token.name]}")
    return Term(token.name, wanted)


def _is(token: Token) -> Term:
    wanted = normalise_words(token.value)
    wanted = _ALSO.get(wanted, wanted)
    if wanted not in STATES:
        raise ValueError(f"after is: there may be {', '.join(STATES[:-1])} or {STATES[-1]}")
    return Term("is", wanted)


def _shape(token: Token) -> Term:
    if token.value:
        raise ValueError(f"nothing comes after {token.name}: and a space ends it")
    return Term("is", token.name)


def _when(token: Token) -> Term:
    wanted = normalise_words(token.value)
    if wanted in ("today", "yesterday"):
        return Term(token.name, When(ago=timedelta(days=wanted == "yesterday"), of_today=True))
    if span := re.fullmatch(r"(\d{1,5})([hdwy])", wanted):
        return Term(token.name, When(ago=min(int(span[1]) * _SPANS[span[2]], timedelta(days=365 * 100))))
    if found := re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?", wanted):
        try:
            day = date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
        except ValueError:
            raise ValueError("there is no such day in the calendar") from None
        if 1900 <= day.year <= 2200:
            return Term(token.name, When(day))
    raise ValueError(
        f"write a date such as {token.name}:2026-01-31, {token.name}:2026-01, or a span such as 7d, 2w, 1y"
    )


def _size(token: Token) -> Term:
    return Term("size", _comparison(token, r"(\d{1,15}(?:\.\d{1,9})?)\s*([a-z]*)", "size:>5mb or size:<=200kb"))


def _pixels(token: Token) -> Term:
    return Term(token.name, _comparison(token, r"(\d{1,9})()(?:px)?", f"{token.name}:>=1024"))


def _comparison(token: Token, number: str, example: str) -> Comparison:
    found = re.fullmatch(rf"(>=|<=|>|<|=)?\s*{number}", normalise_words(token.value))
    if found is None or found[3] not in _UNITS:
        raise ValueError(f"write a comparison such as {example}")
    whole, _, part = found[2].partition(".")
    amount = (int(whole + part) * _UNITS[found[3]]) // 10 ** len(part)
    return Comparison(found[1] or "=", min(amount, _LARGEST))


QUALIFIERS: dict[str, Callable[[Token], Term]] = {
    "type": _kind,
    "tag": _name,
    "by": _name,
    "in": _name,
    "is": _is,
    "wide": _shape,
    "tall": _shape,
    "square": _shape,
    "after": _when,
    "before": _when,
    "size": _size,
    "width": _pixels,
    "height": _pixels,
}
