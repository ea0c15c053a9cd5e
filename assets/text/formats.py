"""How counts, sizes and times are written for people."""

from datetime import datetime
from decimal import Decimal

# Counting stops here: nobody needs the exact number beyond it.
MAX_COUNTED = 1000
KB, MB, GB = 10**3, 10**6, 10**9
CENT = Decimal("0.01")
RECENT_DAYS = {0: "today", 1: "yesterday"}


def format_count(count: int) -> str:
    """A count as shown to people: `34`, or `1,000+` beyond `MAX_COUNTED`."""
    return f"{MAX_COUNTED:,}+" if count > MAX_COUNTED else f"{count:,}"


def plural(count: float | str, one: str, many: str) -> str:
    """The noun for a count, which may come from `format_count()`."""
    return one if str(count) in ("1", "1.0") else many


def pluralise(count: int, noun: str, many: str = "") -> str:
    """A count with its noun: `1 asset`, `1,200 files`."""
    return f"{count:,} {plural(count, noun, many or f'{noun}s')}"


def format_size(size: int) -> str:
    """Bytes in units of 1,000, as in settings and messages: `812 bytes`, `34 kB`, `1.2 MB`."""
    if size < KB:
        return f"{size} {plural(size, 'byte', 'bytes')}"
    if size < MB:
        return f"{size / KB:.0f} kB"
    amount = f"{size / MB:.1f} MB" if size < GB else f"{size / GB:.1f} GB"
    return amount.replace(".0 ", " ")


def format_cost(dollars: Decimal | float) -> str:
    """US dollars: `$3.10`, `$0.0042`."""
    return f"${dollars:.4f}" if 0 < dollars < CENT else f"${dollars:,.2f}"


def format_moment(moment: datetime, now: datetime) -> str:
    """A moment beside others, both in the same time zone: `today 14:02`, `yesterday 09:30`, `27 Nov 2026, 16:40`."""
    days = (now.date() - moment.date()).days
    if days in RECENT_DAYS:
        return f"{RECENT_DAYS[days]} {moment:%H:%M}"
    return f"{moment:%-d %b %Y, %H:%M}"


def format_duration(seconds: float) -> str:
    """A duration as players show it: `0:07`, `3:20`, `1:02:00`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
