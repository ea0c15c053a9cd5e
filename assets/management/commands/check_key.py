import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from assets.segmind import client
from assets.segmind.client import key_fingerprint
from assets.segmind.responses import AccountError, SegmindError

REFUSED, UNKNOWN = 1, 2


class Command(BaseCommand):
    help = (
        "Say whether Segmind takes the API key, and what credits it has, without uploading anything. "
        "Exit status 1 where the key is refused, 2 where that could not be found out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json", help="the same as JSON")

    def handle(self, *args: Any, as_json: bool, **options: Any) -> None:
        credits_left, reason, status = None, "", 0
        try:
            credits_left = client.credits_left()
        except AccountError as error:
            reason, status = error.message, REFUSED
        except SegmindError as error:
            reason, status = error.message, UNKNOWN
        if as_json:
            works = {0: True, REFUSED: False, UNKNOWN: None}[status]
            report = {"fingerprint": key_fingerprint(), "works": works, "credits": credits_left}
            self.stdout.write(json.dumps(report | {"reason": reason or None}))
        else:
            self.stdout.write(self.in_words(credits_left, reason, status))
        if status:
            sys.exit(status)

    def in_words(self, credits_left: float | None, reason: str, status: int) -> str:
        key = f"The key with the fingerprint {key_fingerprint()}"
        if status == REFUSED:
            return f"{key} is refused: {reason}"
        if status == UNKNOWN:
            return f"{key} could not be checked: {reason}"
        if credits_left is None:
            return f"{key} works. Segmind names no credits for it."
        return f"{key} works and has {credits_left:,g} credits."
