"""The library in figures: what it contains, what was sent, and what needs attention.

Each figure comes from one grouped query. Slow ones are cached: the more rows they read and the less these change, the
longer.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypedDict, TypeVar, cast

from django.core.cache import cache
from django.db.models import (
    Aggregate,
    Avg,
    Count,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    Model,
    Q,
    QuerySet,
    Sum,
)
from django.db.models.functions import TruncDay, TruncMonth
from django.utils import timezone

from assets.models import Asset, Kind, LinkStatus, State, StoredFile, UploadRequest, User
from assets.models.assets import AssetQuerySet
from assets.models.links import TROUBLED
from assets.models.tasks import get_failed_tasks
from assets.models.upload_requests import STORING

DAYS = 30
MONTHS = 24
MAX_PEOPLE = 10
# Seconds. Figures that are found faster are not cached.
MIN_SLOW = 0.1
# Seconds for which figures are cached: of recent days and months, of all stored files, and of earlier months.
DAYS_TIMEOUT, TOTALS_TIMEOUT, STORED_FILES_TIMEOUT, EARLIER_TIMEOUT = 30, 600, 3600, 86_400

FiguresT = TypeVar("FiguresT")
DailyGroups = dict[date, dict[str, Any]]


@dataclass(frozen=True)
class Share:
    """How many assets of a kind, of a person or from a month, and their size in bytes."""

    name: str
    assets: int
    bytes: int


@dataclass(frozen=True)
class Totals:
    """All assets outside the trash, all stored files, and the bytes of originals kept on this server."""

    kinds: list[Share]
    people: list[Share]
    months: list[Share]
    stored_files: int
    original_bytes: int

    @property
    def assets(self) -> int:
        return sum(kind.assets for kind in self.kinds)

    @property
    def bytes(self) -> int:
        return sum(kind.bytes for kind in self.kinds)


@dataclass(frozen=True)
class DailyFigures:
    """Requests that `stored` files or were `refused`; `uploads`, and those with new content, which were `sent`.

    `wait` is the average time from queue to URL; None if nothing was stored.
    """

    day: date
    stored: int = 0
    refused: int = 0
    uploads: int = 0
    sent: int = 0
    wait: timedelta | None = None

    @property
    def duplicates(self) -> int:
        """Uploads that were not sent, because Segmind already had their content."""
        return max(self.uploads - self.sent, 0)


@dataclass(frozen=True)
class AttentionCounts:
    """How many files or assets need attention, by reason."""

    failed: int
    broken: int
    changed: int
    unreachable: int
    with_email: int
    trashed: int
    tasks: int


def get_totals(now: datetime) -> Totals:
    return _get_cached("overview-totals", lambda: _find_totals(now), TOTALS_TIMEOUT)


def get_daily_figures(now: datetime) -> list[DailyFigures]:
    """The last `DAYS` days, oldest first."""
    return _get_cached("overview-days", lambda: _find_daily_figures(now), DAYS_TIMEOUT)


def get_attention_counts() -> AttentionCounts:
    return _get_cached("overview-attention", _find_attention_counts, DAYS_TIMEOUT)


def _get_cached(name: str, find: Callable[[], FiguresT], timeout: int) -> FiguresT:
    cached: FiguresT | None = cache.get(name)
    if cached is not None:
        return cached
    started = time.monotonic()
    figures = find()
    if time.monotonic() - started > MIN_SLOW:
        cache.set(name, figures, timeout)
    return figures


# --- What the library contains ---------------------------------------------------------------------------------------


class AssetGroup(TypedDict):
    kind: str
    owner: int
    month: datetime
    assets: int
    bytes: int


class StoredFileTotals(TypedDict):
    stored_files: int
    original_bytes: int


def _find_totals(now: datetime) -> Totals:
    groups = _find_groups(now)
    usernames = dict(User.objects.values_list("pk", "username"))
    kinds = {share.name: share for share in _sum_groups(groups, lambda group: Kind(group["kind"]).label)}
    people = _sum_groups(groups, lambda group: usernames.get(group["owner"], "–"))
    return Totals(
        kinds=[kinds[kind] for kind in Kind.labels if kind in kinds],
        people=_limit_people(sorted(people, key=lambda share: share.bytes, reverse=True)),
        months=_fill_months(_sum_groups(groups, lambda group: _month_name(group["month"])), now),
        **_get_cached("overview-stored-files", _find_stored_file_totals, STORED_FILES_TIMEOUT),
    )


def _find_groups(now: datetime) -> list[AssetGroup]:
    """Assets by kind, owner and month. There are few such groups, so one pass answers all three questions.

    Months before the last one hardly change: they are counted once a day.
    """
    this_month = timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    last_month = (this_month - timedelta(days=1)).replace(day=1)
    assets = Asset.objects.current()
    key = f"overview-before-{last_month:%Y-%m}"
    earlier = _get_cached(key, lambda: _group_assets(assets.filter(created_at__lt=last_month)), EARLIER_TIMEOUT)
    return [*earlier, *_group_assets(assets.filter(created_at__gte=last_month))]


def _group_assets(assets: AssetQuerySet) -> list[AssetGroup]:
    month = TruncMonth("created_at", output_field=DateTimeField())
    groups = assets.values("kind", "owner", month=month).order_by()
    return cast(list[AssetGroup], list(groups.annotate(assets=Count("pk"), bytes=Sum("size"))))


def _sum_groups(groups: Iterable[AssetGroup], get_name: Callable[[AssetGroup], str]) -> list[Share]:
    shares: dict[str, Share] = {}
    for group in groups:
        name = get_name(group)
        share = shares.get(name, Share(name, 0, 0))
        shares[name] = Share(name, share.assets + group["assets"], share.bytes + group["bytes"])
    return list(shares.values())


def _limit_people(people: list[Share]) -> list[Share]:
    """The first people, and all others in one row."""
    others = people[MAX_PEOPLE:]
    if not others:
        return people
    total = Share(f"{len(others)} others", sum(one.assets for one in others), sum(one.bytes for one in others))
    return [*people[:MAX_PEOPLE], total]


def _fill_months(months: list[Share], now: datetime) -> list[Share]:
    """The last `MONTHS` months, oldest first, including those without assets."""
    shares = {share.name: share for share in months}
    day, names = timezone.localtime(now), []
    for _ in range(MONTHS):
        names.append(_month_name(day))
        day = day.replace(day=1) - timedelta(days=1)
    return [shares.get(name, Share(name, 0, 0)) for name in reversed(names)]


def _month_name(moment: datetime) -> str:
    return f"{moment:%b %Y}"


def _find_stored_file_totals() -> StoredFileTotals:
    original_bytes = Sum("size", filter=~Q(original=""), default=0)
    totals = StoredFile.objects.aggregate(stored_files=Count("pk"), original_bytes=original_bytes)
    return cast(StoredFileTotals, totals)


# --- What happened each day ------------------------------------------------------------------------------------------


def _find_daily_figures(now: datetime) -> list[DailyFigures]:
    today = timezone.localtime(now).date()
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    since = timezone.make_aware(datetime.combine(days[0], datetime.min.time()))
    requests, files, uploads = _count_requests(since), _count_files(since), _count_uploads(since)
    return [DailyFigures(day, **requests.get(day, {}), **files.get(day, {}), **uploads.get(day, {})) for day in days]


def _count_requests(since: datetime) -> DailyGroups:
    requests = UploadRequest.objects.finished().filter(started_at__gte=since)
    is_stored = Q(outcome__in=STORING)
    return _group_by_day(
        requests, "started_at", stored=Count("pk", filter=is_stored), refused=Count("pk", filter=~is_stored)
    )


def _count_files(since: datetime) -> DailyGroups:
    files = StoredFile.objects.filter(created_at__gte=since)
    wait = ExpressionWrapper(F("stored_at") - F("queued_at"), output_field=DurationField())
    # One that is queued to be re-uploaded has an earlier `stored_at`.
    is_stored = Q(state=State.STORED, stored_at__gte=F("queued_at"))
    return _group_by_day(files, "created_at", sent=Count("pk"), wait=Avg(wait, filter=is_stored))


def _count_uploads(since: datetime) -> DailyGroups:
    return _group_by_day(Asset.objects.current().filter(created_at__gte=since), "created_at", uploads=Count("pk"))


def _group_by_day(rows: QuerySet[Model], column: str, **aggregates: Aggregate) -> DailyGroups:
    groups = rows.order_by().values(day=TruncDay(column)).annotate(**aggregates)
    return {timezone.localtime(group.pop("day")).date(): group for group in groups}


# --- What needs attention --------------------------------------------------------------------------------------------


def _find_attention_counts() -> AttentionCounts:
    links = StoredFile.objects.filter(link_status__in=TROUBLED).exclude(url="")
    # Lets the database use the index of links that are not verified.
    links = links.exclude(link_status=LinkStatus.VERIFIED)
    counts = dict(links.order_by().values_list("link_status").annotate(Count("pk")))
    return AttentionCounts(
        # Excluding stored files lets the database use the index of files that are not stored.
        failed=StoredFile.objects.failed().exclude(state=State.STORED).count(),
        broken=counts.get(LinkStatus.BROKEN, 0),
        changed=counts.get(LinkStatus.CHANGED, 0),
        unreachable=counts.get(LinkStatus.UNREACHABLE, 0),
        with_email=StoredFile.objects.filter(url_has_address=True).count(),
        trashed=Asset.objects.trashed().count(),
        tasks=get_failed_tasks(),
    )
