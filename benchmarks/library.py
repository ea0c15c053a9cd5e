"""Pages of the library beside those of Wagtail's images, over HTTP, at several sizes.

    python -m benchmarks.library [--sizes 10000,100000] [--peer-sizes 10000,100000] [--postgres postgres:///bench]
                                 [--cases REGEX] [--folder var/benchmarks] [--json FILE] [--drop]

On SQLite, or with `--postgres` on that server, in databases whose names begin with the given one. What has been filled
is kept in the folder and used again; `--drop` removes it afterwards. All sites are up together and are asked by turns.
"""

import argparse
import contextlib
import json
import re
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.pages import Timing, measure, per_second
from benchmarks.sites import Installation, Site, opened

CLIENTS = 8
BLOCKS = 6
TAGGED = 1000
BULK = f"tag {TAGGED:,} entries at once"
LOAD = f"answers a second, first page, {CLIENTS} clients"

Result = dict[str, Any]


def measured(sites: Sequence[Site], cases: str, seconds: float) -> Iterable[Result]:
    for case in dict.fromkeys(case for site in sites for case in site.pages if re.search(cases, case)):
        asked = [site for site in sites if case in site.pages]
        timings = [Timing(partial(site.ask, case), site.server.cpu_seconds) for site in asked]
        measure(timings, blocks=BLOCKS, seconds=seconds)
        for site, timing in zip(asked, timings, strict=True):
            yield result_of(site, case) | timing.figures()


def measured_bulk(sites: Sequence[Site]) -> Iterable[Result]:
    """The whole way of tagging many entries at once: the page that it is done on, and the form."""
    for site in sites:
        if site.installation.program == "library":
            ids = site.own(TAGGED)
            timing = Timing(partial(site.change, ids, "tag"), site.server.cpu_seconds)
            for _ in range(BLOCKS):
                timing.add(1)
                site.change(ids, "untag")
            yield result_of(site, BULK) | timing.figures()


def measured_load(sites: Sequence[Site], seconds: float) -> Iterable[Result]:
    for site in sites:
        answers = per_second(partial(site.ask, "first page"), clients=CLIENTS, seconds=seconds)
        yield {**result_of(site, LOAD), "per_second": answers}


def result_of(site: Site, case: str) -> Result:
    made = site.installation
    return {"program": made.program, "database": made.database, "size": made.size, "case": case}


# --- Tables ---------------------------------------------------------------------------------------


def own_table(results: Sequence[Result]) -> Iterable[str]:
    """This library's cases at each size, and the growth from the smallest to the largest."""
    found = {(result["case"], result["size"]): result for result in results if result["program"] == "library"}
    sizes = sorted({size for _, size in found})
    yield from heading("case", *(f"{size:,}" for size in sizes), "growth", "queries")
    for case in dict.fromkeys(case for case, _ in found):
        rows = [found[case, size] for size in sizes]
        growth = ratio(rows[-1], rows[0]) if len(rows) > 1 and "p50" in rows[0] else ""
        queries = ", ".join(dict.fromkeys(str(row.get("queries", "")) for row in rows))
        yield row_of(case, *map(cell, rows), growth, queries)


def peer_table(results: Sequence[Result]) -> Iterable[str]:
    """Cases of both programs at the same size, and how many times faster this one is."""
    found = {(result["case"], result["size"], result["program"]): result for result in results}
    yield from heading("case", "assets", "Wagtail", "queries", "this library", "queries", "times faster")
    for (case, size, program), theirs in found.items():
        ours = found.get((case, size, "library"))
        if program == "wagtail" and ours:
            cells = [text for result in (theirs, ours) for text in (cell(result), str(result.get("queries", "")))]
            yield row_of(case, f"{size:,}", *cells, ratio(theirs, ours))


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


def say(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def noted(results: Iterable[Result]) -> Iterable[Result]:
    """The results, each told on the terminal as it comes."""
    for result in results:
        figures = " ".join(f"{key} {value:.1f}" for key, value in result.items() if isinstance(value, float))
        sys.stderr.write(f"{result['program']:8} {result['size']:9,}  {result['case']}: {figures}\n")
        yield result


# --- The run --------------------------------------------------------------------------------------


def run(installations: Sequence[Installation], options: argparse.Namespace) -> list[Result]:
    for installation in installations:
        sys.stderr.write(f"{installation.name} on {installation.database}\n")
        installation.prepare()
    installations[0].run("-m", "django", "collectstatic", "--no-input", "--verbosity", "0")
    with contextlib.ExitStack() as stack:
        sites = [stack.enter_context(opened(installation)) for installation in installations]
        results = list(noted(measured(sites, options.cases, options.seconds)))
        results += noted(measured_bulk(sites)) if re.search(options.cases, BULK) else []
        results += noted(measured_load(sites, options.seconds)) if re.search(options.cases, LOAD) else []
        counts = {site.installation.name: site.queries(options.cases) for site in sites}
    return [with_queries(result, counts) for result in results]


def with_queries(result: Result, counts: dict[str, dict[str, int]]) -> Result:
    count = counts[f"{result['program']}_{result['size']}"].get(result["case"])
    return result if count is None else {**result, "queries": count}


def main() -> None:
    def sizes(text: str) -> list[int]:
        return [int(size) for size in text.split(",") if size]

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=sizes, default="10000,100000", help="assets, separated by commas")
    parser.add_argument("--peer-sizes", type=sizes, default="10000,100000", help="of Wagtail; empty: without it")
    parser.add_argument(
        "--postgres", default="", help="address of a database that need not exist: its name is a prefix"
    )
    parser.add_argument("--cases", default="", help="a regular expression; without it, all cases")
    parser.add_argument("--seconds", type=float, default=5, help="that one case of one site may take")
    parser.add_argument("--folder", type=Path, default=Path("var/benchmarks"))
    parser.add_argument("--json", type=Path, help="a file for all figures")
    parser.add_argument("--drop", action="store_true", help="remove the databases afterwards")
    options = parser.parse_args()
    wanted = [("library", size) for size in options.sizes] + [("wagtail", size) for size in options.peer_sizes]
    folder = options.folder.resolve()
    installations = [Installation(program, size, folder, options.postgres) for program, size in wanted]
    results = run(installations, options)
    say(["", *own_table(results)])
    if options.peer_sizes:
        say(["", *peer_table(results)])
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))
    if options.drop:
        for installation in installations:
            installation.drop()


if __name__ == "__main__":
    main()
