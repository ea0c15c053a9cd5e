"""The front page of the admin: figures, charts, and what needs attention with the action next to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.formats import date_format

from assets.admin import statistics
from assets.admin.charts import BarChart, Series, percentage
from assets.admin.statistics import AttentionCounts, DailyFigures, Share, Totals
from assets.text.formats import format_duration, format_size, pluralise


@dataclass(frozen=True)
class AttentionItem:
    """Something that needs attention: a list of it, and an action that the page offers for the whole list."""

    text: str
    list_url: str
    action: str = ""
    action_title: str = ""


@dataclass(frozen=True)
class ShareRow:
    """A row of a table, with a bar whose length is a percentage."""

    name: str
    assets: str
    size: str
    percentage: float


def overview_context(now: datetime) -> dict[str, object]:
    totals, days = statistics.get_totals(now), statistics.get_daily_figures(now)
    return {
        "tables": [("By kind", _make_rows(totals.kinds)), ("By person", _make_rows(totals.people))],
        "charts": [*_monthly_charts(totals.months), *_daily_charts(days)],
        "figures": [*_figures(totals), _duplicates_figure(days)],
        "attention": list(_attention_items(statistics.get_attention_counts())),
    }


def _make_rows(shares: list[Share]) -> list[ShareRow]:
    largest = max((share.bytes for share in shares), default=0)
    return [
        ShareRow(share.name, f"{share.assets:,}", format_size(share.bytes), percentage(share.bytes, largest))
        for share in shares
    ]


def _figures(totals: Totals) -> list[tuple[str, str]]:
    return [
        ("Assets", f"{totals.assets:,}"),
        ("Total size", format_size(totals.bytes)),
        ("Stored files", f"{totals.stored_files:,}"),
        ("Originals on disk", format_size(totals.original_bytes)),
    ]


def _duplicates_figure(days: list[DailyFigures]) -> tuple[str, str]:
    uploads, duplicates = sum(day.uploads for day in days), sum(day.duplicates for day in days)
    name = f"Duplicates among {pluralise(uploads, 'upload')} of the last {statistics.DAYS} days"
    return name, f"{duplicates:,} ({percentage(duplicates, uploads):.0f}%)"


# --- Charts ----------------------------------------------------------------------------------------------------------


def _monthly_charts(months: list[Share]) -> Iterator[BarChart]:
    names = [month.name for month in months]
    sizes = [month.bytes for month in months]
    yield BarChart("Files per month", names, [_count_series("files", [month.assets for month in months])])
    yield BarChart("Size per month", names, [Series("size", sizes, [format_size(size) for size in sizes])])


def _daily_charts(days: list[DailyFigures]) -> Iterator[BarChart]:
    names = [date_format(day.day) for day in days]
    stored, refused = [day.stored for day in days], [day.refused for day in days]
    yield BarChart("Requests per day", names, [_count_series("stored", stored), _count_series("refused", refused)])
    yield BarChart("Average time in the queue", names, [_wait_series([day.wait for day in days])])
    sent, duplicates = [day.sent for day in days], [day.duplicates for day in days]
    yield BarChart("Uploads per day", names, [_count_series("sent", sent), _count_series("duplicates", duplicates)])


def _count_series(name: str, counts: list[int]) -> Series:
    return Series(name, counts, [f"{count:,}" for count in counts])


def _wait_series(waits: list[timedelta | None]) -> Series:
    seconds = [wait.total_seconds() if wait is not None else None for wait in waits]
    return Series("time", seconds, ["–" if wait is None else format_duration(wait) for wait in seconds])


# --- Attention -------------------------------------------------------------------------------------------------------


def _attention_items(counts: AttentionCounts) -> Iterator[AttentionItem]:
    files, assets = reverse("admin:assets_storedfile_changelist"), reverse("admin:assets_asset_changelist")
    if counts.failed:
        text = f"{pluralise(counts.failed, 'upload')} failed"
        yield AttentionItem(text, f"{files}?state__exact=failed", "retry", "Retry failed uploads")
    if counts.broken:
        text = pluralise(counts.broken, "link is broken", "links are broken")
        yield AttentionItem(text, f"{files}?link_status__exact=broken", "reupload", "Re-upload broken links")
    if counts.changed:
        text = pluralise(counts.changed, "link has changed", "links have changed")
        yield AttentionItem(text, f"{files}?link_status__exact=changed", "reupload", "Re-upload changed links")
    if counts.unreachable:
        text = pluralise(counts.unreachable, "link is unreachable", "links are unreachable")
        yield AttentionItem(text, f"{files}?link_status__exact=unreachable", "check_links", "Check links now")
    if counts.with_email:
        text = pluralise(counts.with_email, "URL contains an e-mail address", "URLs contain an e-mail address")
        yield AttentionItem(text, f"{files}?url_has_address__exact=1")
    if counts.trashed:
        text = pluralise(counts.trashed, "asset is in the trash", "assets are in the trash")
        yield AttentionItem(text, f"{assets}?trash=yes")
    if counts.tasks:
        tasks = reverse("admin:django_tasks_database_dbtaskresult_changelist")
        yield AttentionItem(f"{pluralise(counts.tasks, 'background task')} failed", f"{tasks}?status__exact=FAILED")
