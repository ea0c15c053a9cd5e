from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from assets.models import StoredFile
from assets.previews.render import make_preview


class Command(BaseCommand):
    help = "Have the worker make the previews of files that are in the library already."

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--missing", action="store_true", help="of files that have none yet; what it does anyway")
        which.add_argument("--all", action="store_true", dest="again", help="of every file, again where it has one")

    def handle(self, *args: Any, again: bool, **options: Any) -> None:
        files = StoredFile.objects.previewable()
        if not again:
            files = files.without_preview()
        count = 0
        for pk in files.oldest_first().values_list("pk", flat=True).iterator():
            make_preview.enqueue(str(pk), again=again)
            count += 1
        self.stdout.write(f"{count} previews will be made.")
