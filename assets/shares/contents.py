"""What a share shows now, in its order, page by page."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Exists, F, OuterRef

from assets import permissions
from assets.models import Asset, Collection, Share
from assets.models.assets import AssetQuerySet
from assets.models.page_queries import Cursor
from assets.search.pagination import NEWEST, Order
from assets.text.formats import MAX_COUNTED

PAGE_SIZE = 60
BATCH_SIZE = 500
MANY_LINKS = 10_000


def _parse_position(text: str) -> int:
    position = int(text)
    if not 0 <= position < 2**63:
        raise ValueError("The position is out of range.")
    return position


AS_CHOSEN = Order("chosen", "As chosen", "position", False, _parse_position)


@dataclass(frozen=True)
class Contents:
    share: Share

    @property
    def order(self) -> Order:
        return NEWEST if self.share.includes_later else AS_CHOSEN

    @cached_property
    def assets(self) -> AssetQuerySet:
        allowed = permissions.shared_assets(self.share)
        if self.share.includes_later:
            return self.order.sort(in_collection(allowed, self.share.collection), self.share.created_by)
        chosen = allowed.filter(share_items__share=self.share).annotate(position=F("share_items__id"))
        return self.order.sort(chosen, self.share.created_by)

    def page(self, after: str, size: int = PAGE_SIZE) -> tuple[list[Asset], Cursor | None]:
        """The assets after a cursor, or from the start if it is not valid; and the cursor of the next page, if any."""
        assets = self._read(self.order.parse_cursor(after), size + 1)
        return assets[:size], self.order.make_cursor(assets[size - 1]) if len(assets) > size else None

    def get(self, pk: uuid.UUID) -> Asset | None:
        return self.assets.select_related("stored_file").filter(pk=pk).first()

    def count(self) -> int:
        """How many there are, up to `MAX_COUNTED + 1`."""
        return self.assets.order_by()[: MAX_COUNTED + 1].count()

    def batches(self) -> Iterator[list[Asset]]:
        """All of them, each batch as it is then."""
        cursor: Cursor | None = None
        while batch := self._read(cursor, BATCH_SIZE):
            yield batch
            cursor = self.order.make_cursor(batch[-1])

    def _read(self, cursor: Cursor | None, limit: int) -> list[Asset]:
        assets = self.order.after(self.assets, cursor) if cursor else self.assets
        # Ids first: with a join of the files, the database would not start from the index of the order.
        columns = dict(assets.values_list("pk", self.order.column)[:limit])
        rows = Asset.objects.select_related("stored_file").in_bulk(columns)
        for pk, asset in rows.items():
            setattr(asset, self.order.column, columns[pk])
        return [rows[pk] for pk in columns if pk in rows]


def in_collection(assets: AssetQuerySet, collection: Collection | None) -> AssetQuerySet:
    """Those of the assets that are in a collection or in one nested in it."""
    if collection is None:
        return assets.none()
    within = list(Collection.objects.within(collection.key).values_list("pk", flat=True))
    links = Asset.collections.through.objects.filter(collection_id__in=within)
    # SQLite reads all of a subquery before it looks for the first row in it, so that is left to small ones.
    if links[: MANY_LINKS + 1].count() > MANY_LINKS:
        return assets.filter(Exists(links.filter(asset_id=OuterRef("pk"))))
    return assets.filter(pk__in=links.values("asset_id"))
