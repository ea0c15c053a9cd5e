import json
import sys
from dataclasses import asdict, dataclass, field

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from tqdm import tqdm

from assets.audit.log import audit_context
from assets.delivery import requeue
from assets.delivery.requeue import get_reupload_error
from assets.links import schedule
from assets.models import LinkStatus, StoredFile
from assets.models.stored_file_queries import StoredFileQuerySet
from assets.text.formats import pluralise


@dataclass(frozen=True)
class LinkProblem:
    """A link that does not lead to its file, and what happens next, in words."""

    id: str
    url: str
    status: str
    next: str


@dataclass
class Report:
    links: int
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LinkStatus.values, 0))
    reuploaded: int = 0
    problems: list[LinkProblem] = field(default_factory=list)

    @property
    def not_checked(self) -> int:
        return self.links - sum(self.counts.values())

    @property
    def has_problem_left(self) -> bool:
        return self.not_checked > 0 or any(problem.next != requeue.ALREADY_QUEUED for problem in self.problems)

    def as_json(self) -> dict[str, object]:
        return {
            "links": self.links,
            **self.counts,
            "not_checked": self.not_checked,
            "reuploaded": self.reuploaded,
            "problems": [asdict(problem) for problem in self.problems],
        }


class Command(BaseCommand):
    help = (
        "Check the links that are due, or more with an option, and list those that do not lead to their file. "
        "Exits with 1 if one is left that is not being re-uploaded, or if one could not be checked."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        selection = parser.add_mutually_exclusive_group()
        selection.add_argument("--all", action="store_true", dest="every", help="check every link")
        selection.add_argument("--broken", action="store_true", help="check links known to be broken or changed")
        parser.add_argument("--reupload", action="store_true", help="re-upload files whose link is broken or changed")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print a report as JSON")

    def handle(
        self, *args: object, every: bool, broken: bool, reupload: bool, as_json: bool, **options: object
    ) -> None:
        report = _check(_select_files(every=every, broken=broken), reupload=reupload)
        if as_json:
            self.stdout.write(json.dumps(report.as_json()))
        else:
            self.print_report(report)
        if report.has_problem_left:
            sys.exit(1)

    def print_report(self, report: Report) -> None:
        for problem in report.problems:
            self.stdout.write(f"{problem.status}: {problem.url}: {problem.next}")
        counts = ", ".join(f"{count} {status}" for status, count in report.counts.items() if count)
        self.stdout.write(f"{pluralise(report.links, 'link')}{counts and ': '}{counts}")
        if report.not_checked:
            links = pluralise(report.not_checked, "link")
            self.stdout.write(f"{links} not checked: the host is unavailable or busy. Try again later.")
        if report.reuploaded:
            self.stdout.write(f"{pluralise(report.reuploaded, 'file is', 'files are')} being re-uploaded.")


def _select_files(*, every: bool, broken: bool) -> StoredFileQuerySet:
    files = StoredFile.objects.stored()
    if broken:
        return files.lost()
    return files if every else files.filter(link_check_at__lte=timezone.now())


def _check(files: StoredFileQuerySet, *, reupload: bool) -> Report:
    report = Report(files.count())
    failed = []
    with tqdm(total=report.links, unit="link", disable=not sys.stderr.isatty()) as bar:
        for file in schedule.check_all(files):
            bar.update()
            report.counts[file.link_status] += 1
            if file.link_status != LinkStatus.VERIFIED:
                failed.append(file.pk)
    if reupload:
        with audit_context(name="check_links"):
            lost = [file.pk for file in StoredFile.objects.filter(pk__in=failed) if not get_reupload_error(file)]
            report.reuploaded = requeue.reupload(StoredFile.objects.filter(pk__in=lost))
    report.problems = [_describe(file) for file in StoredFile.objects.filter(pk__in=failed).order_by("pk")]
    return report


def _describe(file: StoredFile) -> LinkProblem:
    next_step = get_reupload_error(file) or "Use --reupload to re-upload it."
    return LinkProblem(str(file.pk), file.url, file.link_status, next_step)
