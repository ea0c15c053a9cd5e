"""The front of the administration: figures as charts and tables, and what needs somebody, with what to do about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone

from assets.admin import statistics
from assets.admin.actions import counted
from assets.admin.charts import Columns, Series, part_of
from assets.admin.statistics import Attention, Day, Holdings, Share
from assets.text.formats import format_duration, format_size


@dataclass(frozen=True)
class Need:
    """Something that needs somebody: a list of it, and an action on all of that list."""

    words: str
    address: str
    action: str = ""
    label: str = ""


@dataclass(frozen=True)
class Part:
    """A row of a table with a bar, which is so long, of 100."""

    name: str
    entries: str
    size: str
    length: float


def context() -> dict[str, Any]:
    now = timezone.now()
    holdings, days = statistics.holdings(now), statistics.last_days(now)
    uploads, unsent = sum(day.uploads for day in days), sum(day.unsent for day in days)
    percent = round(100 * unsent / uploads) if uploads else 0
    return {
        "holdings": holdings,
        "tables": [("By kind", _parts(holdings.kinds)), ("By person", _parts(holdings.people))],
        "charts": [*_monthly(holdings), *_daily(days)],
        "figures": [
            ("Entries", f"{holdings.entries:,}"),
            ("Size", format_size(holdings.bytes)),
            ("Different contents", f"{holdings.contents:,}"),
            ("Disk used by originals", format_size(holdings.original_bytes)),
            (f"Not sent again, of {uploads:,} uploads in {statistics.DAYS} days", f"{unsent:,} ({percent} %)"),
        ],
        "needs": list(_needs(statistics.attention())),
    }


def _parts(shares: list[Share]) -> list[Part]:
    longest = max((share.bytes for share in shares), default=0)
    return [
        Part(share.name, f"{share.entries:,}", format_size(share.bytes), part_of(share.bytes, longest))
        for share in shares
    ]


def _monthly(holdings: Holdings) -> Iterator[Columns]:
    months = holdings.months
    names = [month.name for month in months]
    entries, sizes = [month.entries for month in months], [month.bytes for month in months]
    yield _columns("Files a month", names, [Series("files", entries, [f"{count:,}" for count in entries])])
    yield _columns("Bytes a month", names, [Series("bytes", sizes, [format_size(size) for size in sizes])])


def _daily(days: list[Day]) -> Iterator[Columns]:
    names = [f"{day.day:%Y-%m-%d}" for day in days]
    stored, refused = [day.stored for day in days], [day.refused for day in days]
    yield _columns(
        "Requests a day",
        names,
        [Series("stored", stored, list(map(str, stored))), Series("refused", refused, list(map(str, refused)))],
    )
    waits = [day.wait for day in days]
    texts = ["–" if wait is None else format_duration(wait) for wait in waits]
    yield _columns("Time in the queue", names, [Series("on average", waits, texts)])
    sent, unsent = [day.sent for day in days], [day.unsent for day in days]
    yield _columns(
        "Uploads a day",
        names,
        [Series("sent", sent, list(map(str, sent))), Series("known already", unsent, list(map(str, unsent)))],
    )


def _columns(title: str, points: list[str], series: list[Series]) -> Columns:
    sums = [sum(one.values[number] or 0 for one in series) for number in range(len(points))]
    highest = max(range(len(points)), key=sums.__getitem__)
    texts = [f"{one.texts[highest]} {one.name}" if len(series) > 1 else one.texts[highest] for one in series]
    return Columns(title, points, series, ", ".join(texts) if sums[highest] else "")


# --- What needs somebody ------------------------------------------------------------------------------------------


def _needs(attention: Attention) -> Iterator[Need]:
    files, entries = reverse("admin:assets_storedfile_changelist"), reverse("admin:assets_asset_changelist")
    if count := attention.failed:
        words = counted(count, "file has failed", "files have failed")
        yield Need(words, f"{files}?state__exact=failed", "retry", "Send again")
    for status in ("broken", "changed"):
        if count := getattr(attention, status):
            words = counted(count, f"link is {status}", f"links are {status}")
            yield Need(words, f"{files}?link_status__exact={status}", "upload_again", "Upload again")
    if count := attention.unreachable:
        words = counted(count, "link is unreachable", "links are unreachable")
        yield Need(words, f"{files}?link_status__exact=unreachable", "check_now", "Look again")
    if count := attention.with_address:
        words = counted(count, "URL carries an e-mail address", "URLs carry an e-mail address")
        yield Need(words, f"{files}?url_has_address__exact=1")
    if count := attention.trashed:
        words = counted(count, "entry is in the trash", "entries are in the trash")
        yield Need(words, f"{entries}?trash=yes")
