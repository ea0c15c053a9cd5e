"""The filter controls of the library. Each choice is a link to the same search with a qualifier more or less, so
that the search box always says what is shown."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from assets.search import query_parser
from assets.search.pagination import NEWEST, ORDERS

SHAPES = ("wide", "tall", "square")


@dataclass(frozen=True)
class Choice:
    label: str
    address: str
    is_current: bool


@dataclass(frozen=True)
class Menu:
    label: str
    choices: tuple[Choice, ...]
    is_sort: bool = False

    @property
    def current(self) -> str:
        """The label of what is chosen; of a filter only where that is not everything."""
        choices = self.choices if self.is_sort else self.choices[1:]
        return next((choice.label for choice in choices if choice.is_current), "")


@dataclass(frozen=True)
class Filter:
    """A menu that sets one qualifier, in the place of those of its values that `replaces` names."""

    label: str
    qualifier: str
    everything: str
    values: dict[str, str]
    replaces: Callable[[str], bool] = lambda value: True


FILTERS = (
    Filter("Type", "type", "Every type", {"image": "Images", "video": "Videos", "audio": "Audio", "other": "Other"}),
    Filter(
        "Added", "after", "Any time", {"today": "Today", "7d": "Last 7 days", "30d": "Last 30 days", "1y": "Last year"}
    ),
    Filter("Shape", "is", "Any shape", {shape: shape.capitalize() for shape in SHAPES}, lambda value: value in SHAPES),
    Filter(
        "Show",
        "is",
        "Everything",
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


@functools.lru_cache(maxsize=500)
def menus(path: str, text: str, sort: str) -> tuple[Menu, ...]:
    """The menus as they stand for a search in an order on the page of that path; the last one sorts."""
    return (*(_filter(path, text, sort, filter) for filter in FILTERS), _orders(path, text, sort))


def _orders(path: str, text: str, sort: str) -> Menu:
    choices = (Choice(order.label, _address(path, text, order.name), order.name == sort) for order in ORDERS.values())
    return Menu("Sort", tuple(choices), is_sort=True)


def _filter(path: str, text: str, sort: str, filter: Filter) -> Menu:
    chosen = {
        token.value
        for token in query_parser.tokens(text)
        if token.name == filter.qualifier and not token.is_negated and filter.replaces(token.value)
    }

    def choice(label: str, value: str, is_current: bool) -> Choice:
        changed = query_parser.with_term(text, filter.qualifier, value, instead_of=filter.replaces)
        return Choice(label, _address(path, changed, sort), is_current)

    everything = choice(filter.everything, "", not chosen)
    return Menu(filter.label, (everything, *(choice(label, v, v in chosen) for v, label in filter.values.items())))


def search_address(name: str, value: str) -> str:
    """The library with what one condition finds."""
    return _address(reverse("library"), query_parser.written(name, value), NEWEST.name)


def _address(path: str, text: str, sort: str) -> str:
    """The page's address with a search and an order, from its beginning."""
    asked = {"q": text, "sort": "" if sort == NEWEST.name else sort}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{path}?{query}" if query else path
