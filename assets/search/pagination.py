"""The orders of a list, and places in it: a list goes on behind an entry, never by counting to it."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import F, Q

from assets.models.assets import AssetQuerySet, User


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("It has no time zone.")
    return moment


def _size(text: str) -> int:
    size = int(text)
    if not 0 <= size < 2**63:
        raise ValueError("There is no such size.")
    return size


def _title(text: str) -> str:
    return text.replace("\0", "")


class Place(NamedTuple):
    """Where an entry stands in an order: what it is sorted by, and its id among those of the same."""

    value: Any
    pk: uuid.UUID

    def __str__(self) -> str:
        value = self.value.isoformat() if isinstance(self.value, datetime) else self.value
        return f"{value}_{self.pk.hex}"


@dataclass(frozen=True)
class Order:
    name: str
    label: str
    column: str
    is_descending: bool
    read: Callable[[str], Any]

    @property
    def order_by(self) -> str:
        return f"-{self.column}" if self.is_descending else self.column

    def of(self, assets: AssetQuerySet, user: User) -> AssetQuerySet:
        """The entries in this order, each with its `place`. In that of use, only those that the person has used."""
        if self.column == "used_at":
            assets = assets.filter(uses__user=user.pk).annotate(used_at=F("uses__used_at"))
        return self._ordered(assets, self.is_descending).annotate(place=F(self.column))

    def after(self, assets: AssetQuerySet, place: Place) -> AssetQuerySet:
        """What of `of()` follows that place."""
        return self._beyond(assets, place, self.is_descending)

    def before(self, assets: AssetQuerySet, place: Place) -> AssetQuerySet:
        """What of `of()` comes before that place, the nearest first."""
        return self._ordered(self._beyond(assets, place, not self.is_descending), not self.is_descending)

    def place_of(self, asset: Any) -> Place:
        return Place(getattr(asset, self.column), asset.pk)

    def place_at(self, text: str) -> Place | None:
        """The place that an address names; None, which is the beginning, where it names none."""
        value, _, pk = text.rpartition("_")
        try:
            return Place(self.read(value), uuid.UUID(pk))
        except (ValueError, OverflowError):
            return None

    def _ordered(self, assets: AssetQuerySet, descending: bool) -> AssetQuerySet:
        sign = "-" if descending else ""
        return assets.order_by(f"{sign}{self.column}", f"{sign}id")

    def _beyond(self, assets: AssetQuerySet, place: Place, descending: bool) -> AssetQuerySet:
        side = "lt" if descending else "gt"
        # The first filter is redundant, and what lets SQLite start inside the index instead of at its head.
        return assets.filter(**{f"{self.column}__{side}e": place.value}).filter(
            Q(**{f"{self.column}__{side}": place.value}) | Q(**{self.column: place.value, f"id__{side}": place.pk})
        )


ORDERS = {
    order.name: order
    for order in (
        Order("newest", "Newest first", "created_at", True, _moment),
        Order("oldest", "Oldest first", "created_at", False, _moment),
        Order("name", "Name", "title_key", False, _title),
        Order("size", "Largest first", "size", True, _size),
        Order("used", "Recently used by me", "used_at", True, _moment),
    )
}
NEWEST = ORDERS["newest"]
