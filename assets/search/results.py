"""A list of assets as a person asked for it: a search in an order, read page by page."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Generic, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Subquery
from django.urls import reverse
from django.utils import timezone

from assets.models import Asset, Collection, Tag, page_queries
from assets.models.assets import AssetQuerySet
from assets.models.cards import Card
from assets.models.page_queries import AssetCards, Cursor
from assets.models.users import User
from assets.search import filters, model_names
from assets.search.filters import Scope
from assets.search.pagination import ORDERS, TRASH_ORDERS, Order
from assets.search.places import find_place, format_place
from assets.search.query_parser import Problem, Query
from assets.text.formats import plural
from assets.text.shorten import shorten

RowT = TypeVar("RowT")
OtherT = TypeVar("OtherT")
PAGE_SIZE = 40
# As many as one action can change. Counting them takes about as long as a page, with a million assets too.
MAX_COUNTED = 10_000
MAX_TEXT_LENGTH = 500
# What the navigation calls a search.
NAMES = {"is:favourite": "Favourites", "is:attention": "Needs attention", "after:30d": "Recently added"}
SCOPE_NAMES = {Scope.LIBRARY: "Library", Scope.TRASH: "Trash", Scope.EVERYONES_TRASH: "Trash"}


@dataclass(frozen=True)
class Listing:
    """`text` is what the search box holds, `query` what it means, `saved` the id of a saved search it comes from."""

    user: User
    text: str
    query: Query
    order: Order
    now: datetime
    scope: Scope = Scope.LIBRARY
    saved: str = ""
    place: Tag | Collection | None = None

    @classmethod
    def from_parameters(
        cls,
        parameters: Mapping[str, str],
        user: User,
        *,
        scope: Scope = Scope.LIBRARY,
        place: Tag | Collection | None = None,
    ) -> "Listing":
        """The list that a query string asks for with `q`, `sort` and `place`. Raises Http404 if the place is gone."""
        text = parameters.get("q", "").strip()
        orders = orders_in(scope)
        order = orders.get(parameters.get("sort", "")) or usual_order(scope)
        place = place or find_place(parameters.get("place", ""), user)
        saved = parameters.get("saved", "") if text else ""
        return cls(user, text, _parse(text), order, timezone.now(), scope, saved, place)

    @property
    def orders(self) -> Mapping[str, Order]:
        return orders_in(self.scope)

    @property
    def usual_order(self) -> Order:
        return usual_order(self.scope)

    @property
    def query_string(self) -> str:
        """What asks for this list again, from anywhere; empty for the whole library, newest first."""
        return self._encode(place=self.place_name)

    @property
    def place_name(self) -> str:
        """The place as forms name it; empty for none."""
        return format_place(self.place) if self.place else ""

    @property
    def name(self) -> str:
        """What people call the list."""
        if self.place:
            return self.place.name
        if self.text:
            return NAMES.get(self.text, "Results")
        is_used = self.scope == Scope.LIBRARY and self.order.name == "used"
        return "Recently used" if is_used else SCOPE_NAMES[self.scope]

    @property
    def path(self) -> str:
        """The page of the place or, of all assets in the scope, that of the scope."""
        return self.place.get_absolute_url() if self.place else reverse(self.scope.value)

    @property
    def url(self) -> str:
        """The page of this list."""
        query = self._encode()
        return f"{self.path}?{query}" if query else self.path

    @property
    def everywhere_url(self) -> str:
        """The page of the same search in the whole scope, not only in the place."""
        return replace(self, place=None, saved="").url

    def with_text(self, text: str) -> "Listing":
        """The same list for another search."""
        return replace(self, text=text, query=_parse(text))

    def assets(self) -> AssetQuerySet:
        """Everything in the list, in its order."""
        return self.order.sort(self._matches(), self.user)

    def card_page(self, cursor: Cursor | None, size: int = PAGE_SIZE) -> "Page[Card]":
        """The cards after the cursor, or from the start."""
        if self._is_whole_library:
            cards = page_queries.visible_cards(self.user, self.order.order_by, after=cursor, size=size + 1)
            next_cursor = self.order.make_cursor(cards[size - 1]) if len(cards) > size else None
            return Page(cards[:size], next_cursor, cursor and self.order.make_cursor(cards[0]) if cards else cursor)
        return self._with_cards(self._pk_page(cursor, size))

    def card_page_before(self, cursor: Cursor, size: int = PAGE_SIZE) -> "Page[Card]":
        """The cards that end before the cursor, in the order of the list."""
        rows = self._cursors(self.order.before(self.assets(), cursor), size + 1)
        shown = rows[:size][::-1]
        previous_cursor = shown[0] if len(rows) > size else None
        return self._with_cards(Page.at(shown, shown[-1] if shown else None, previous_cursor))

    def cursor_before(self, asset: Asset, distance: int) -> Cursor | None:
        """Where a page starts that has the asset behind `distance` others; None, the start, if there are fewer.

        If the list no longer contains it, as after an edit, it is looked for where it would stand.
        """
        cursor = self._find_cursor(asset)
        if cursor is None:
            return None
        return next(iter(self._cursors(self.order.before(self.assets(), cursor), distance + 1)[distance:]), None)

    def asset_page(self, cursor: Cursor | None, size: int = PAGE_SIZE) -> "Page[Asset]":
        """The same page as assets, with all their details."""
        page = self._pk_page(cursor, size)
        return page.replace_rows(Asset.objects.with_details(self.user).in_bulk(page.rows))

    def count(self) -> int:
        """How many assets there are, up to `MAX_COUNTED + 1`."""
        return self.assets().order_by()[: MAX_COUNTED + 1].count()

    def cards_around(self, asset: Asset, *, max_same_content: int) -> AssetCards:
        """The cards for the page of an asset in this list.

        If the list no longer contains it, as after an edit, its neighbours are those it would stand between.
        """
        if self._is_whole_library:
            order_by = self.order.order_by
            return page_queries.asset_cards(self.user, asset, order_by, max_same_content=max_same_content)
        neighbours = self._find_neighbours(asset)
        return page_queries.asset_cards_between(self.user, asset, *neighbours, max_same_content=max_same_content)

    @property
    def _is_whole_library(self) -> bool:
        """Whether nothing is filtered, in an order that the fields of a card decide."""
        return (
            self.scope == Scope.LIBRARY
            and not self.place
            and not self.query.terms
            and self.order.column in Card._fields
        )

    def _encode(self, **others: str) -> str:
        order = "" if self.order is self.usual_order else self.order.name
        parameters = {"q": self.text, "sort": order, "saved": self.saved, **others}
        return urlencode({name: value for name, value in parameters.items() if value})

    def _matches(self) -> AssetQuerySet:
        return filters.search(self.query, user=self.user, now=self.now, scope=self.scope, place=self.place)

    def _pk_page(self, cursor: Cursor | None, size: int) -> "Page[UUID]":
        """Ids only: with a join, the database would not start from the most selective index."""
        assets = self.order.after(self.assets(), cursor) if cursor else self.assets()
        rows = self._cursors(assets, size + 1)
        next_cursor = rows[size - 1] if len(rows) > size else None
        return Page.at(rows[:size], next_cursor, cursor and rows[0] if rows else cursor)

    def _cursors(self, assets: AssetQuerySet, limit: int) -> list[Cursor]:
        return [Cursor(value, pk) for pk, value in assets.values_list("pk", self.order.column)[:limit]]

    def _with_cards(self, page: "Page[UUID]") -> "Page[Card]":
        return page.replace_rows(page_queries.cards_by_id(self.user, page.rows))

    def _find_neighbours(self, asset: Asset) -> tuple[UUID | None, UUID | None]:
        cursor = self._find_cursor(asset)
        if cursor is None:
            return None, None
        assets = self.assets()
        before, after = (side(assets, cursor).values("pk")[:1] for side in (self.order.before, self.order.after))
        previous, following = Asset.objects.values_list(Subquery(before), Subquery(after)).get(pk=asset.pk)
        return previous, following

    def _find_cursor(self, asset: Asset) -> Cursor | None:
        """None where it has no place in this order: it was never used, or is no longer in the trash."""
        if getattr(asset, self.order.column, None) is not None:
            return self.order.make_cursor(asset)
        position = next(iter(self._cursors(self.order.sort(Asset.objects.filter(pk=asset.pk), self.user), 1)), None)
        return position if position and position.value is not None else None


def orders_in(scope: Scope) -> Mapping[str, Order]:
    return ORDERS if scope == Scope.LIBRARY else TRASH_ORDERS


def usual_order(scope: Scope) -> Order:
    return next(iter(orders_in(scope).values()))


def _parse(text: str) -> Query:
    query = model_names.parse(shorten(text, MAX_TEXT_LENGTH))
    if len(text) <= MAX_TEXT_LENGTH:
        return query
    limit = f"A search can have {MAX_TEXT_LENGTH} characters; this one has {len(text):,}."
    return Query(query.terms, (*query.problems, Problem(f"{shorten(text, 20)}…", f"{limit} The rest was left out.")))


@dataclass(frozen=True)
class Page(Generic[RowT]):
    """`next_cursor` is where the next page starts, `previous_cursor` where the one before ends, if there are any.

    `values`: what the assets are sorted by, where that is no part of their cards.
    """

    rows: list[RowT]
    next_cursor: Cursor | None
    previous_cursor: Cursor | None
    values: Mapping[UUID, datetime | str | int] = field(default_factory=dict)

    @classmethod
    def at(cls, rows: list[Cursor], next_cursor: Cursor | None, previous_cursor: Cursor | None) -> "Page[UUID]":
        return Page([row.pk for row in rows], next_cursor, previous_cursor, {row.pk: row.value for row in rows})

    @property
    def is_first(self) -> bool:
        return self.previous_cursor is None

    def replace_rows(self, by_row: "Mapping[RowT, OtherT]") -> "Page[OtherT]":
        """The page with other values for its rows. Rows without one, deleted in the meantime, are left out."""
        rows = [by_row[row] for row in self.rows if row in by_row]
        return Page(rows, self.next_cursor, self.previous_cursor, self.values)


def format_assets(count: int) -> str:
    """How many assets a list has: `1 asset`, `3,412 assets`, `10,000+ assets`."""
    number = f"{MAX_COUNTED:,}+" if count > MAX_COUNTED else f"{count:,}"
    return f"{number} {plural(count, 'asset', 'assets')}"
