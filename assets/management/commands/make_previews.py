from django.core.management.base import BaseCommand, CommandParser

from assets.models import StoredFile
from assets.previews.render import plan_preview
from assets.text.formats import pluralise


class Command(BaseCommand):
    help = "Queue previews for the worker to make, by default those that are missing."

    def add_arguments(self, parser: CommandParser) -> None:
        selection = parser.add_mutually_exclusive_group()
        selection.add_argument("--missing", action="store_true", help="of files without a preview (the default)")
        selection.add_argument("--all", action="store_true", dest="every", help="of every file, replacing previews")

    def handle(self, *args: object, every: bool, **options: object) -> None:
        files = StoredFile.objects.previewable()
        if not every:
            files = files.without_preview()
        count = 0
        for pk in files.oldest_first().values_list("pk", flat=True).iterator():
            plan_preview(pk, again=every)
            count += 1
        self.stdout.write(f"{pluralise(count, 'preview')} queued.")
