"""The filter menus of the library. Every choice is a link that adds, replaces or removes a term of the search, so that
the search box always says what is shown."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote_plus

from django.urls import reverse

from assets.search import query_parser
from assets.search.pagination import NEWEST, ORDERS

SHAPES = ("wide", "tall", "square")


@dataclass(frozen=True)
class Choice:
    label: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class Menu:
    label: str
    choices: tuple[Choice, ...]
    is_sort: bool = False

    @property
    def current(self) -> str:
        """The label of the current choice; empty for a filter that is off."""
        choices = self.choices if self.is_sort else self.choices[1:]
        return next((choice.label for choice in choices if choice.is_current), "")


@dataclass(frozen=True)
class Filter:
    """A menu that sets one qualifier, and replaces those of its values for which `replaces` is true."""

    label: str
    qualifier: str
    off_label: str
    values: dict[str, str]
    replaces: Callable[[str], bool] = lambda value: True


FILTERS = (
    Filter("Type", "type", "All types", {"image": "Images", "video": "Videos", "audio": "Audio", "other": "Other"}),
    Filter(
        "Added", "after", "Any time", {"today": "Today", "7d": "Last 7 days", "30d": "Last 30 days", "1y": "Last year"}
    ),
    Filter("Shape", "is", "Any shape", {shape: shape.capitalize() for shape in SHAPES}, lambda value: value in SHAPES),
    Filter(
        "Show",
        "is",
        "All assets",
        {
            "favourite": "Favourites",
            "mine": "Mine",
            "private": "Private",
            "waiting": "Waiting",
            "failed": "Failed",
            "verified": "Verified",
        },
        lambda value: value not in SHAPES,
    ),
)


def build_menus(path: str, text: str, sort: str) -> tuple[Menu, ...]:
    """The menus for this search on the page at `path`; the last one sorts."""
    return (*(_build_filter_menu(path, text, sort, spec) for spec in FILTERS), _build_sort_menu(path, text, sort))


def _build_sort_menu(path: str, text: str, sort: str) -> Menu:
    choices = (Choice(order.label, _build_url(path, text, order.name), order.name == sort) for order in ORDERS.values())
    return Menu("Sort", tuple(choices), is_sort=True)


def _build_filter_menu(path: str, text: str, sort: str, spec: Filter) -> Menu:
    chosen = {
        token.value
        for token in query_parser.tokenize(text)
        if token.name == spec.qualifier and not token.is_negated and spec.replaces(token.value)
    }
    others = query_parser.replace_term(text, spec.qualifier, "", is_replaced=spec.replaces)

    def build_choice(label: str, value: str) -> Choice:
        term = query_parser.format_term(spec.qualifier, value) if value else ""
        url = _build_url(path, f"{term} {others}".strip(), sort)
        return Choice(label, url, is_current=value in chosen if value else not chosen)

    choices = (build_choice(label, value) for value, label in spec.values.items())
    return Menu(spec.label, (build_choice(spec.off_label, ""), *choices))


def search_url(name: str, value: str) -> str:
    """The URL of the library with one search term, such as `tag:sea`."""
    return _build_url(reverse("library"), query_parser.format_term(name, value), NEWEST.name)


def _build_url(path: str, text: str, sort: str) -> str:
    """The URL of the first page of a search in an order."""
    search = f"q={quote_plus(text)}" if text else ""
    order = f"sort={sort}" if sort != NEWEST.name else ""
    query = "&".join(filter(None, (search, order)))
    return f"{path}?{query}" if query else path
