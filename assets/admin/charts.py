"""Bar charts as SVG. The page shows the same figures as a table. Lengths are in units of the drawing."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

HEIGHT = 100
BAR_WIDTH = 8
BAR_DISTANCE = 10  # from the left of one bar to the left of the next


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    height: float
    series: int
    title: str
    width: float = BAR_WIDTH


@dataclass(frozen=True)
class Series:
    """A value for each point, None if there is none, and how the page writes it."""

    name: str
    values: Sequence[float | None]
    texts: Sequence[str]


@dataclass(frozen=True)
class BarChart:
    """A bar for each point, such as a day. Several series are stacked."""

    title: str
    points: Sequence[str]
    series: Sequence[Series]

    height = HEIGHT

    @property
    def id(self) -> str:
        return "chart-" + "-".join(self.title.lower().split())

    @property
    def width(self) -> int:
        return BAR_DISTANCE * len(self.points)

    @property
    def peak(self) -> str:
        """The figures of the highest bar; empty if all are zero."""
        highest = max(range(len(self.points)), key=self._totals.__getitem__)
        if not self._totals[highest]:
            return ""
        if len(self.series) == 1:
            return self.series[0].texts[highest]
        return ", ".join(f"{series.texts[highest]} {series.name}" for series in self.series)

    @property
    def bars(self) -> list[Bar]:
        return [bar for number in range(len(self.points)) for bar in self._stack(number)]

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """The figures of each point, for a table."""
        return [(point, [series.texts[number] for series in self.series]) for number, point in enumerate(self.points)]

    def _stack(self, number: int) -> list[Bar]:
        """The bars of one point, from bottom to top."""
        bars = []
        scale = HEIGHT / (max(self._totals) or 1)
        bottom = float(HEIGHT)
        for index, series in enumerate(self.series):
            if height := round(scale * (series.values[number] or 0), 2):
                bottom -= height
                title = f"{self.points[number]}: {series.name} {series.texts[number]}"
                bars.append(Bar(number * BAR_DISTANCE, round(bottom, 2), height, index, title))
        return bars

    @cached_property
    def _totals(self) -> list[float]:
        return [sum(series.values[number] or 0 for series in self.series) for number in range(len(self.points))]


def percentage(value: float, whole: float) -> float:
    return round(100 * value / whole, 2) if whole else 0
