"""The environment of our templates. The administration's, in assets/admin/templates, are Django's."""

import re
from datetime import datetime
from functools import cache
from typing import Any

from django.templatetags.static import static
from django.urls import get_script_prefix, reverse
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django_htmx.jinja import htmx_script
from jinja2 import Environment, StrictUndefined
from jinja2.ext import Extension

from assets.models.cards import Card
from assets.search.menus import search_url
from assets.text import formats


class WithoutIndentation(Extension):
    """Templates without their indentation, which would be a quarter of a page of cards."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return re.sub(r"^ +", "", source, flags=re.MULTILINE)


def environment(**options: Any) -> Environment:
    """As Django makes it, which escapes; a name that is not there is an error."""
    options |= {"extensions": [WithoutIndentation], "undefined": StrictUndefined}
    made = Environment(**options)  # noqa: S701  (`autoescape` is among the options)
    made.globals |= {
        "htmx_script": cache(htmx_script),
        "search_url": search_url,
        # The names of files and pages are few, and a page looks up thirty of them.
        "static": cache(static),
        "url": url,
    }
    made.filters |= {
        "capfirst": capfirst,
        "date": date,
        "format_size": formats.format_size,
        "format_media_type": formats.format_media_type,
        "format_duration": formats.format_duration,
        "plural": formats.plural,
        "shape": shape,
    }
    return made


def date(moment: datetime, format: str = "%-d %b %Y, %H:%M") -> str:
    """A moment in the current time zone, `27 Nov 2026, 16:40`, or in another format of strftime."""
    return localtime(moment).strftime(format)


def url(name: str, *args: object) -> str:
    """The path of a page, with what its pattern needs."""
    return reverse(name, args=args) if args else _url(name, get_script_prefix())


@cache
def _url(name: str, prefix: str) -> str:
    """Of a page that needs nothing: there are few."""
    return reverse(name)


def shape(card: Card) -> str:
    """The classes of a card by the shape of its picture: width by height in tenths, as far as a row can show it."""
    if not card.width or not card.height:
        return "r13 card-whole"
    tenths = round(10 * card.width / card.height)
    return f"r{tenths}" if 8 <= tenths <= 26 else f"r{min(max(tenths, 8), 26)} card-whole"
