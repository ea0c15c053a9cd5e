"""What the pages of models show: every limit in words, with its source."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import cast

from assets.catalogue.fits import format_number, list_formats
from assets.models import Kind, ModelInput, ModelLimit
from assets.models.catalogue import LimitName
from assets.text.formats import format_size

LABELS = {
    LimitName.MAX_FILES: "Files in all",
    LimitName.MAX_COUNT: "Files",
    LimitName.MAX_BYTES: "Size",
    LimitName.MIN_SECONDS: "Length",
    LimitName.MAX_SECONDS: "Length",
    LimitName.MIN_SIDE: "Sides",
    LimitName.MAX_SIDE: "Sides",
    LimitName.MAX_PIXELS: "Pixels",
    LimitName.MIN_RATIO: "Width / height",
    LimitName.MAX_RATIO: "Width / height",
    LimitName.MEDIA_TYPES: "Formats",
}
_UNITS = {"Length": " s", "Sides": " px"}
_OF_EVERY_FILE = ("Size", "Formats")
_OF_PICTURES = ("Sides", "Pixels", "Width / height")
# What can be limited of a file of each kind, for what is not stated.
_LIMITED = {
    Kind.IMAGE: (*_OF_EVERY_FILE, *_OF_PICTURES),
    Kind.VIDEO: (*_OF_EVERY_FILE, "Length", *_OF_PICTURES),
    Kind.AUDIO: (*_OF_EVERY_FILE, "Length"),
    Kind.OTHER: _OF_EVERY_FILE,
}


@dataclass(frozen=True)
class StatedLimit:
    label: str
    text: str
    row: ModelLimit


@dataclass(frozen=True)
class InputFacts:
    row: ModelInput
    limits: list[StatedLimit]
    not_stated: str


def describe_input(row: ModelInput) -> InputFacts:
    limits = list(describe_limits(row.limits.all()))
    stated = {limit.label for limit in limits}
    possible = ("Files", *_LIMITED[Kind(row.kind)]) if row.is_list else _LIMITED[Kind(row.kind)]
    return InputFacts(row, limits, ", ".join(label.lower() for label in possible if label not in stated))


def describe_limits(rows: Iterable[ModelLimit]) -> Iterator[StatedLimit]:
    """In the order of their names; without those that are not stated."""
    order = list(LimitName)
    for row in sorted(rows, key=lambda row: order.index(LimitName(row.name))):
        if text := describe_limit(row):
            yield StatedLimit(LABELS[LimitName(row.name)], text, row)


def describe_limit(row: ModelLimit) -> str:
    """`at most 30 MB`; empty where no limit is stated."""
    value, name = row.parse(), LimitName(row.name)
    if value is None:
        return ""
    if isinstance(value, tuple):
        return list_formats(value)
    bound = "at least" if name.startswith("min_") else "at most"
    if name == LimitName.MAX_BYTES:
        return f"{bound} {format_size(cast(int, value))}"
    number = f"{value:,}" if isinstance(value, int) else format_number(value)
    return f"{bound} {number}{_UNITS.get(LABELS[name], '')}"
