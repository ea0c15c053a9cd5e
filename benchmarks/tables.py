"""The figures of `benchmarks.library` as tables."""

from collections.abc import Iterable, Sequence
from typing import Any

from benchmarks.installations import BEFORE, FLOOR, LIBRARY, WAGTAIL
from benchmarks.sites import FIRST_PAGE

Result = dict[str, Any]
TITLES = {WAGTAIL: "Wagtail", BEFORE: "before", LIBRARY: "this library"}


def own_table(results: Sequence[Result]) -> Iterable[str]:
    """This library's cases at each size, and the growth from the smallest to the largest."""
    found = {(result["case"], result["size"]): result for result in results if result["program"] == LIBRARY}
    sizes = sorted({size for _, size in found})
    yield from heading("case", *(f"{size:,}" for size in sizes), "growth", "queries")
    for case in dict.fromkeys(case for case, _ in found):
        rows = [found[case, size] for size in sizes]
        growth = ratio(rows[-1], rows[0]) if len(rows) > 1 and "p50" in rows[0] else ""
        queries = ", ".join(dict.fromkeys(str(row.get("queries", "")) for row in rows))
        yield row_of(case, *map(cell, rows), growth, queries)


def comparison(results: Sequence[Result]) -> Iterable[str]:
    """Cases that this library has in common with another program of the same size, and how many times it is faster."""
    others = [program for program in (WAGTAIL, BEFORE) if any(result["program"] == program for result in results)]
    if not others:
        return
    columns = [column for program in (*others, LIBRARY) for column in (TITLES[program], "queries")]
    yield from heading("case", "assets", *columns, *(f"× {TITLES[program]}" for program in others))
    for (case, size), by_program in grouped(results).items():
        if LIBRARY in by_program and any(program in by_program for program in others):
            cells = [text for program in (*others, LIBRARY) for text in cells_of(by_program.get(program))]
            yield row_of(case, f"{size:,}", *cells, *(times_faster(by_program, program) for program in others))


def grouped(results: Iterable[Result]) -> dict[tuple[str, int], dict[str, Result]]:
    """The results of each program, by case and size."""
    groups: dict[tuple[str, int], dict[str, Result]] = {}
    for result in results:
        groups.setdefault((result["case"], result["size"]), {})[result["program"]] = result
    return groups


def cells_of(result: Result | None) -> tuple[str, str]:
    return (cell(result), str(result.get("queries", ""))) if result else ("", "")


def times_faster(by_program: dict[str, Result], program: str) -> str:
    return ratio(by_program[program], by_program[LIBRARY]) if program in by_program else ""


def floor_lines(results: Sequence[Result]) -> Iterable[str]:
    """The first page as a multiple of a signed-in page of one line."""
    for (case, size), by_program in grouped(results).items():
        if case == FIRST_PAGE and {FLOOR, LIBRARY} <= by_program.keys():
            floor, page = by_program[FLOOR], by_program[LIBRARY]
            yield f"First page of {size:,} assets: {ratio(page, floor)} times the floor, which is {cell(floor)}."


def cell(result: Result) -> str:
    """Milliseconds: p50, p95, and the processor time of the web processes; or answers a second."""
    if "p50" not in result:
        return f"{result['per_second']:.1f}/s"
    return f"{result['p50']:,.1f}, {result['p95']:,.1f} (CPU {result['cpu']:,.1f})"


def ratio(slow: Result, quick: Result) -> str:
    """Of the medians, by the clock and by the processor; a busy machine spoils the second less."""
    if "p50" not in slow:
        return f"{quick['per_second'] / slow['per_second']:.1f}"
    return f"{slow['p50'] / quick['p50']:.2f} (CPU {slow['cpu'] / quick['cpu']:.2f})"


def heading(*names: str) -> Iterable[str]:
    yield row_of(*names)
    yield row_of(*("---" for _ in names))


def row_of(*texts: str) -> str:
    return f"| {' | '.join(texts)} |"
