from collections.abc import Iterator
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from assets.text.formats import pluralise
from assets.transfer.archive import ArchiveError
from assets.transfer.import_ import ImportResult, import_library
from assets.transfer.import_lock import BusyError
from assets.transfer.merge import MergeReport

MAX_NAMES = 20


class Command(BaseCommand):
    help = "Add an archive of export_library to this library. What is already here does not change."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("archive", type=Path, metavar="ARCHIVE")
        parser.add_argument("--dry-run", action="store_true", help="show what would happen, without changing anything")

    def handle(self, *args: object, archive: Path, dry_run: bool, **options: object) -> None:
        try:
            result = import_library(archive, now=timezone.now(), dry_run=dry_run)
        except (ArchiveError, BusyError) as error:
            raise CommandError(str(error)) from error  # --traceback shows the cause
        for line in _describe(result):
            self.stdout.write(line)
        if dry_run:
            self.stdout.write("Nothing was changed.")


def _describe(result: ImportResult) -> Iterator[str]:
    exported_at = result.manifest.exported_at[:19].replace("T", " ")
    yield f"Archive of {exported_at}, written by version {result.manifest.application_version}."
    for name, (new, known) in (result.counts | {"files": result.files}).items():
        yield f"{name}: {new} new, {known} already here"
    yield from _describe_unsent_files(result.report)
    yield from _describe_new_people(result.report)
    if names := result.report.unlike_usernames:
        yield (
            f"{_list_names(names)}: the e-mail address here is not that of the archive. If they are different people, "
            "give the one here another username and start again: their private assets go to whoever has the name."
        )
    if result.lacks_previews:
        yield "Some files have no preview. Run python manage.py make_previews to make them."


def _describe_unsent_files(report: MergeReport) -> Iterator[str]:
    if report.queued:
        yield f"{pluralise(report.queued, 'file')} not sent to Segmind yet: queued."
    if report.without_original:
        files = pluralise(report.without_original, "file")
        yield f"{files} not sent to Segmind, and not in the archive: marked as failed. Upload the same files again."


def _describe_new_people(report: MergeReport) -> Iterator[str]:
    if not report.new_usernames:
        return
    people = pluralise(len(report.new_usernames), "new person", "new people")
    administrators = pluralise(report.new_administrators, "administrator")
    yield (
        f"{people} ({administrators}) cannot sign in without a password. Create links at /people/, or use "
        "python manage.py changepassword NAME."
    )
    yield _list_names(report.new_usernames)


def _list_names(names: list[str]) -> str:
    more = len(names) - MAX_NAMES
    return ", ".join(names[:MAX_NAMES]) + (f" and {more} more" if more > 0 else "")
