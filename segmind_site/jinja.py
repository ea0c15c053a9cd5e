"""The Jinja environment of our templates. Those of the admin, in assets/admin/templates, use Django's engine."""

import re
from collections.abc import MutableMapping
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from django.templatetags.static import static
from django.urls import get_script_prefix, reverse
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django_htmx.jinja import htmx_script
from jinja2 import Environment, StrictUndefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.ext import Extension
from markupsafe import Markup, escape

from assets.media.formats import format_name
from assets.models.cards import Card
from assets.search.addresses import search_url
from assets.search.chips import build_box
from assets.text import formats
from assets.text.file_names import without_invisible, without_reordering

# Width by height in tenths; static/css has a class for each.
MIN_RATIO, DEFAULT_RATIO, MAX_RATIO = 8, 13, 26


class WithoutIndentation(Extension):
    """Removes indentation from templates, and the lines of statements: they would be a quarter of a page of cards."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        flat = re.sub(r"^ +", "", source, flags=re.MULTILINE)
        return re.sub(r"^(\{%(?:(?!%\}).)*%\})\n", r"\1", flat, flags=re.MULTILINE)


class WritingCodeGenerator(CodeGenerator):
    """Compiles each `{{ }}` to one call: Jinja's own two or three were a tenth of the library's page."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        self.write("environment.written(")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        self.write(")")


class LibraryEnvironment(Environment):
    """Gives a template its globals in one dict. Jinja's chain of two is slow, and searched at every import."""

    code_generator_class = WritingCodeGenerator

    @staticmethod
    def written(value: object) -> str:
        """What is written for a value. No text turns letters around; markup is made of such values already."""
        if type(value) is str:
            return _escaped(value)
        return value if type(value) is Markup else escape(value)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **(d or {})}


@lru_cache(maxsize=1000)
def _escaped(text: str) -> str:
    """A card has its title five times, and its id."""
    return str(escape(without_reordering(text)))


def environment(**options: Any) -> Environment:
    """Django's options, which include escaping; undefined names are errors."""
    options |= {"extensions": [WithoutIndentation], "undefined": StrictUndefined}
    jinja = LibraryEnvironment(**options)
    jinja.globals |= {
        "htmx_script": cache(htmx_script),
        "search_box": build_box,
        "search_url": search_url,
        # A page looks up thirty of the same few names.
        "static": cache(static),
        "url": url,
    }
    jinja.filters |= {
        "capfirst": capfirst,
        "date": date,
        "day": day,
        "describe": describe,
        "format_cost": formats.format_cost,
        "format_count": formats.format_count,
        "format_size": formats.format_size,
        "format_name": format_name,
        "format_duration": formats.format_duration,
        "moment": moment,
        "plural": formats.plural,
        "shape": shape,
        "without_invisible": without_invisible,
    }
    icons: Any = jinja.get_template("macros/icons.html").module
    # Each is drawn once: a page has two dozen.
    jinja.globals["icon"] = cache(icons.icon)
    return jinja


def date(moment: datetime, format: str = "%-d %b %Y, %H:%M") -> str:
    """A time in the current time zone, such as `27 Nov 2026, 16:40`, or in another format of strftime."""
    return localtime(moment).strftime(format)


def day(moment: datetime) -> str:
    """A day in the current time zone, such as `27 Nov 2026`."""
    return date(moment, "%-d %b %Y")


def moment(when: datetime) -> str:
    """A time in the current time zone, such as `today 14:02`."""
    return formats.format_moment(localtime(when), localtime())


def url(name: str, *args: object) -> str:
    """The path of a page."""
    return reverse(name, args=args) if args else _cached_url(name, get_script_prefix())


@cache
def _cached_url(name: str, prefix: str) -> str:
    # Only paths without arguments are cached: there are few.
    return reverse(name)


def describe(card: Card) -> str:
    """Format, size and owner: `JPEG · 1.2 MB · ana`."""
    return f"{format_name(card.media_type)} · {formats.format_size(card.size)} · {card.owner}"


def shape(card: Card) -> str:
    """The CSS classes for the aspect ratio of a card's image, in tenths and within the range that rows can show."""
    if not card.width or not card.height:
        return f"r{DEFAULT_RATIO} card-whole"
    ratio = round(10 * card.width / card.height)
    shown = min(max(ratio, MIN_RATIO), MAX_RATIO)
    return f"r{shown}" if shown == ratio else f"r{shown} card-whole"
