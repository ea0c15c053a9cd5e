"""A list of entries as a person asks for it: a search, an order, a place. The address of a page says all of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.utils import timezone

from assets.models import Asset
from assets.models.assets import AssetQuerySet, User
from assets.models.cards import Card
from assets.models.prepared import Parameter, Prepared
from assets.search import filters, query_parser
from assets.search.pagination import NEWEST, ORDERS, Order, Place
from assets.search.query_parser import Query, Remark
from assets.text.formats import MAX_COUNTED

RowT = TypeVar("RowT")
OtherT = TypeVar("OtherT")
PAGE_SIZE = 40
# What pages of lists ask for beside the text of their search.
IMPLIED = {"library": "", "trash": "is:trashed is:mine", "everyones_trash": "is:trashed"}
LONGEST_TEXT = 500


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
        query = query_parser.parse(f"{implied} {text[:LONGEST_TEXT]}")
        if len(text) > LONGEST_TEXT:
            remark = Remark(f"{text[:20]}…", f"a search has at most {LONGEST_TEXT} characters, the rest was left out")
            query = Query(query.terms, (*query.remarks, remark))
        return cls(user, text, query, ORDERS.get(parameters.get("sort", ""), NEWEST), timezone.now())

    @property
    def address(self) -> str:
        """The part of an address that asks for this list again; empty for the whole library, newest first."""
        asked = {"q": self.text, "sort": "" if self.order is NEWEST else self.order.name}
        return urlencode({name: value for name, value in asked.items() if value})

    @property
    def _is_everything(self) -> bool:
        """Whether it is all of the library, by something that is known of each entry: the same questions every time."""
        return not self.query.terms and self.order.column in Card._fields

    def found(self) -> AssetQuerySet:
        """Everything in the list, in no order."""
        return filters.found(self.query, user=self.user, now=self.now)

    def assets(self) -> AssetQuerySet:
        """Everything in the list, in its order."""
        return self.order.of(self.found(), self.user)

    def cards(self, place: Place | None, size: int = PAGE_SIZE) -> "Page[Card]":
        """So many entries behind a place, or from the beginning, as cards."""
        if place is None and self._is_everything:
            cards = [Card._make(row) for row in _first_cards(self.user, self.order, size).rows()]
            following = self.order.place_of(cards[size - 1]) if len(cards) > size else None
            return Page(cards[:size], following, is_first=True)
        page = self._page(place, size)
        # There are as many parameters for any page; those without an entry of their own ask for the first one again.
        pks = page.rows + page.rows[:1] * (size - len(page.rows))
        cards = [Card._make(row) for row in _cards(self.user, size).rows(*pks)] if pks else []
        return page.of({card.pk: card for card in cards})

    def entries(self, place: Place | None, size: int = PAGE_SIZE) -> "Page[Asset]":
        """The same, with all that there is to be said of them."""
        page = self._page(place, size)
        return page.of(Asset.objects.with_details(self.user).in_bulk(page.rows))

    def _page(self, place: Place | None, size: int) -> "Page[UUID]":
        """First which entries they are, without the tables beside them: a database that has to join them for each
        entry that it looks at no longer sees that an index knows the few that are meant.
        """
        assets: Any = self.assets()
        if place:
            assets = self.order.after(assets, place)
        found = list(assets.values_list("pk", "place")[: size + 1])
        pks = [pk for pk, _ in found[:size]]
        return Page(pks, Place(found[size - 1][1], pks[-1]) if len(found) > size else None, is_first=place is None)

    def count(self) -> int:
        """How many entries there are, as far as `MAX_COUNTED + 1`."""
        return self.found().order_by()[: MAX_COUNTED + 1].count()

    def neighbours(self, asset: Asset) -> tuple[Asset | None, Asset | None]:
        """The entries before and behind one in this list, with what leads there.

        One that the search does not find, as after an edit, has those between which it would stand.
        """
        place = self._place_of(asset)
        if place is None:
            return None, None
        before: Iterable[Asset]
        after: Iterable[Asset]
        if self._is_everything:
            before, after = (question.rows(place.value, place.pk) for question in _beside(self.user, self.order))
        else:
            assets = self.assets()
            before, after = _nearest(self.order.before(assets, place)), _nearest(self.order.after(assets, place))
        return next(iter(before), None), next(iter(after), None)

    def _place_of(self, asset: Asset) -> Place | None:
        if hasattr(asset, self.order.column):
            return self.order.place_of(asset)
        used = self.order.of(Asset.objects.filter(pk=asset.pk), self.user).first()
        return self.order.place_of(used) if used else None


def _everything(user: User, order: Order) -> AssetQuerySet:
    """All that the person sees; depends on nothing of the person but who it is."""
    return order.of(filters.found(Query(), user=user, now=datetime.max), user)


@lru_cache(maxsize=1000)
def _first_cards(user: User, order: Order, size: int) -> Prepared[tuple[Any, ...]]:
    """The first page of everything: what is asked for most."""
    return Card.of_list(_everything(user, order)[: size + 1], user)


@lru_cache(maxsize=1000)
def _cards(user: User, size: int) -> Prepared[tuple[Any, ...]]:
    """So many entries by their ids, in no order."""
    pk: Any = Asset._meta.pk
    return Card.of_list(Asset.objects.filter(pk__in=[Parameter(number, pk) for number in range(size)]), user)


@lru_cache(maxsize=1000)
def _beside(user: User, order: Order) -> tuple[Prepared[Asset], Prepared[Asset]]:
    """The entry before and the one behind a place in everything: what the place is sorted by, and its id."""
    everything = _everything(user, order)
    column, pk = Asset._meta.get_field(order.column), Asset._meta.pk
    place: Any = Place(Parameter(0, column), Parameter(1, pk))  # type: ignore[arg-type]
    return Prepared(_nearest(order.before(everything, place))), Prepared(_nearest(order.after(everything, place)))


def _nearest(assets: AssetQuerySet) -> AssetQuerySet:
    # First which it is, without the table beside it: joined for each entry that is looked at, it hides the index.
    chosen = Asset.objects.filter(pk__in=assets.values("pk")[:1])
    return chosen.select_related("stored_file").only("title", "stored_file__preview")


def results(count: int) -> str:
    """So many results, in words: `1 result`, `34 results`, `1,000+ results`."""
    if count > MAX_COUNTED:
        return f"{MAX_COUNTED:,}+ results"
    return f"{count:,} result{'' if count == 1 else 's'}"


@dataclass(frozen=True)
class Page(Generic[RowT]):
    """`following` is the place that the next page begins behind; None where there is none."""

    rows: list[RowT]
    following: Place | None
    is_first: bool

    def of(self, found: "Mapping[RowT, OtherT]") -> "Page[OtherT]":
        """The page with what was found for its rows, without those that are gone meanwhile."""
        return Page([found[row] for row in self.rows if row in found], self.following, self.is_first)
