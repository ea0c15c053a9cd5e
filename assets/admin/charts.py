"""Small charts as SVG: bars of which the page says in words what they show. Sizes are in units of the drawing."""

from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT = 100
WIDTH = 10  # of a column, with the gap behind it
GAP = 2


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    series: int
    title: str


@dataclass(frozen=True)
class Series:
    """One value for each point; None where there is none."""

    name: str
    values: Sequence[float | None]
    texts: Sequence[str]


@dataclass(frozen=True)
class Columns:
    """A column for each point, its series one on the other. `top`: what the highest is; empty: there is none."""

    title: str
    points: Sequence[str]
    series: Sequence[Series]
    top: str

    @property
    def id(self) -> str:
        return "chart-" + "-".join(self.title.lower().split())

    @property
    def width(self) -> int:
        return WIDTH * len(self.points)

    @property
    def height(self) -> int:
        return HEIGHT

    @property
    def bars(self) -> list[Bar]:
        highest = max((sum(values) for values in self._stacks()), default=0) or 1
        bars = []
        for number, values in enumerate(self._stacks()):
            bottom = float(HEIGHT)
            for series, value in enumerate(values):
                height = round(HEIGHT * value / highest, 2)
                bottom -= height
                if height:
                    title = f"{self.points[number]}: {self.series[series].name} {self.series[series].texts[number]}"
                    bars.append(Bar(number * WIDTH, round(bottom, 2), WIDTH - GAP, height, series, title))
        return bars

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """The same as a table."""
        return [(point, [one.texts[number] for one in self.series]) for number, point in enumerate(self.points)]

    def _stacks(self) -> list[list[float]]:
        return [[one.values[number] or 0 for one in self.series] for number in range(len(self.points))]


def part_of(value: float, whole: float) -> float:
    """How long a bar is, of 100, for a value of which the longest is `whole`."""
    return round(100 * value / whole, 2) if whole else 0
