import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from assets.services import consistency


class Command(BaseCommand):
    help = "Compare rows and files, and say what does not fit. Exit status 1 where something is left that does not."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="mend what is found")
        parser.add_argument("--json", action="store_true", dest="as_json", help="the findings as JSON")

    def handle(self, *args: Any, repair: bool, as_json: bool, **options: Any) -> None:
        found = []
        for finding in consistency.findings(timezone.now()):
            if repair:
                finding.mend()
            found.append({"what": finding.what, "where": finding.where, "repaired": repair})
            if not as_json:
                self.stdout.write(f"{'repaired' if repair else 'found'}: {finding.what}: {finding.where}")
        if as_json:
            self.stdout.write(json.dumps({"findings": found}))
        elif not found:
            self.stdout.write("Rows and files fit together.")
        if found and not repair:
            sys.exit(1)
