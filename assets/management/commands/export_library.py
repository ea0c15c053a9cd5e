from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from assets.transfer.archive import ArchiveError
from assets.transfer.export import export_library


class Command(BaseCommand):
    help = "Write everything in the library to one archive, described in docs/archive.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("archive", type=Path, metavar="ARCHIVE", help="the file to write, such as library.tar")
        parser.add_argument(
            "--originals", action="store_true", help="with the originals and previews that are kept here"
        )

    def handle(self, *args: Any, archive: Path, originals: bool, **options: Any) -> None:
        try:
            exported = export_library(archive, with_files=originals, now=timezone.now())
        except ArchiveError as error:
            raise CommandError(str(error)) from None
        for name, rows in exported.rows.items():
            self.stdout.write(f"{name}: {rows}")
        self.stdout.write(f"files: {exported.files}")
        for sentence in exported.left_out:
            self.stderr.write(sentence)
        self.stdout.write(f"{archive} is written: {archive.stat().st_size / 1_000_000:,.1f} MB. Keep it private.")
