"""The filters of a list: what each is called, the conditions of the search that it sets, and its fixed choices."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from assets.media.formats import TYPES_BY_WORD, find_format, format_name
from assets.search.query_parser import SYNONYMS
from assets.search.tokens import Token, format_term
from assets.text.normalise import normalise_words

SHAPES = {"wide": "Wide", "tall": "Tall", "square": "Square"}
VISIBILITIES = {"team": "Team", "private": "Private"}
STATES = {
    "favourite": "Favourites",
    "attention": "Needs attention",
    "failed": "Failed",
    "broken": "Broken link",
    "changed": "Changed link",
    "unreachable": "Unreachable link",
    "damaged": "Damaged",
    "waiting": "Waiting",
    "verified": "Verified link",
    "unused": "Never used",
    "duplicate": "Duplicates",
}
KINDS = {"image": "Images", "video": "Videos", "audio": "Audio", "other": "Documents"}
DATES = {
    "after:today": "Today",
    "after:yesterday before:today": "Yesterday",
    "after:7d": "Last 7 days",
    "after:30d": "Last 30 days",
    "after:90d": "Last 90 days",
    "after:1y": "Last 12 months",
    "before:1y": "Over a year ago",
}
SIZES = {
    "size:<100kb": "Under 100 kB",
    "size:>=100kb size:<1mb": "100 kB to 1 MB",
    "size:>=1mb size:<10mb": "1 to 10 MB",
    "size:>=10mb size:<100mb": "10 to 100 MB",
    "size:>=100mb": "100 MB and more",
}
USES = {
    "used:0": "In no run",
    "used:>0": "In a run",
    "used:>5": "In more than 5 runs",
    "used:>20": "In more than 20 runs",
}
DIMENSIONS = {
    "width:<640 height:<640": "Smaller than 640 px",
    "width:>=1280 height:>=720": "HD, 1280 × 720 and more",
    "width:>=1920 height:>=1080": "Full HD, 1920 × 1080 and more",
    "width:>=3840 height:>=2160": "4K, 3840 × 2160 and more",
}


@dataclass(frozen=True)
class Filter:
    """`owns`: the conditions that it sets, and replaces. `fixed`: labels by value or, for ranges, by whole conditions.

    Of a `qualifier`, several values can be chosen, of which one has to be true. `labels`: what else a value is called.
    """

    name: str
    label: str
    owns: Callable[[Token], bool]
    qualifier: str = ""
    fixed: dict[str, str] = field(default_factory=dict)

    @property
    def is_range(self) -> bool:
        return not self.qualifier

    def is_of(self, token: Token) -> bool:
        return token.is_condition and not token.is_negated and self.owns(token)

    def term(self, *values: str) -> str:
        """The conditions for these values; empty without any."""
        if not values:
            return ""
        return values[-1] if self.is_range else format_term(self.qualifier, *values)

    def describe(self, value: str) -> str:
        if value in self.fixed:
            return self.fixed[value]
        if self.is_range:
            return value.replace("after:", "from ").replace("before:", "before ").replace("size:", "")
        return type_label(value) if self.qualifier == "type" else re.sub("^(~?/|@)", "", value)


def _owns(*names: str) -> Callable[[Token], bool]:
    return lambda token: token.name in names


def _owns_states(states: dict[str, str]) -> Callable[[Token], bool]:
    return lambda token: all(state in states for state in read_states(token))


def read_states(token: Token) -> tuple[str, ...]:
    """The states that a condition names, in their usual spelling; ones without a meaning if it is about none."""
    if token.name in SHAPES and not token.value:
        return (token.name,)
    words = map(normalise_words, token.values)
    return tuple(SYNONYMS.get(word, word) for word in words) if token.name == "is" else ("",)


FILTERS = {
    spec.name: spec
    for spec in (
        Filter("type", "Type", _owns("type"), "type", KINDS),
        Filter("collection", "Collection", _owns("in"), "in"),
        Filter("tag", "Tag", _owns("tag"), "tag"),
        Filter("person", "Person", _owns("by"), "by", {"me": "Me"}),
        Filter("date", "Date", _owns("after", "before"), fixed=DATES),
        Filter("size", "Size", _owns("size"), fixed=SIZES),
        Filter("dimensions", "Dimensions", _owns("width", "height"), fixed=DIMENSIONS),
        Filter("shape", "Shape", _owns_states(SHAPES), "is", SHAPES),
        Filter("state", "State", _owns_states(STATES), "is", STATES),
        Filter("fits", "Model", _owns("fits"), "fits"),
        Filter("uses", "Used in runs", _owns("used"), fixed=USES),
        Filter("visibility", "Visibility", _owns_states(VISIBILITIES), "is", VISIBILITIES),
    )
}


def chosen_values(spec: Filter, tokens: list[Token]) -> list[str]:
    """What is chosen, as a choice would write it: values, or the conditions of a range."""
    own = [token for token in tokens if spec.is_of(token)]
    if spec.is_range:
        return [" ".join(token.text for token in own)] if own else []
    if spec.qualifier == "is":
        return [state for token in own for state in read_states(token)]
    values = [value for token in own for value in token.values]
    return list(map(_usual_type, values)) if spec.qualifier == "type" else values


def _usual_type(value: str) -> str:
    """A type as its choice writes it, however the person did: `Images`, `jpeg`."""
    word = normalise_words(value)
    kind = word.removesuffix("s")
    return kind if kind in KINDS else type_word(TYPES_BY_WORD[word][0]) if word in TYPES_BY_WORD else value


def type_label(word: str) -> str:
    """The name of a format: `JPEG` for `jpg`."""
    return format_name(TYPES_BY_WORD[word][0]) if word in TYPES_BY_WORD else word


def type_word(media_type: str) -> str:
    """What a format is called in a search: `jpg`; a media type that is not known stays."""
    row = find_format(media_type)
    return row.endings[0] if row and row.endings else media_type
