import json
import sys
from dataclasses import asdict, dataclass
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from tqdm import tqdm

from assets.audit.log import audit_context
from assets.delivery import requeue
from assets.delivery.requeue import get_reupload_error, reupload
from assets.links import schedule
from assets.models import LinkStatus, StoredFile


@dataclass(frozen=True)
class Problem:
    """A link that does not lead to its file; `next` is what becomes of it, in words."""

    id: str
    url: str
    status: str
    next: str


class Command(BaseCommand):
    help = (
        "Look at stored URLs, by default at those that are due, and say which do not lead to their file. "
        "Exit status 1 where one is left that does not and is not being uploaded again, or could not be looked at."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--all", action="store_true", dest="every", help="look at every URL")
        which.add_argument("--broken", action="store_true", help="look at those found broken or changed before")
        parser.add_argument("--heal", action="store_true", help="upload what is broken or changed again")
        parser.add_argument("--json", action="store_true", dest="as_json", help="the report as JSON")

    def handle(self, *args: Any, every: bool, broken: bool, heal: bool, as_json: bool, **options: Any) -> None:
        files = StoredFile.objects.stored()
        if broken:
            files = files.lost()
        elif not every:
            files = files.filter(link_check_at__lte=timezone.now())
        total, counts, found = files.count(), dict.fromkeys(LinkStatus.values, 0), []
        with tqdm(total=total, unit="link", disable=not sys.stderr.isatty()) as bar:
            for file in schedule.check_all(files):
                bar.update()
                counts[file.link_status] += 1
                if file.link_status != LinkStatus.VERIFIED:
                    found.append(file.pk)
        with audit_context(name="check_links"):
            healed = reupload(StoredFile.objects.filter(pk__in=found)) if heal else 0
        problems = [self.problem(file) for file in StoredFile.objects.filter(pk__in=found).order_by("pk")]
        left = total - sum(counts.values())
        report = {"links": total, **counts, "not_looked_at": left, "healed": healed}
        if as_json:
            self.stdout.write(json.dumps(report | {"problems": [asdict(problem) for problem in problems]}))
        else:
            self.say(report, problems)
        if left or any(problem.next != requeue.ALREADY_QUEUED for problem in problems):
            sys.exit(1)

    def problem(self, file: StoredFile) -> Problem:
        next_step = get_reupload_error(file) or "It can be uploaded again: --heal."
        return Problem(str(file.pk), file.url, file.link_status, next_step)

    def say(self, report: dict[str, int], problems: list[Problem]) -> None:
        for problem in problems:
            self.stdout.write(f"{problem.status}: {problem.url}: {problem.next}")
        counted = ", ".join(f"{report[status]} {status}" for status in LinkStatus.values if report[status])
        self.stdout.write(f"{report['links']} links: {counted or 'nothing to look at'}")
        if report["not_looked_at"]:
            self.stdout.write(
                f"{report['not_looked_at']} could not be looked at: their host is away, being asked, or unsteady."
            )
        if report["healed"]:
            self.stdout.write(f"{report['healed']} are being uploaded again.")
