"""The columns of the list: which are shown to a person, how wide, and what a click on their names sorts by."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from assets.search.addresses import ListAddress
from assets.search.results import Listing

NO_COLUMNS = "none"
MIN_WIDTH, MAX_WIDTH = 48, 600


@dataclass(frozen=True)
class Column:
    """`orders` are the ascending and the descending one, the usual first; `width` is in pixels.

    `is_wide`: only shown where there is room.
    """

    name: str
    label: str
    orders: tuple[str, ...] = ()
    is_wide: bool = False
    is_usual: bool = True
    width: int | None = None

    @property
    def spec(self) -> str:
        return f"{self.name}:{self.width}" if self.width else self.name


@dataclass(frozen=True)
class Heading:
    """`direction` as in `aria-sort`, empty where the list is in another order."""

    column: Column
    sort_url: str
    direction: str


TITLE = Column("title", "Title", ("name", "name_desc"))
COLUMNS = {
    column.name: column
    for column in (
        Column("type", "Type"),
        Column("size", "Size", ("size", "smallest")),
        Column("dimensions", "Dimensions", is_wide=True),
        Column("duration", "Duration", is_wide=True, is_usual=False),
        Column("owner", "Owner", is_wide=True),
        Column("added", "Added", ("newest", "oldest")),
    )
}
USUAL = [column for column in COLUMNS.values() if column.is_usual]
_ASCENDING = ("name", "smallest", "oldest")


def read_columns(text: str) -> list[Column]:
    """The columns that a person has chosen, as they are kept."""
    return _parse(text.split(",")) if text else USUAL


def write_columns(specs: Iterable[str]) -> str:
    """What is kept of a choice such as `type`, `size:120`. What is no column is left out."""
    columns = _parse(specs)
    return "" if columns == USUAL else ",".join(column.spec for column in columns) or NO_COLUMNS


def build_headings(listing: Listing, address: ListAddress, columns: Iterable[Column]) -> list[Heading]:
    return [_build_heading(listing, address, column) for column in (TITLE, *columns)]


def _build_heading(listing: Listing, address: ListAddress, column: Column) -> Heading:
    if not column.orders or not set(column.orders) <= listing.orders.keys():
        return Heading(column, "", "")
    sort = listing.order.name
    following = column.orders[1] if sort == column.orders[0] else column.orders[0]
    direction = ("ascending" if sort in _ASCENDING else "descending") if sort in column.orders else ""
    return Heading(column, replace(address, sort=following).url(listing.text), direction)


def _parse(specs: Iterable[str]) -> list[Column]:
    """In the order of the table, each once."""
    widths = {name: width for name, _, width in (spec.partition(":") for spec in specs)}
    return [replace(column, width=_read_width(widths[name])) for name, column in COLUMNS.items() if name in widths]


def _read_width(text: str) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) < len(str(MAX_WIDTH)) + 2
    return min(max(int(text), MIN_WIDTH), MAX_WIDTH) if is_number else None
