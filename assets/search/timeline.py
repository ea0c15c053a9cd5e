"""A list by date: its days and months, in the current time zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from uuid import UUID

from django.utils.timezone import localtime, make_aware

from assets.models.assets import AssetQuerySet
from assets.models.cards import Card
from assets.models.page_queries import Cursor
from assets.search.results import Listing, Page

RECENT_DAYS = 14
# Below this many assets, all their dates are read at once; above, the database skips from month to month.
MAX_DATES = 2000
MAX_MONTHS = 600
# So many assets of a day or month share a row with those of others.
FEW = 3
NIL = UUID(int=0)


@dataclass(frozen=True)
class Group:
    """A day or a month: `start` is its first moment, `end` the first one after it."""

    key: str
    label: str
    start: datetime
    end: datetime


@dataclass(frozen=True)
class CardGroup:
    """Cards of one group, in the order of the list. `count` is None where it may go on beyond them.

    `group` is None in a list that is not by date. `has_heading`: whether it begins with these cards.
    """

    group: Group | None
    cards: list[Card]
    has_heading: bool = False
    count: int | None = None
    is_few: bool = False


@dataclass(frozen=True)
class Month:
    """`cursor` is where the list of the month starts."""

    key: str
    label: str
    is_first_of_year: bool
    year: int
    cursor: Cursor


def group_of(moment: datetime, now: datetime) -> Group:
    """The day of what is recent, the month of what is older: a heading for each of its days would be too many."""
    day, today = localtime(moment).date(), localtime(now).date()
    recent = today - timedelta(days=RECENT_DAYS - 1)
    return _day(day, today) if day >= recent else _month(day, recent)


def find_group(key: str, now: datetime) -> Group | None:
    """The group with this key, as `2026-11-28` or `2026-10`; None if there is none."""
    try:
        group = group_of(make_aware(datetime.fromisoformat(key if key.count("-") > 1 else f"{key}-01")), now)
    except (ValueError, OverflowError):
        return None
    return group if group.key == key else None


def group_cards(listing: Listing, page: Page[Card], *, follows: Cursor | None = None) -> list[CardGroup]:
    """The cards of a page by date. `follows`: the last card that is shown already, if the page is added to others."""
    if not listing.order.is_by_date:
        return [CardGroup(None, page.rows)]
    groups = [(group, list(cards)) for group, cards in _split(page, listing.now)]
    shown = group_of(follows.value, listing.now) if follows and isinstance(follows.value, datetime) else None
    last = len(groups) - 1
    ends = {0: page.previous_cursor, last: page.next_cursor} if last else {0: page.previous_cursor or page.next_cursor}
    return [
        CardGroup(
            group,
            cards,
            has_heading=group != shown,
            count=None if ends.get(i) else len(cards),
            is_few=not ends.get(i) and group != shown and _is_few(group, cards, listing.now),
        )
        for i, (group, cards) in enumerate(groups)
    ]


def assets_of(listing: Listing, group: Group) -> AssetQuerySet:
    column = listing.order.column
    return listing.assets().filter(**{f"{column}__gte": group.start, f"{column}__lt": group.end})


def months(listing: Listing) -> list[Month]:
    """The months that the assets of a list are from, in its order."""
    starts = list(dict.fromkeys(_month_starts(listing)))
    years = [start.year for start in starts]
    return [
        Month(
            key=f"{start:%Y-%m}",
            label=f"{start:%b %Y}",
            is_first_of_year=i > 0 and years[i - 1] != start.year,
            year=start.year,
            cursor=Cursor(_midnight(_next_month(start) if listing.order.is_descending else start), NIL),
        )
        for i, start in enumerate(starts)
    ]


def _split(page: Page[Card], now: datetime) -> Iterator[tuple[Group, Iterator[Card]]]:
    group: Group | None = None

    def key(card: Card) -> Group:
        nonlocal group
        value = page.values.get(card.pk)
        moment = value if isinstance(value, datetime) else card.created_at
        if group is None or not group.start <= moment < group.end:
            group = group_of(moment, now)
        return group

    return groupby(page.rows, key)


def _is_few(group: Group, cards: list[Card], now: datetime) -> bool:
    """Today is none of them: what is uploaded next joins it."""
    return len(cards) <= FEW and not group.start <= now < group.end


def _month_starts(listing: Listing) -> Iterator[date]:
    column = listing.order.column
    dates = listing.assets().values_list(column, flat=True)
    few = list(dates[:MAX_DATES]) if listing.query.terms else []
    if few and len(few) < MAX_DATES:
        yield from (localtime(moment).date().replace(day=1) for moment in few)
        return
    moment = dates.first()
    for _ in range(MAX_MONTHS):
        if moment is None:
            return
        start = localtime(moment).date().replace(day=1)
        yield start
        edge = {"lt": start} if listing.order.is_descending else {"gte": _next_month(start)}
        moment = dates.filter(**{f"{column}__{side}": _midnight(day) for side, day in edge.items()}).first()


def _day(day: date, today: date) -> Group:
    names = {0: "Today", 1: "Yesterday"}
    label = names.get((today - day).days) or f"{day:%-d %b}" + ("" if day.year == today.year else f" {day.year}")
    return Group(f"{day:%Y-%m-%d}", label, _midnight(day), _midnight(day + timedelta(days=1)))


def _month(day: date, recent: date) -> Group:
    start = day.replace(day=1)
    end = min(_next_month(start), recent)
    label = f"{start:%b %Y}" if end.day == 1 else f"Earlier in {start:%b}"
    return Group(f"{start:%Y-%m}", label, _midnight(start), _midnight(end))


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _midnight(day: date) -> datetime:
    return make_aware(datetime.combine(day, time()))
