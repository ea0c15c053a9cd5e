"""The results of a trial as lines of text and as a CSV file."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields

from assets.bulk.export import write_csv
from assets.text.formats import format_count, pluralise
from assets.trial.attempt import Result

COLUMNS = tuple(field.name for field in fields(Result))
_LINE = "{:9}{:32}{:6}{:>13}{:>9}  {:7}{:>8}{:>7}{:>9}{:>7}  {}"
HEADER = (
    f"{'receiving':>93}{'limited process':>16}\n"
    + _LINE.format("answer", "type", "kind", "dimensions", "seconds", "preview", *("CPU s", "MB") * 2, "name")
)  # fmt: skip


def format_line(result: Result) -> str:
    size = f"{result.width}×{result.height}" if result.width else ""
    duration = "" if result.duration is None else f"{result.duration:.1f}"
    preview = ("yes" if result.has_preview else "no") if result.answer == "received" else ""
    costs = (
        f"{result.receiving_cpu:.3f}", f"{result.receiving_memory:.0f}",
        f"{result.child_cpu:.3f}", f"{result.child_memory:.0f}",
    )  # fmt: skip
    line = _LINE.format(result.answer, result.media_type, result.kind, size, duration, preview, *costs, result.name)
    return f"{line}: {result.words}" if result.words else line


def write_table(results: Iterable[Result]) -> Iterator[str]:
    """The lines of the CSV file."""
    return write_csv(map(asdict, results), COLUMNS)


class Summary:
    """Counts results as they come."""

    def __init__(self) -> None:
        self.answers: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.previews = self.incomplete = 0
        self.largest = self.largest_child = Result("none", "skipped")

    def add(self, result: Result) -> None:
        self.answers[result.answer] += 1
        self.previews += result.has_preview
        self.incomplete += result.code == "incomplete"
        if result.answer == "refused":
            self.refusals[result.code] += 1
        self.largest = max(self.largest, result, key=lambda each: each.receiving_memory)
        self.largest_child = max(self.largest_child, result, key=lambda each: each.child_memory)

    def lines(self, seconds: float) -> Iterator[str]:
        count = self.answers.total()
        yield f"{pluralise(count, 'file')} in {seconds:.1f} s: {count / seconds:.1f} a second."
        yield f"{_count(self.answers) or 'Nothing was tried'}. {format_count(self.previews)} with a preview."
        if self.incomplete:
            yield f"{format_count(self.incomplete)} of those received look incomplete or damaged."
        if self.refusals:
            yield f"Refused: {_count(self.refusals)}."
        yield f"Most memory while receiving: {self.largest.receiving_memory:.0f} MB ({self.largest.name})."
        yield f"Most memory of a limited process: {self.largest_child.child_memory:.0f} MB ({self.largest_child.name})."


def _count(words: Counter[str]) -> str:
    return ", ".join(f"{format_count(count)} {word}" for word, count in words.most_common())
