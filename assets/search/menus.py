"""The filters and orders above a list. Every choice is a link that changes the search, so that the search box always
says what is shown. The choices of a filter are loaded when it is opened: see `menu_choices`."""

from dataclasses import dataclass, replace

from assets.search.addresses import ListAddress
from assets.search.filter_table import FILTERS, Filter, chosen_values
from assets.search.filters import Scope
from assets.search.results import Listing
from assets.search.tokens import Token, replace_term, tokenize

NOT_IN_TRASH = ("state", "visibility", "fits")


@dataclass(frozen=True)
class Choice:
    label: str
    url: str
    is_current: bool
    count: str = ""
    depth: int = 0


@dataclass(frozen=True)
class Menu:
    """`current` is what is chosen, empty if nothing is; `clear_url` the list without it."""

    name: str
    label: str
    current: str
    clear_url: str
    choices_url: str


@dataclass(frozen=True)
class Menus:
    """`clear_url`: the list without any condition, if it has some."""

    filters: tuple[Menu, ...]
    orders: tuple[Choice, ...]
    clear_url: str

    @property
    def order(self) -> str:
        return next(choice.label for choice in self.orders if choice.is_current)


def build_menus(listing: Listing, address: ListAddress) -> Menus:
    text = listing.text
    tokens = list(tokenize(text))
    wanted = [spec for spec in FILTERS.values() if _applies(spec, listing) and not _is_out_of_sight(spec, tokens)]
    filters = tuple(_build_menu(address, text, tokens, spec) for spec in wanted)
    orders = (
        Choice(order.label, replace(address, sort=order.name).url(text), order is listing.order)
        for order in listing.orders.values()
    )
    words = " ".join(token.text for token in tokens if not token.is_condition)
    has_conditions = any(token.is_condition for token in tokens)
    return Menus(filters, tuple(orders), address.url(words) if has_conditions else "")


def _applies(spec: Filter, listing: Listing) -> bool:
    """Whether there is something to choose: the trash needs no states or models, and one's own has only one owner."""
    if listing.scope == Scope.LIBRARY:
        return True
    return spec.name not in NOT_IN_TRASH and (spec.name != "person" or listing.scope == Scope.EVERYONES_TRASH)


def _is_out_of_sight(spec: Filter, tokens: list[Token]) -> bool:
    """Runs are known to few libraries: who searches for them gets the filter, too."""
    return spec.name == "uses" and not any(spec.is_of(token) for token in tokens)


def _build_menu(address: ListAddress, text: str, tokens: list[Token], spec: Filter) -> Menu:
    chosen = chosen_values(spec, tokens)
    return Menu(
        name=spec.name,
        label=spec.label,
        current=_describe(spec, chosen),
        clear_url=address.url(remove_filter(text, spec)) if chosen else "",
        choices_url=address.url(text, part="filter", filter=spec.name),
    )


def remove_filter(text: str, spec: Filter) -> str:
    return replace_term(text, "", is_replaced=spec.is_of)


def _describe(spec: Filter, chosen: list[str]) -> str:
    """The first, and how many more."""
    if not chosen:
        return ""
    return f"{spec.describe(chosen[0])}{f' +{len(chosen) - 1}' if len(chosen) > 1 else ''}"
