import json
from datetime import datetime

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from assets.delivery.status import get_status


class Command(BaseCommand):
    help = "Print the state of the upload queue, with the same figures as the activity page."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json", help="print the JSON of /activity/")

    def handle(self, *args: object, as_json: bool, **options: object) -> None:
        status = get_status(timezone.now())
        if as_json:
            self.stdout.write(json.dumps(status.as_json()))
            return
        self.stdout.write(f"{status.queued} waiting, {status.sending} sending, {status.failed} failed.")
        self.stdout.write(f"{status.requests_in_window} of {status.requests_per_window} requests used in this window.")
        if status.paused:
            self.stdout.write(f"Paused. {status.paused}")
            return
        if status.next_request_at:
            self.stdout.write(f"Next request at {_format(status.next_request_at)}.")
        if status.done_at:
            self.stdout.write(f"Done at about {_format(status.done_at)}.")


def _format(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%-d %b %Y, %H:%M:%S %Z}"
