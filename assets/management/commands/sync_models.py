from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from assets.catalogue.sync import sync
from assets.text.formats import pluralise


class Command(BaseCommand):
    help = "Read Segmind's lists of models, and bring the catalogue up to date."

    def handle(self, *args: Any, **options: Any) -> None:
        report = sync(timezone.now())
        for remark in report.remarks:
            self.stderr.write(remark)
        if not report.listed:
            raise CommandError("No list could be read. The catalogue is as it was.")
        listed = pluralise(report.listed, "model")
        self.stdout.write(f"{listed} listed, {report.added} new, {report.retired} retired.")
