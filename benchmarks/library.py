"""Pages of the library beside those of Wagtail's images, over HTTP, at several sizes.

    python -m benchmarks.library [--sizes 10000,100000] [--peer-sizes 10000,100000] [--beside CHECKOUT]
                                 [--postgres postgres:///bench] [--cases REGEX] [--folder var/benchmarks]
                                 [--json FILE] [--drop]

On SQLite, or with `--postgres` on that server, in databases whose names begin with the given one. What has been filled
is kept in the folder and used again; `--drop` removes it afterwards. All sites are up together and are asked by turns:
this library and Wagtail, the floor (a signed-in page of Django's own that shows one line), and with `--beside` the
library of another checkout, such as the commit before.
"""

import argparse
import contextlib
import json
import re
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from benchmarks.installations import BEFORE, FLOOR, LIBRARY, WAGTAIL, Installation
from benchmarks.pages import Timing, measure, per_second
from benchmarks.sites import FIRST_PAGE, Site, opened
from benchmarks.tables import Result, comparison, floor_lines, own_table

CLIENTS = 8
BLOCKS = 6
TAGGED = 1000
BULK = f"tag {TAGGED:,} entries at once"
LOAD = f"answers a second, first page, {CLIENTS} clients"


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
        if site.installation.program == LIBRARY:
            ids = site.own(TAGGED)
            timing = Timing(partial(site.change, ids, "tag"), site.server.cpu_seconds)
            for _ in range(BLOCKS):
                timing.add(1)
                site.change(ids, "untag")
            yield result_of(site, BULK) | timing.figures()


def measured_load(sites: Sequence[Site], seconds: float) -> Iterable[Result]:
    for site in sites:
        answers = per_second(partial(site.ask, FIRST_PAGE), clients=CLIENTS, seconds=seconds)
        yield {**result_of(site, LOAD), "per_second": answers}


def result_of(site: Site, case: str) -> Result:
    made = site.installation
    return {"program": made.program, "database": made.database, "size": made.size, "case": case}


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


def wanted(options: argparse.Namespace) -> list[Installation]:
    """This library first, so that the floor finds its database."""
    folder = options.folder.resolve()
    programs = [(LIBRARY, options.sizes), (FLOOR, options.sizes), (WAGTAIL, options.peer_sizes)]
    made = [Installation(name, size, folder, options.postgres) for name, sizes in programs for size in sizes]
    if options.beside:
        code = options.beside.resolve(strict=True)
        made += [Installation(BEFORE, size, folder, options.postgres, code) for size in options.sizes]
    return made


def arguments() -> argparse.Namespace:
    def sizes(text: str) -> list[int]:
        return [int(size) for size in text.split(",") if size]

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=sizes, default="10000,100000", help="assets, separated by commas")
    parser.add_argument("--peer-sizes", type=sizes, default="10000,100000", help="of Wagtail; empty: without it")
    parser.add_argument("--beside", type=Path, help="folder of another checkout, measured in the same run")
    parser.add_argument("--postgres", default="", help="address of a database that need not exist: a prefix of names")
    parser.add_argument("--cases", default="", help="a regular expression; without it, all cases")
    parser.add_argument("--seconds", type=float, default=5, help="that one case of one site may take")
    parser.add_argument("--folder", type=Path, default=Path("var/benchmarks"))
    parser.add_argument("--json", type=Path, help="a file for all figures")
    parser.add_argument("--drop", action="store_true", help="remove the databases afterwards")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    installations = wanted(options)
    results = run(installations, options)
    for table in (own_table(results), comparison(results), floor_lines(results)):
        say(["", *table])
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))
    if options.drop:
        for installation in installations:
            installation.drop()


if __name__ == "__main__":
    main()
