"""The orders of a list. A page starts after a cursor, never at an offset that has to be counted."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import F, Q

from assets.models import Asset
from assets.models.assets import AssetQuerySet
from assets.models.cards import Card
from assets.models.page_queries import Cursor
from assets.models.users import User


def _parse_moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("The moment has no time zone.")
    return moment.astimezone(UTC)  # raises OverflowError where that is before the year 1


def _parse_size(text: str) -> int:
    size = int(text)
    if not 0 <= size < 2**63:
        raise ValueError("The size is out of range.")
    return size


def _parse_title(text: str) -> str:
    return text.replace("\0", "")


@dataclass(frozen=True)
class Order:
    name: str
    label: str
    column: str
    is_descending: bool
    parse_value: Callable[[str], datetime | str | int]

    @property
    def is_by_date(self) -> bool:
        return self.parse_value is _parse_moment

    @property
    def order_by(self) -> str:
        return f"-{self.column}" if self.is_descending else self.column

    def sort(self, assets: AssetQuerySet, user: User) -> AssetQuerySet:
        """The assets in this order; by use, only those that the person has used."""
        if self.column == "used_at":
            assets = assets.filter(uses__user=user.pk).annotate(used_at=F("uses__used_at"))
        return self._sort(assets, self.is_descending)

    def after(self, assets: AssetQuerySet, cursor: Cursor) -> AssetQuerySet:
        """Those of the sorted assets that follow the cursor."""
        return self._beyond(assets, cursor, self.is_descending)

    def before(self, assets: AssetQuerySet, cursor: Cursor) -> AssetQuerySet:
        """Those of the sorted assets that precede the cursor, the nearest first."""
        return self._sort(self._beyond(assets, cursor, not self.is_descending), not self.is_descending)

    def make_cursor(self, asset: Asset | Card) -> Cursor:
        return Cursor(getattr(asset, self.column), asset.pk)

    def parse_cursor(self, text: str) -> Cursor | None:
        """The cursor in a URL; None, which is the start of the list, if it is not valid."""
        value, _, pk = text.rpartition("_")
        try:
            return Cursor(self.parse_value(value), uuid.UUID(pk))
        except (ValueError, OverflowError):
            return None

    def _sort(self, assets: AssetQuerySet, is_descending: bool) -> AssetQuerySet:
        sign = "-" if is_descending else ""
        return assets.order_by(f"{sign}{self.column}", f"{sign}id")

    def _beyond(self, assets: AssetQuerySet, cursor: Cursor, is_descending: bool) -> AssetQuerySet:
        side = "lt" if is_descending else "gt"
        # The first filter is redundant, but lets SQLite start inside the index instead of at its head.
        return assets.filter(**{f"{self.column}__{side}e": cursor.value}).filter(
            Q(**{f"{self.column}__{side}": cursor.value}) | Q(**{self.column: cursor.value, f"id__{side}": cursor.pk})
        )


NEWEST = Order("newest", "Newest first", "created_at", True, _parse_moment)
_BY_FACTS = (
    Order("name", "Name", "title_key", False, _parse_title),
    Order("name_desc", "Name, Z to A", "title_key", True, _parse_title),
    Order("size", "Largest first", "size", True, _parse_size),
    Order("smallest", "Smallest first", "size", False, _parse_size),
)
# The first is the usual one.
ORDERS = {
    order.name: order
    for order in (
        NEWEST,
        Order("oldest", "Oldest first", "created_at", False, _parse_moment),
        *_BY_FACTS,
        Order("used", "Recently used by me", "used_at", True, _parse_moment),
    )
}
TRASH_ORDERS = {
    order.name: order
    for order in (
        Order("trashed", "Latest in the trash", "trashed_at", True, _parse_moment),
        Order("trashed_first", "Longest in the trash", "trashed_at", False, _parse_moment),
        *_BY_FACTS,
    )
}
