from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from assets.transfer.archive import ArchiveError
from assets.transfer.import_ import import_library
from assets.transfer.merge import MergeReport

MOST_NAMES = 20


class Command(BaseCommand):
    help = "Bring in an archive of `export_library`: what is not here yet, without changing what is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("archive", type=Path, metavar="ARCHIVE")
        parser.add_argument("--dry-run", action="store_true", help="say what would come of it, and change nothing")

    def handle(self, *args: Any, archive: Path, dry_run: bool, **options: Any) -> None:
        try:
            imported = import_library(archive, now=timezone.now(), dry_run=dry_run)
        except ArchiveError as error:
            raise CommandError(str(error)) from error  # --traceback shows what lies behind it
        manifest = imported.manifest
        self.stdout.write(f"Exported {manifest.exported_at[:19]} by version {manifest.application_version}.")
        for name, (new, known) in (imported.counts | {"files": imported.files}).items():
            self.stdout.write(f"{name}: {new} new, {known} here already")
        self.tell(imported.report)
        if imported.lacks_previews:
            self.stdout.write("Some files have no preview yet: python manage.py make_previews")
        if dry_run:
            self.stdout.write("Nothing was changed.")

    def tell(self, report: MergeReport) -> None:
        if report.queued:
            self.stdout.write(f"{report.queued} files were still to be sent, and are queued here.")
        if report.without_original:
            self.stdout.write(
                f"{report.without_original} files were still to be sent, but their originals did not come along: they "
                "are marked as failed, and can be uploaded again."
            )
        if report.new_usernames:
            names = report.new_usernames[:MOST_NAMES]
            more = len(report.new_usernames) - len(names)
            self.stdout.write(
                f"{len(report.new_usernames)} new people, {report.new_administrators} of them administrators, cannot "
                "sign in until they have a password: by a link from /people/, or python manage.py changepassword NAME"
            )
            self.stdout.write(f"{', '.join(names)}{f' and {more} more' if more else ''}")
