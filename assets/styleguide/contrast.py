"""The colours of the design system, and whether text and outlines have enough contrast on them.

The colours are read from the style sheet; `PAIRS` lists which of them are used together.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

TEXT = 4.5  # WCAG 2.2, level AA
LARGE = 3.0  # large text, and the outlines of controls
SRGB_LINEAR_UP_TO = 0.04045  # IEC 61966-2-1

_ROLE = re.compile(r"--([a-z-]+):\s*light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")


class Scheme(NamedTuple):
    """A role's colour in either scheme, as `#rrggbb`."""

    light: str
    dark: str


class Pair(NamedTuple):
    """A colour on a background: the contrast it needs, and where the two are used together."""

    ink: str
    ground: str
    min_contrast: float
    where: str


PAIRS = (
    Pair("ink", "paper", TEXT, "Pages"),
    Pair("ink", "surface", TEXT, "Cards, panels, fields"),
    Pair("ink", "raised", TEXT, "Menus, dialogs, the selection"),
    Pair("ink", "sunken", TEXT, "Search box"),
    Pair("ink", "accent-tint", TEXT, "Menu item, hovered"),
    Pair("ink-soft", "paper", TEXT, "Notes on a page"),
    Pair("ink-soft", "surface", TEXT, "Details of a card"),
    Pair("ink-soft", "raised", TEXT, "Notes in a menu"),
    Pair("ink-soft", "sunken", TEXT, "Card without a preview, placeholders"),
    Pair("ink-soft", "accent-tint", TEXT, "List row, hovered"),
    Pair("accent", "paper", TEXT, "Links on a page"),
    Pair("accent", "surface", TEXT, "Links on a panel"),
    Pair("accent", "raised", TEXT, "Current item of a menu"),
    Pair("accent", "accent-tint", TEXT, "Tags"),
    Pair("accent-hover", "surface", TEXT, "Links in the admin, hovered"),
    Pair("on-accent", "accent", TEXT, "Primary button"),
    Pair("on-accent", "accent-hover", TEXT, "Primary button, hovered"),
    Pair("toast-accent", "ink", TEXT, "Undo, in a message"),
    Pair("teal", "teal-tint", TEXT, "Initial of a person"),
    Pair("pink", "pink-tint", TEXT, "Initial of a person"),
    Pair("good", "good-tint", TEXT, "Success"),
    Pair("good", "surface", TEXT, "Verified"),
    Pair("good", "accent-tint", TEXT, "Verified, in a hovered row"),
    Pair("busy", "busy-tint", TEXT, "In progress, and warnings"),
    Pair("busy", "surface", TEXT, "Sending"),
    Pair("bad", "bad-tint", TEXT, "Errors"),
    Pair("bad", "surface", TEXT, "Error of a field"),
    Pair("bad", "paper", TEXT, "Error of a form"),
    Pair("paper", "ink", TEXT, "Toast"),
    Pair("line-strong", "surface", LARGE, "Outline of a field or button"),
    Pair("line-strong", "paper", LARGE, "Outline of a drop zone"),
    Pair("accent", "sunken", LARGE, "Focus ring, progress bar"),
    Pair("bad", "raised", LARGE, "Outline of an invalid field"),
)


def roles(style_sheet: str) -> dict[str, Scheme]:
    """Every colour role that a style sheet defines for both schemes, by its name without dashes in front."""
    return {name: Scheme(light, dark) for name, light, dark in _ROLE.findall(style_sheet)}


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def contrasts(pair: Pair, colours: Mapping[str, Scheme]) -> tuple[float, float]:
    """The contrast of a pair in the light scheme and in the dark one."""
    ink, ground = colours[pair.ink], colours[pair.ground]
    return contrast(ink.light, ground.light), contrast(ink.dark, ground.dark)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= SRGB_LINEAR_UP_TO else ((value + 0.055) / 1.055) ** 2.4
