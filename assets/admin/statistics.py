"""The library in figures, for those who look after it: what is in it, what was sent, and what needs somebody.

Each figure comes from one grouped query. Where that takes long, it is kept for a while: the longer, the more rows it
comes from and the less they change.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Avg, Count, DateTimeField, DurationField, ExpressionWrapper, F, Q, Sum
from django.db.models.functions import TruncDay, TruncMonth
from django.utils import timezone

from assets.models import Asset, Kind, LinkStatus, State, StoredFile, UploadRequest, User
from assets.models.links import TROUBLED
from assets.models.upload_requests import STORING

DAYS = 30
MONTHS = 24
MOST_PEOPLE = 10
QUICK = 0.1  # seconds; what takes less to find is always found anew
# Seconds for which others are kept: of the last days, of the last months, of all contents, and of the time before.
FRESH, RECENT, CONTENTS, EARLIER = 30, 600, 3600, 86_400


@dataclass(frozen=True)
class Share:
    """How many entries, and how many bytes, are of a kind, of a person, or from a month."""

    name: str
    entries: int
    bytes: int


@dataclass(frozen=True)
class Holdings:
    """What is in the library, but for the trash. `original_bytes`: on this server's disk."""

    kinds: list[Share]
    people: list[Share]
    months: list[Share]
    contents: int
    original_bytes: int

    @property
    def entries(self) -> int:
        return sum(kind.entries for kind in self.kinds)

    @property
    def bytes(self) -> int:
        return sum(kind.bytes for kind in self.kinds)


@dataclass(frozen=True)
class Day:
    """What happened on a day. `wait`: seconds from the queue to the URL, on average; None where nothing was stored.

    `uploads` are new entries, `sent` those of them whose content was new too.
    """

    day: date
    stored: int
    refused: int
    uploads: int
    sent: int
    wait: float | None

    @property
    def unsent(self) -> int:
        """Uploads that were answered without sending anything: Segmind had their content already."""
        return max(self.uploads - self.sent, 0)


@dataclass(frozen=True)
class Attention:
    """How many files need somebody: by why they do."""

    failed: int
    broken: int
    changed: int
    unreachable: int
    with_address: int
    trashed: int


def holdings(now: datetime) -> Holdings:
    return _kept("overview-holdings", lambda: _holdings(now), RECENT)


def last_days(now: datetime) -> list[Day]:
    """The last DAYS days, oldest first."""
    return _kept("overview-days", lambda: _last_days(now), FRESH)


def attention() -> Attention:
    return _kept("overview-attention", _attention, FRESH)


def _kept(name: str, find: Callable[[], Any], seconds: int) -> Any:
    """What was found lately, or is found now."""
    if (known := cache.get(name)) is not None:
        return known
    began = time.monotonic()
    found = find()
    if time.monotonic() - began > QUICK:
        cache.set(name, found, seconds)
    return found


# --- What there is ------------------------------------------------------------------------------------------------


def _holdings(now: datetime) -> Holdings:
    rows = _groups(now)
    names = dict(User.objects.values_list("pk", "username"))
    kinds = {share.name: share for share in _shares(rows, lambda row: row["kind"])}
    people = _shares(rows, lambda row: names.get(row["owner"], "–"))
    return Holdings(
        kinds=[kinds[kind] for kind in Kind.values if kind in kinds],
        people=_with_the_rest(sorted(people, key=lambda share: share.bytes, reverse=True)),
        months=_every_month(_shares(rows, lambda row: f"{row['month']:%Y-%m}"), now),
        **_kept("overview-contents", _contents, CONTENTS),
    )


def _groups(now: datetime) -> list[Any]:
    """Entries by kind, person and month, of which there are few: one pass for all three questions.

    Most of it is of the time before the last two months, where little changes: that is counted once a day.
    """
    this_month = timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    since = (this_month - timedelta(days=1)).replace(day=1)
    current = Asset.objects.current()
    key = f"overview-before-{since:%Y-%m}"
    earlier = _kept(key, lambda: _grouped(current.filter(created_at__lt=since)), EARLIER)
    return [*earlier, *_grouped(current.filter(created_at__gte=since))]


def _grouped(assets: Any) -> list[Any]:
    month = TruncMonth("created_at", output_field=DateTimeField())
    groups = assets.values("kind", "owner", month=month).order_by()
    return list(groups.annotate(entries=Count("pk"), bytes=Sum("size")))


def _contents() -> dict[str, int]:
    originals = Sum("size", filter=~Q(original=""), default=0)
    return StoredFile.objects.aggregate(contents=Count("pk"), original_bytes=originals)


def _shares(rows: Iterable[dict[str, Any]], name_of: Callable[[dict[str, Any]], str]) -> list[Share]:
    sums: dict[str, tuple[int, int]] = {}
    for row in rows:
        entries, size = sums.get(name_of(row), (0, 0))
        sums[name_of(row)] = (entries + row["entries"], size + row["bytes"])
    return [Share(name, *found) for name, found in sums.items()]


def _with_the_rest(people: list[Share]) -> list[Share]:
    rest = people[MOST_PEOPLE:]
    if not rest:
        return people
    others = Share(f"{len(rest)} others", sum(one.entries for one in rest), sum(one.bytes for one in rest))
    return [*people[:MOST_PEOPLE], others]


def _every_month(months: list[Share], now: datetime) -> list[Share]:
    """The last MONTHS months, oldest first, those without entries too."""
    known, day, names = {share.name: share for share in months}, timezone.localtime(now).date().replace(day=1), []
    for _ in range(MONTHS):
        names.append(f"{day:%Y-%m}")
        day = (day - timedelta(days=1)).replace(day=1)
    return [known.get(name, Share(name, 0, 0)) for name in reversed(names)]


# --- What happens -------------------------------------------------------------------------------------------------


def _last_days(now: datetime) -> list[Day]:
    days = [timezone.localtime(now).date() - timedelta(days=back) for back in reversed(range(DAYS))]
    since = timezone.make_aware(datetime.combine(days[0], datetime.min.time()))
    requests = UploadRequest.objects.finished().filter(started_at__gte=since)
    stored, refused = Count("pk", filter=Q(outcome__in=STORING)), Count("pk", filter=~Q(outcome__in=STORING))
    exchanges = _by_day(requests, "started_at", stored=stored, refused=refused)
    waited = ExpressionWrapper(F("stored_at") - F("queued_at"), output_field=DurationField())
    is_first = Q(state=State.STORED, stored_at__gte=F("queued_at"))
    files = _by_day(
        StoredFile.objects.filter(created_at__gte=since),
        "created_at",
        sent=Count("pk"),
        wait=Avg(waited, filter=is_first),
    )
    entries = _by_day(Asset.objects.current().filter(created_at__gte=since), "created_at", uploads=Count("pk"))
    return [_day(day, exchanges.get(day, {}) | files.get(day, {}) | entries.get(day, {})) for day in days]


def _by_day(rows: Any, column: str, **sums: Any) -> dict[date, dict[str, Any]]:
    days = rows.order_by().values(day=TruncDay(column)).annotate(**sums)
    return {timezone.localtime(row.pop("day")).date(): row for row in days}


def _day(day: date, found: dict[str, Any]) -> Day:
    wait = found.get("wait")
    counts = {name: found.get(name, 0) for name in ("stored", "refused", "uploads", "sent")}
    return Day(day, wait=wait.total_seconds() if wait is not None else None, **counts)


def _attention() -> Attention:
    links = StoredFile.objects.exclude(link_status=LinkStatus.VERIFIED).filter(link_status__in=TROUBLED)
    counts = dict(links.exclude(url="").order_by().values_list("link_status").annotate(Count("pk")))
    return Attention(
        failed=StoredFile.objects.failed().exclude(state=State.STORED).count(),
        broken=counts.get(LinkStatus.BROKEN, 0),
        changed=counts.get(LinkStatus.CHANGED, 0),
        unreachable=counts.get(LinkStatus.UNREACHABLE, 0),
        with_address=StoredFile.objects.filter(url_has_address=True).count(),
        trashed=Asset.objects.trashed().count(),
    )
