"""Whether a file fits an input of a model: the same limits here, for one file, as in the search, for all."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from assets.catalogue.specs import FileInput, Limits
from assets.media.formats import format_name
from assets.text.formats import format_size

Outcome = Literal["fits", "does_not", "not_stated"]
# Durations are fractions: two that differ by less than a millisecond are the same.
SECONDS_MARGIN = 0.0005
# Of a pixel: a ratio such as 16:9 has no exact number.
RATIO_MARGIN = 0.001
NO_LIMITS = "No limits are stated for this input."
NOUNS = {"image": "images", "video": "videos", "audio": "audio", "other": "other files"}


@dataclass(frozen=True, kw_only=True)
class FileFacts:
    """What is known of a file. None: not yet, or it has none."""

    kind: str
    media_type: str
    size: int
    width: int | None = None
    height: int | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Verdict:
    """`reasons`: what is broken, or why nobody can say; none if it fits."""

    outcome: Outcome
    reasons: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        return self.outcome == "fits"


def judge(spec: FileInput, facts: FileFacts) -> Verdict:
    """A limit that is not stated breaks nothing; without any, nobody can say that a file fits."""
    if facts.kind != spec.kind:
        return Verdict("does_not", (f"This input takes {NOUNS[spec.kind]}.",))
    if broken := tuple(_find_broken(spec.limits, facts)):
        return Verdict("does_not", broken)
    if unknown := tuple(_find_unknown(spec.limits, facts)):
        return Verdict("not_stated", unknown)
    if spec.limits == Limits():
        return Verdict("not_stated", (NO_LIMITS,))
    return Verdict("fits")


def _find_broken(limits: Limits, facts: FileFacts) -> Iterator[str]:
    if limits.media_types is not None and facts.media_type not in limits.media_types:
        yield f"{format_name(facts.media_type)}; this input takes {list_formats(limits.media_types)}."
    if limits.max_bytes is not None and facts.size > limits.max_bytes:
        yield f"{_sizes(facts.size, limits.max_bytes)}."
    if facts.seconds is not None:
        yield from _break_length(limits, facts.seconds)
    if facts.width and facts.height:
        yield from _break_sides(limits, facts.width, facts.height)
        yield from _break_ratio(limits, facts.width, facts.height)


def _break_length(limits: Limits, seconds: float) -> Iterator[str]:
    if limits.max_seconds is not None and seconds > limits.max_seconds + SECONDS_MARGIN:
        yield f"{format_number(seconds)} s; at most {format_number(limits.max_seconds)} s."
    if limits.min_seconds is not None and seconds < limits.min_seconds - SECONDS_MARGIN:
        yield f"{format_number(seconds)} s; at least {format_number(limits.min_seconds)} s."


def _break_sides(limits: Limits, width: int, height: int) -> Iterator[str]:
    shape = f"{width} × {height} px"
    if limits.min_side is not None and min(width, height) < limits.min_side:
        yield f"{shape}; each side at least {limits.min_side} px."
    if limits.max_side is not None and max(width, height) > limits.max_side:
        yield f"{shape}; each side at most {limits.max_side} px."
    if limits.max_pixels is not None and width * height > limits.max_pixels:
        yield f"{shape} are {width * height:,} pixels; at most {limits.max_pixels:,}."


def _break_ratio(limits: Limits, width: int, height: int) -> Iterator[str]:
    ratio = f"The ratio is {format_number(width / height)}"
    if limits.min_ratio is not None and width < limits.min_ratio * height - RATIO_MARGIN:
        yield f"{ratio}; at least {format_number(limits.min_ratio)}."
    if limits.max_ratio is not None and width > limits.max_ratio * height + RATIO_MARGIN:
        yield f"{ratio}; at most {format_number(limits.max_ratio)}."


def _find_unknown(limits: Limits, facts: FileFacts) -> Iterator[str]:
    if needs_seconds(limits) and facts.seconds is None:
        yield "The length of this file is not known."
    if needs_sides(limits) and not (facts.width and facts.height):
        yield "The dimensions of this file are not known."


def needs_seconds(limits: Limits) -> bool:
    return limits.min_seconds is not None or limits.max_seconds is not None


def needs_sides(limits: Limits) -> bool:
    sides = (limits.min_side, limits.max_side, limits.max_pixels, limits.min_ratio, limits.max_ratio)
    return any(limit is not None for limit in sides)


def list_formats(media_types: tuple[str, ...]) -> str:
    *others, last = dict.fromkeys(map(format_name, media_types))
    return f"{', '.join(others)} or {last}" if others else last


def _sizes(size: int, limit: int) -> str:
    """Exact, where rounding would hide the difference."""
    texts = format_size(size), format_size(limit)
    found, taken = texts if texts[0] != texts[1] else (f"{size:,} bytes", f"{limit:,}")
    return f"{found}; this input takes {taken}"


def format_number(number: float) -> str:
    """Up to three decimals, without zeros at the end: `12`, `15.04`."""
    return f"{number:.3f}".rstrip("0").rstrip(".")
