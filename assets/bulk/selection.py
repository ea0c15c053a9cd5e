"""The assets a person has selected: by their ids, or everything that a search finds."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError

from assets import permissions
from assets.models import Asset
from assets.models.assets import AssetQuerySet
from assets.models.page_queries import Cursor
from assets.models.users import User
from assets.search.pagination import NEWEST, Order
from assets.search.results import Listing
from assets.text.formats import MAX_COUNTED

MAX_SELECTED = 10_000
BATCH_SIZE = 500


@dataclass(frozen=True)
class Selection:
    """`assets` are in `order`, and only those that the person may see."""

    assets: AssetQuerySet
    order: Order
    user: User

    @classmethod
    def from_ids(cls, pks: Iterable[UUID], user: User, order: Order = NEWEST) -> "Selection":
        """Ids of assets that do not exist, or that the person may not see, are ignored."""
        assets = permissions.reachable_assets(user).filter(pk__in=list(pks))
        return cls(order.sort(assets, user), order, user)

    @classmethod
    def from_listing(cls, listing: Listing) -> "Selection":
        return cls(listing.assets(), listing.order, listing.user)

    def pks(self) -> list[UUID]:
        """The ids, in order. Raises ValidationError if there are none, or too many for one action."""
        pks = list(self.assets.values_list("pk", flat=True)[: MAX_SELECTED + 1])
        if not pks:
            raise ValidationError("The selected assets no longer exist. Reload the page.", code="nothing_there")
        if len(pks) > MAX_SELECTED:
            raise ValidationError(
                f"More than {MAX_SELECTED:,} assets selected, the limit for one action. "
                "Narrow the search and try again.",
                code="too_many",
            )
        return pks

    @staticmethod
    def fingerprint(pks: Iterable[UUID]) -> str:
        """The same for the same assets, in whatever order."""
        return hashlib.blake2b(b"".join(sorted(pk.bytes for pk in pks)), digest_size=8).hexdigest()

    def count(self) -> int:
        """The number of assets, counted up to `MAX_COUNTED + 1`."""
        return self.assets.order_by()[: MAX_COUNTED + 1].count()

    def batches(self) -> Iterator[list[Asset]]:
        """The assets with their details, in order, however many there are."""
        cursor: Cursor | None = None
        while True:
            assets = self.order.after(self.assets, cursor) if cursor else self.assets
            batch = list(assets.with_details(self.user)[:BATCH_SIZE])
            if batch:
                yield batch
            if len(batch) < BATCH_SIZE:
                return
            cursor = self.order.make_cursor(batch[-1])
