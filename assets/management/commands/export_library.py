from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from assets.text.formats import format_size
from assets.transfer.archive import ArchiveError
from assets.transfer.export import export_library


class Command(BaseCommand):
    help = "Write the whole library to one archive. docs/archive.md describes its format."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("archive", type=Path, metavar="ARCHIVE", help="the file to write, such as library.tar")
        parser.add_argument("--originals", action="store_true", help="include originals and previews")

    def handle(self, *args: object, archive: Path, originals: bool, **options: object) -> None:
        try:
            result = export_library(archive, with_files=originals, now=timezone.now())
        except ArchiveError as error:
            raise CommandError(str(error)) from None
        for name, count in result.rows.items():
            self.stdout.write(f"{name}: {count}")
        self.stdout.write(f"files: {result.files}")
        for sentence in result.left_out:
            self.stderr.write(sentence)
        self.stdout.write(f"Exported {format_size(archive.stat().st_size)} to {archive}. Keep the archive private.")
