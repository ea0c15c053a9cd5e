import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from assets import maintenance
from assets.audit.log import audit_context


class Command(BaseCommand):
    help = (
        "Compare rows and files, and with --links what the URLs lead to, and say what does not fit. "
        "Exit status 1 where something is left that does not."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="mend what can be mended")
        parser.add_argument(
            "--links", action="store_true", help="ask the hosts of all URLs too; to heal: check_links --heal"
        )
        parser.add_argument("--json", action="store_true", dest="as_json", help="the report as JSON")

    def handle(self, *args: Any, repair: bool, links: bool, as_json: bool, **options: Any) -> None:
        looked_at = maintenance.count_checked(with_links=links)
        found = []
        for problem in maintenance.find_problems(timezone.now(), with_links=links):
            is_repaired = repair and problem.repair is not None
            if repair and problem.repair is not None:
                with audit_context(name="check_library"):
                    problem.repair()
            found.append({"what": problem.what, "where": problem.where, "repaired": is_repaired})
            if not as_json:
                self.stdout.write(f"{'repaired' if is_repaired else 'found'}: {problem.what}: {problem.where}")
        left = sum(not finding["repaired"] for finding in found)
        if as_json:
            self.stdout.write(json.dumps({"looked_at": looked_at, "findings": found, "left": left}))
        else:
            self.say(looked_at, len(found), left)
        if left:
            sys.exit(1)

    def say(self, looked_at: dict[str, int], found: int, left: int) -> None:
        counted = ", ".join(f"{count} {name}" for name, count in looked_at.items())
        if found:
            self.stdout.write(f"{counted}: {found} findings, {left} left.")
        else:
            names = "Rows, files and links" if "links" in looked_at else "Rows and files"
            self.stdout.write(f"{names} fit together: {counted}.")
