"""The colour roles of the design system, and whether what stands on what can be read.

The colours are read from the style sheet itself; what is said of them here is which of them meet.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

TEXT = 4.5  # WCAG 2.2, level AA
LARGE = 3.0  # large text, and the outlines of what can be used

_ROLE = re.compile(r"--([a-z-]+):\s*light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")


class Scheme(NamedTuple):
    """A role's colour in either scheme, as `#rrggbb`."""

    light: str
    dark: str


class Pair(NamedTuple):
    """A role that stands on another one: how much contrast it needs, and where that is so."""

    ink: str
    ground: str
    least: float
    where: str


PAIRS = (
    Pair("ink", "paper", TEXT, "Pages"),
    Pair("ink", "surface", TEXT, "Cards, panels, fields"),
    Pair("ink", "raised", TEXT, "Menus, dialogs, the selection"),
    Pair("ink", "sunken", TEXT, "The search box"),
    Pair("ink", "accent-tint", TEXT, "A menu under the pointer"),
    Pair("ink-soft", "paper", TEXT, "Notes on a page"),
    Pair("ink-soft", "surface", TEXT, "Facts of a card"),
    Pair("ink-soft", "raised", TEXT, "Notes in a menu"),
    Pair("ink-soft", "sunken", TEXT, "A card without a picture, placeholders"),
    Pair("ink-soft", "accent-tint", TEXT, "A row of a list under the pointer"),
    Pair("accent", "paper", TEXT, "Links on a page"),
    Pair("accent", "surface", TEXT, "Links on a panel"),
    Pair("accent", "raised", TEXT, "What is chosen in a menu"),
    Pair("accent", "accent-tint", TEXT, "Tags"),
    Pair("accent-hover", "surface", TEXT, "Links of the administration under the pointer"),
    Pair("on-accent", "accent", TEXT, "The main button"),
    Pair("on-accent", "accent-hover", TEXT, "The main button under the pointer"),
    Pair("good", "good-tint", TEXT, "What went well"),
    Pair("good", "surface", TEXT, "Verified"),
    Pair("good", "accent-tint", TEXT, "Verified, in a row under the pointer"),
    Pair("busy", "busy-tint", TEXT, "What goes on, and warnings"),
    Pair("busy", "surface", TEXT, "A file on its way"),
    Pair("bad", "bad-tint", TEXT, "What went wrong"),
    Pair("bad", "surface", TEXT, "What is wrong with a field"),
    Pair("bad", "paper", TEXT, "What is wrong with a form"),
    Pair("paper", "ink", TEXT, "A line at the bottom of the page"),
    Pair("line-strong", "surface", LARGE, "The outline of a field or button"),
    Pair("line-strong", "paper", LARGE, "The outline of a drop zone"),
    Pair("accent", "sunken", LARGE, "The focus ring, and progress"),
    Pair("bad", "raised", LARGE, "The outline of a field that is wrong"),
)


def roles(style_sheet: str) -> dict[str, Scheme]:
    """Every colour role that a style sheet defines for both schemes, by its name without dashes in front."""
    return {name: Scheme(light, dark) for name, light, dark in _ROLE.findall(style_sheet)}


def contrast(one: str, other: str) -> float:
    """How two colours stand out from each other: from 1, not at all, to 21."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def contrasts(pair: Pair, colours: Mapping[str, Scheme]) -> tuple[float, float]:
    """Of a pair, in the light scheme and in the dark one."""
    ink, ground = colours[pair.ink], colours[pair.ground]
    return contrast(ink.light, ground.light), contrast(ink.dark, ground.dark)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
