import json
import sys
from collections.abc import Mapping

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from assets import maintenance
from assets.audit.log import audit_context
from assets.maintenance import Problem
from assets.text.formats import pluralise


class Command(BaseCommand):
    help = (
        "Compare the database with the files and, with --links, every URL with its file. "
        "Exits with 1 if a problem is left."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="repair what can be repaired")
        parser.add_argument("--links", action="store_true", help="check links too; --repair re-uploads broken ones")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print a report as JSON")

    def handle(self, *args: object, repair: bool, links: bool, as_json: bool, **options: object) -> None:
        checked = maintenance.count_checked(with_links=links)
        problems = []
        for problem in maintenance.find_problems(timezone.now(), with_links=links):
            is_repaired = repair and _repair(problem)
            problems.append({"what": problem.what, "where": problem.where, "repaired": is_repaired})
            if not as_json:
                self.stdout.write(f"{'Repaired' if is_repaired else 'Found'} {problem.what}: {problem.where}")
        left = sum(not problem["repaired"] for problem in problems)
        if as_json:
            self.stdout.write(json.dumps({"checked": checked, "problems": problems, "left": left}))
        else:
            self.stdout.write(_summarise(checked, len(problems), left))
        if left:
            sys.exit(1)


def _repair(problem: Problem) -> bool:
    if problem.repair is None:
        return False
    with audit_context(name="check_library"):
        problem.repair()
    return True


def _summarise(checked: Mapping[str, int], problems: int, left: int) -> str:
    counts = ", ".join(pluralise(count, name.removesuffix("s")) for name, count in checked.items())
    if not problems:
        return f"No problems found. Checked {counts}."
    return f"{pluralise(problems, 'problem')} found, {left} left. Checked {counts}."
