"""Ranges that people enter in a filter: from a day to another, from a size to another, at least so many pixels."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from assets.search.tokens import Token

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Range:
    """Two fields of an input type. `write_…`: a condition for what is entered; `read_…`: the opposite, or nothing."""

    labels: tuple[str, str]
    input_type: str
    write_low: Callable[[str], str]
    write_high: Callable[[str], str]
    read_low: Callable[[str], str]
    read_high: Callable[[str], str]

    def write(self, low: str, high: str) -> str:
        """The conditions for these limits. One that makes no sense is left out."""
        parts = []
        for text, write in ((low, self.write_low), (high, self.write_high)):
            try:
                parts += [write(text.strip())] if text.strip() else []
            except (ValueError, OverflowError):
                continue
        return " ".join(parts)

    def read(self, tokens: Iterable[Token]) -> tuple[str, str]:
        """The limits that these conditions are, where they could have been entered here."""
        texts = [token.text for token in tokens]
        low, high = (next(filter(None, map(read, texts)), "") for read in (self.read_low, self.read_high))
        return low, high


def _day(text: str) -> str:
    return date.fromisoformat(text).isoformat()


def _day_after(text: str) -> str:
    return (date.fromisoformat(text) + _DAY).isoformat()


def _day_before(text: str) -> str:
    try:
        return (date.fromisoformat(text) - _DAY).isoformat()
    except ValueError:
        return ""


def _number(text: str) -> str:
    number = float(text)
    if not 0 <= number < 10**9:
        raise ValueError("not a number of these")
    return f"{number:.3f}".rstrip("0").rstrip(".")


def _reader(pattern: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        match = re.fullmatch(pattern, text)
        return match[1] if match else ""

    return read


_ISO = r"(\d{4}-\d{2}-\d{2})"
_MEGABYTES = r"(\d+(?:\.\d+)?)mb"
_read_before = _reader(f"before:{_ISO}")
RANGES = {
    "date": Range(
        ("From", "To"),
        "date",
        lambda day: f"after:{_day(day)}",
        lambda day: f"before:{_day_after(day)}",
        _reader(f"after:{_ISO}"),
        lambda text: _day_before(_read_before(text)),
    ),
    "size": Range(
        ("From (MB)", "To (MB)"),
        "number",
        lambda size: f"size:>={_number(size)}mb",
        lambda size: f"size:<={_number(size)}mb",
        _reader(f"size:>={_MEGABYTES}"),
        _reader(f"size:<={_MEGABYTES}"),
    ),
    "dimensions": Range(
        ("Width from (px)", "Height from (px)"),
        "number",
        lambda pixels: f"width:>={int(pixels)}",
        lambda pixels: f"height:>={int(pixels)}",
        _reader(r"width:>=(\d+)"),
        _reader(r"height:>=(\d+)"),
    ),
}
