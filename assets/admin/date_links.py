"""The links above a list that narrow it to a year, a month or a day."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from django.contrib.admin.views.main import ChangeList
from django.utils.dates import MONTHS

PARTS = ("year", "month", "day")


@dataclass(frozen=True)
class DateLink:
    title: str
    query_string: str


@dataclass(frozen=True)
class DateLinks:
    """Links to all dates from the first row to today. Django links only dates that have rows, but reads all rows."""

    changes: ChangeList
    first_day: date
    today: date

    @property
    def back(self) -> DateLink | None:
        """One step wider; None if the list is not narrowed to a date."""
        year, month, day = self._selected
        if day:
            return self._link(f"{MONTHS[month]} {year}", year, month)
        if month:
            return self._link(str(year), year)
        return self._link("All dates") if year else None

    @property
    def narrower(self) -> list[DateLink]:
        year, month, day = self._selected
        if day:
            return []
        if month:
            return [self._link(str(day), year, month, day) for day in self._days(year, month)]
        if year:
            return [self._link(str(MONTHS[month]), year, month) for month in self._months(year)]
        return [self._link(str(year), year) for year in range(self.first_day.year, self.today.year + 1)]

    @property
    def _selected(self) -> tuple[int, int, int]:
        """Year, month and day; 0 for what is not selected."""
        year, month, day = (self._parse_parameter(part) for part in PARTS)
        return year, year and month, year and month and day

    def _parse_parameter(self, part: str) -> int:
        text = str(self.changes.params.get(f"{self.changes.date_hierarchy}__{part}", ""))
        return int(text) if text.isdecimal() else 0

    def _months(self, year: int) -> list[int]:
        first, last = (self.first_day.year, self.first_day.month), (self.today.year, self.today.month)
        return [month for month in MONTHS if first <= (year, month) <= last]

    def _days(self, year: int, month: int) -> list[int]:
        days = range(1, monthrange(year, month)[1] + 1)
        return [day for day in days if self.first_day <= date(year, month, day) <= self.today]

    def _link(self, title: str, *parts: int) -> DateLink:
        field = self.changes.date_hierarchy
        lookups = {f"{field}__{part}": number for part, number in zip(PARTS, parts, strict=False)}
        return DateLink(title, self.changes.get_query_string(lookups, [f"{field}__"]))
