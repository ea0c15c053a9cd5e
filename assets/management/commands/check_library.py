import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from assets import maintenance
from assets.audit.log import audit_context
from assets.maintenance import Problem
from assets.text.formats import pluralise
from assets.text.well_formed import printable_path
from assets.transfer import import_lock


class Command(BaseCommand):
    help = (
        "Compare the database with the files and, with --links, every URL with its file. Repairs delete nothing: files "
        "that the database does not know move to the folder quarantine. Exits with 1 if a problem is left."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="repair what can be repaired")
        parser.add_argument("--force", action="store_true", help="repair even if the database looks like an older copy")
        parser.add_argument("--links", action="store_true", help="check links too; --repair re-uploads broken ones")
        parser.add_argument(
            "--hashes", action="store_true", help="read every original; --repair restores damaged ones from their URLs"
        )
        parser.add_argument("--json", action="store_true", dest="as_json", help="print a report as JSON")

    def handle(
        self, *args: object, repair: bool, force: bool, links: bool, hashes: bool, as_json: bool, **options: object
    ) -> None:
        now = timezone.now()
        with _refusals(), import_lock.repairing() if repair else nullcontext():
            if repair and not force:
                maintenance.require_plausible_files(now)
            checked = maintenance.count_checked(with_links=links)
            findings = []
            for problem in maintenance.find_problems(now, with_links=links, with_hashes=hashes):
                findings.append(_repair(problem) if repair else Finding(problem.what, problem.where))
                if not as_json:
                    self.stdout.write(printable_path(findings[-1]))
        left = sum(not finding.repaired for finding in findings)
        if as_json:
            problems = [asdict(finding) for finding in findings]
            self.stdout.write(json.dumps({"checked": checked, "problems": problems, "left": left}))
        else:
            self.stdout.write(_summarise(checked, len(findings), left))
        if left:
            sys.exit(1)


@dataclass(frozen=True)
class Finding:
    """A problem and what became of it; `note` says what was done, or why nothing was."""

    what: str
    where: str
    repaired: bool = False
    note: str = ""

    def __str__(self) -> str:
        return f"{'Repaired' if self.repaired else 'Found'} {self.what}: {self.where}{self.note and ': '}{self.note}"


@contextmanager
def _refusals() -> Iterator[None]:
    """Say in a sentence why nothing is repaired."""
    try:
        yield
    except (maintenance.SuspectDatabaseError, import_lock.BusyError) as error:
        raise CommandError(str(error)) from None


def _repair(problem: Problem) -> Finding:
    if problem.repair is None:
        return Finding(problem.what, problem.where)
    try:
        with audit_context(name="check_library"):
            note = problem.repair()
    except (maintenance.NotRepairedError, OSError) as error:  # a full disk, for example; the others go on
        return Finding(problem.what, problem.where, note=str(error))
    return Finding(problem.what, problem.where, repaired=True, note=note if isinstance(note, str) else "")


def _summarise(checked: Mapping[str, int], problems: int, left: int) -> str:
    counts = ", ".join(pluralise(count, name.removesuffix("s")) for name, count in checked.items())
    if not problems:
        return f"No problems found. Checked {counts}."
    return f"{pluralise(problems, 'problem')} found, {left} left. Checked {counts}."
