import io
import os
import sys
import time
from argparse import ArgumentTypeError
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assets.trial.attempt import Result
from assets.trial.process import TrialError
from assets.trial.report import HEADER, Summary, format_line, write_table
from assets.trial.run import Trial

MAX_PROCESSES = 32


def existing_folder(text: str) -> Path:
    if not Path(text).is_dir():
        raise ArgumentTypeError(f"{text} is not a folder.")
    return Path(text).absolute()


def process_count(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= MAX_PROCESSES:
        raise ArgumentTypeError(f"{text} is not a number from 1 to {MAX_PROCESSES}.")
    return int(text)


def _open_table(path: Path | None) -> IO[str]:
    if path is None:
        return io.StringIO()
    try:
        return path.open("w", newline="", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"The table cannot be written to {path}: {error.strerror}.") from None


class Command(BaseCommand):
    help = (
        "Try a folder of any files: each is received and shown as an uploaded one is, in a library that is thrown away "
        "afterwards. Nothing is sent, and the folder is only read. Exits with 1 if the library failed at a file."
    )
    requires_system_checks = ()  # of the real library, nothing but limits is used

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=existing_folder, metavar="FOLDER", help="with its subfolders")
        parser.add_argument("--csv", type=Path, metavar="FILE", help="write the table to this file too")
        parser.add_argument(
            "--processes",
            type=process_count,
            default=min(os.cpu_count() or 1, MAX_PROCESSES),
            help="how many files at once (%(default)s)",
        )

    def handle(self, *args: object, folder: Path, csv: Path | None, processes: int, **options: object) -> None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")  # for names that the terminal cannot show
        summary = Summary()
        try:
            with _open_table(csv) as table, Trial(processes) as trial:
                started = time.monotonic()
                table.writelines(write_table(self._report(trial.try_folder(folder), summary)))
        except TrialError as error:
            raise CommandError(str(error)) from None
        self.stdout.write("\n" + "\n".join(summary.lines(time.monotonic() - started)))
        if csv:
            self.stdout.write(f"The table is in {csv}.")
        if summary.answers["failed"]:
            sys.exit(1)

    def _report(self, results: Iterable[Result], summary: Summary) -> Iterator[Result]:
        """Print each as it passes."""
        self.stdout.write(HEADER)
        for result in results:
            summary.add(result)
            self.stdout.write(format_line(result))
            yield result
