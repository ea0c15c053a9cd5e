"""Entries that a person chose, to do something with all of them: by their ids, or all that a search finds."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError

from assets import permissions
from assets.models import Asset
from assets.models.assets import AssetQuerySet, User
from assets.search.pagination import NEWEST, Order, Place
from assets.search.results import Listing
from assets.text.formats import MAX_COUNTED

MOST_CHOSEN = 10_000
BATCH = 500


@dataclass(frozen=True)
class Selection:
    """`assets` are in `order`, and only those that the person may see."""

    assets: AssetQuerySet
    order: Order
    user: User

    @classmethod
    def of_ids(cls, pks: Iterable[UUID], user: User) -> "Selection":
        """Those of the ids that the person may see: what somebody else keeps private is as if it were not there."""
        assets = permissions.reachable_assets(user).filter(pk__in=list(pks))
        return cls(NEWEST.of(assets, user), NEWEST, user)

    @classmethod
    def of_listing(cls, listing: Listing) -> "Selection":
        return cls(listing.assets(), listing.order, listing.user)

    def pks(self) -> list[UUID]:
        """The ids, in order. Raises ValidationError where there are none, or more than can be changed at once."""
        pks = list(self.assets.values_list("pk", flat=True)[: MOST_CHOSEN + 1])
        if not pks:
            raise ValidationError("None of the chosen entries is here any more.", code="nothing_there")
        if len(pks) > MOST_CHOSEN:
            raise ValidationError(
                f"More than {MOST_CHOSEN:,} entries are chosen; at most {MOST_CHOSEN:,} are possible at once. "
                "Narrow the search, and do it in parts.",
                code="too_many",
            )
        return pks

    def count(self) -> int:
        """How many there are, as far as `MAX_COUNTED + 1`."""
        return self.assets.order_by()[: MAX_COUNTED + 1].count()

    def batches(self) -> Iterator[list[Asset]]:
        """The entries with all that is known of them, in order, a few hundred at a time, however many there are."""
        place: Place | None = None
        while True:
            assets = self.order.after(self.assets, place) if place else self.assets
            batch = list(assets.with_details(self.user)[:BATCH])
            if batch:
                yield batch
            if len(batch) < BATCH:
                return
            place = self.order.place_of(batch[-1])
