import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from assets.delivery.status import get_status


class Command(BaseCommand):
    help = "Say what the upload queue is doing: the numbers of the activity page."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="the same as /activity/ answers to programs"
        )

    def handle(self, *args: Any, as_json: bool, **options: Any) -> None:
        status = get_status(timezone.now())
        if as_json:
            self.stdout.write(json.dumps(status.as_json()))
            return
        self.stdout.write(f"{status.queued} waiting, {status.sending} being sent, {status.failed} failed")
        self.stdout.write(f"{status.requests_in_window} of {status.requests_per_window} requests in the current window")
        if status.paused:
            self.stdout.write(f"Paused. {status.paused}")
        if status.next_request_at:
            self.stdout.write(f"The next request goes out at {status.next_request_at:%Y-%m-%d %H:%M:%S %Z}")
        if status.done_at:
            self.stdout.write(f"The queue is empty at about {status.done_at:%Y-%m-%d %H:%M:%S %Z}")
