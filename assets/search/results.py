"""A list of entries as a person asks for it: a search, an order, a place. The address of a page says all of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Subquery
from django.utils import timezone

from assets.models import Asset, page_queries
from assets.models.assets import AssetQuerySet, User
from assets.models.cards import Card
from assets.models.page_queries import AssetCards
from assets.search import filters, query_parser
from assets.search.pagination import NEWEST, ORDERS, Order, Place
from assets.search.query_parser import Problem, Query
from assets.text.formats import MAX_COUNTED

RowT = TypeVar("RowT")
OtherT = TypeVar("OtherT")
PAGE_SIZE = 40
# What pages of lists ask for beside the text of their search.
IMPLIED = {"library": "", "trash": "is:trashed is:mine", "everyones_trash": "is:trashed"}
MAX_TEXT_LENGTH = 500


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
        query = query_parser.parse(f"{implied} {text[:MAX_TEXT_LENGTH]}")
        if len(text) > MAX_TEXT_LENGTH:
            limit = f"A search can have {MAX_TEXT_LENGTH} characters; this one has {len(text):,}."
            problem = Problem(f"{text[:20]}…", f"{limit} The rest was left out.")
            query = Query(query.terms, (*query.problems, problem))
        return cls(user, text, query, ORDERS.get(parameters.get("sort", ""), NEWEST), timezone.now())

    @property
    def address(self) -> str:
        """The part of an address that asks for this list again; empty for the whole library, newest first."""
        asked = {"q": self.text, "sort": "" if self.order is NEWEST else self.order.name}
        return urlencode({name: value for name, value in asked.items() if value})

    @property
    def _is_everything(self) -> bool:
        """Whether it is the whole library, in an order that a card's fields decide."""
        return not self.query.terms and self.order.column in Card._fields

    def found(self) -> AssetQuerySet:
        """Everything in the list, in no order."""
        return filters.search(self.query, user=self.user, now=self.now)

    def assets(self) -> AssetQuerySet:
        """Everything in the list, in its order."""
        return self.order.of(self.found(), self.user)

    def cards(self, place: Place | None, size: int = PAGE_SIZE) -> "Page[Card]":
        """So many assets after a place, or from the beginning, as cards."""
        if self._is_everything:
            cards = page_queries.visible_cards(self.user, self.order.order_by, after=place, size=size + 1)
            following = self.order.place_of(cards[size - 1]) if len(cards) > size else None
            return Page(cards[:size], following, is_first=place is None)
        page = self._page(place, size)
        return page.of(page_queries.cards_by_id(self.user, page.rows))

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

    def cards_around(self, asset: Asset, *, max_same_content: int) -> AssetCards:
        """The cards on the page of an asset in this list.

        One that the search does not find, as after an edit, has those beside it between which it would stand.
        """
        if self._is_everything:
            order_by = self.order.order_by
            return page_queries.asset_cards(self.user, asset, order_by, max_same_content=max_same_content)
        neighbours = self._neighbours(asset)
        return page_queries.asset_cards_between(self.user, asset, *neighbours, max_same_content=max_same_content)

    def _neighbours(self, asset: Asset) -> tuple[UUID | None, UUID | None]:
        place = self._place_of(asset)
        if place is None:
            return None, None
        assets = self.assets()
        before, after = (side(assets, place).values("pk")[:1] for side in (self.order.before, self.order.after))
        return Asset.objects.values_list(Subquery(before), Subquery(after)).get(pk=asset.pk)

    def _place_of(self, asset: Asset) -> Place | None:
        if hasattr(asset, self.order.column):
            return self.order.place_of(asset)
        used = self.order.of(Asset.objects.filter(pk=asset.pk), self.user).first()
        return self.order.place_of(used) if used else None


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
