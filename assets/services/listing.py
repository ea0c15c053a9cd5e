"""A list of entries as a person asks for it: a search, an order, a place. The address of a page says all of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.utils import timezone

from assets.models import Asset
from assets.models.cards import Card
from assets.models.library import AssetQuerySet, User
from assets.services import search, search_query
from assets.services.ordering import NEWEST, ORDERS, Order, Place
from assets.services.search_query import Query, Remark

RowT = TypeVar("RowT", bound=Any)
PAGE_SIZE = 48
# What pages of lists ask for beside the text of their search.
IMPLIED = {"library": "", "trash": "is:trashed is:mine", "everyones_trash": "is:trashed"}
LONGEST_TEXT = 500
# Counting goes no further: nobody needs the exact number of more.
MOST_COUNTED = 1000


@dataclass(frozen=True)
class Listing:
    """`text` is what stands in the search box; `query` what it means, with what the page itself asks for."""

    user: User
    text: str
    query: Query
    order: Order
    now: datetime

    @classmethod
    def of(cls, parameters: Mapping[str, str], user: User, *, implied: str = "") -> "Listing":
        """The list that an address asks for (`q`, `sort`); `implied`: a condition that is not in the text."""
        text = parameters.get("q", "").strip()
        query = search_query.parse(f"{implied} {text[:LONGEST_TEXT]}")
        if len(text) > LONGEST_TEXT:
            remark = Remark(f"{text[:20]}…", f"a search has at most {LONGEST_TEXT} characters, the rest was left out")
            query = Query(query.terms, (*query.remarks, remark))
        return cls(user, text, query, ORDERS.get(parameters.get("sort", ""), NEWEST), timezone.now())

    @property
    def address(self) -> str:
        """The part of an address that asks for this list again; empty for the whole library, newest first."""
        asked = {"q": self.text, "sort": "" if self.order is NEWEST else self.order.name}
        return urlencode({name: value for name, value in asked.items() if value})

    def found(self) -> AssetQuerySet:
        """Everything in the list, in no order."""
        return search.found(self.query, user=self.user, now=self.now)

    def assets(self) -> AssetQuerySet:
        """Everything in the list, in its order."""
        return self.order.of(self.found(), self.user)

    def cards(self, place: Place | None, size: int = PAGE_SIZE) -> "Page[Card]":
        """So many entries behind a place, or from the beginning, as cards."""
        if place is None and not self.query.terms:
            return _paged(Card.read(_first_cards(self.user, self.order, size)), size, is_first=True)
        return self._page(lambda assets: Card.read(Card.rows(assets.marked_for(self.user))), place, size)

    def entries(self, place: Place | None, size: int = PAGE_SIZE) -> "Page[Asset]":
        """The same, with all that there is to be said of them."""
        return self._page(lambda assets: list(assets.with_details(self.user)), place, size)

    def _page(self, read: Callable[[AssetQuerySet], list[RowT]], place: Place | None, size: int) -> "Page[RowT]":
        assets = self.assets()
        if place:
            assets = self.order.after(assets, place)
        if self.query.terms:
            # First which they are, without the tables beside them: a database that has to join them for each entry
            # that it looks at no longer sees that an index knows the few that are meant.
            assets = self.order.of(Asset.objects.filter(pk__in=assets.values("pk")[: size + 1]), self.user)
        return _paged(read(assets[: size + 1]), size, is_first=place is None)

    def count(self) -> int:
        """How many entries there are, as far as `MOST_COUNTED + 1`."""
        return self.found().order_by()[: MOST_COUNTED + 1].count()

    def neighbours(self, asset: Asset) -> tuple[Asset | None, Asset | None]:
        """The entries before and behind one in this list, with what leads there.

        One that the search does not find, as after an edit, has those between which it would stand.
        """
        assets, place = self.assets(), self._place_of(asset)
        if place is None:
            return None, None
        return _nearest(self.order.before(assets, place)), _nearest(self.order.after(assets, place))

    def _place_of(self, asset: Asset) -> Place | None:
        if hasattr(asset, self.order.column):
            return self.order.place_of(asset)
        used = self.order.of(Asset.objects.filter(pk=asset.pk), self.user).first()
        return self.order.place_of(used) if used else None


@lru_cache(maxsize=1000)
def _first_cards(user: User, order: Order, size: int) -> Any:
    """Asks for the first page of everything: what is asked for most. To put the question together takes as long as to
    answer it. Depends on nothing of the person but who it is.
    """
    everything = search.found(Query(), user=user, now=datetime.max)
    return Card.rows(order.of(everything, user).marked_for(user)[: size + 1])


def _paged(rows: list[RowT], size: int, *, is_first: bool) -> "Page[RowT]":
    """A page of what was read of it and, where there is more, one row of the next."""
    last = rows[size - 1] if len(rows) > size else None
    return Page(rows[:size], Place(last.place, last.pk) if last else None, is_first=is_first)


def _nearest(assets: AssetQuerySet) -> Asset | None:
    # First which it is, without the table beside it: joined for each entry that is looked at, it hides the index.
    chosen = Asset.objects.filter(pk__in=assets.values("pk")[:1])
    return chosen.select_related("stored_file").only("title", "stored_file__preview").first()


def results(count: int) -> str:
    """So many results, in words: `1 result`, `34 results`, `1,000+ results`."""
    if count > MOST_COUNTED:
        return f"{MOST_COUNTED:,}+ results"
    return f"{count:,} result{'' if count == 1 else 's'}"


@dataclass(frozen=True)
class Page(Generic[RowT]):
    """`following` is the place that the next page begins behind; None where there is none."""

    rows: list[RowT]
    following: Place | None
    is_first: bool
