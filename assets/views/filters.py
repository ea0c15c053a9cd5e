"""The filter controls of the library. Each choice is a link to the same search with a qualifier more or less, so
that the search box always says what is shown."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest

from assets.services import search_query
from assets.services.listing import Listing
from assets.services.ordering import NEWEST, ORDERS

SHAPES = ("wide", "tall", "square")


@dataclass(frozen=True)
class Choice:
    label: str
    address: str
    is_current: bool


@dataclass(frozen=True)
class Menu:
    """`current` is the label of what is chosen, where that is not everything."""

    label: str
    choices: tuple[Choice, ...]

    @property
    def current(self) -> str:
        return next((choice.label for choice in self.choices[1:] if choice.is_current), "")


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


def filters(request: HttpRequest, listing: Listing) -> tuple[Menu, ...]:
    """The menus as they stand for a list."""
    return tuple(_menu(request, listing, filter) for filter in FILTERS)


def orders(request: HttpRequest, listing: Listing) -> Menu:
    choices = (
        Choice(order.label, _address(request, listing, sort=order.name), order is listing.order)
        for order in ORDERS.values()
    )
    return Menu("Sort", tuple(choices))


def _menu(request: HttpRequest, listing: Listing, filter: Filter) -> Menu:
    chosen = {
        token.value
        for token in search_query.tokens(listing.text)
        if token.name == filter.qualifier and not token.is_negated and filter.replaces(token.value)
    }

    def choice(label: str, value: str, is_current: bool) -> Choice:
        text = search_query.with_term(listing.text, filter.qualifier, value, instead_of=filter.replaces)
        return Choice(label, _address(request, listing, q=text), is_current)

    everything = choice(filter.everything, "", not chosen)
    return Menu(filter.label, (everything, *(choice(label, v, v in chosen) for v, label in filter.values.items())))


def _address(request: HttpRequest, listing: Listing, *, q: str | None = None, sort: str = "") -> str:
    """The page's address with another search or order, from its beginning."""
    asked = {"q": listing.text if q is None else q, "sort": sort or listing.order.name}
    if asked["sort"] == NEWEST.name:
        del asked["sort"]
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{request.path}?{query}" if query else request.path
