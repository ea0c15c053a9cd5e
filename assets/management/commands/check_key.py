import json
import sys
from dataclasses import dataclass

from django.core.management.base import BaseCommand, CommandParser

from assets.segmind import client
from assets.segmind.client import key_fingerprint
from assets.segmind.responses import AccountError, SegmindError

EXIT_STATUS = {True: 0, False: 1, None: 2}


@dataclass(frozen=True)
class KeyCheck:
    """`is_accepted` is None if that could not be found out, for a `reason`."""

    is_accepted: bool | None
    credits: float | None = None
    reason: str | None = None


class Command(BaseCommand):
    help = (
        "Check whether Segmind accepts the API key and how many credits it has, without an upload. "
        "Exits with 1 if the key is refused, with 2 if that could not be found out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json", help="print JSON")

    def handle(self, *args: object, as_json: bool, **options: object) -> None:
        check = _check_key()
        self.stdout.write(json.dumps(_as_json(check)) if as_json else _describe(check))
        if check.is_accepted is not True:
            sys.exit(EXIT_STATUS[check.is_accepted])


def _check_key() -> KeyCheck:
    try:
        return KeyCheck(is_accepted=True, credits=client.credits_left())
    except AccountError as error:
        return KeyCheck(is_accepted=False, reason=error.message)
    except SegmindError as error:
        return KeyCheck(is_accepted=None, reason=error.message)


def _as_json(check: KeyCheck) -> dict[str, object]:
    return {
        "fingerprint": key_fingerprint(),
        "works": check.is_accepted,
        "credits": check.credits,
        "reason": check.reason,
    }


def _describe(check: KeyCheck) -> str:
    key = f"API key with the fingerprint {key_fingerprint()}"
    if check.is_accepted is None:
        return f"The {key} could not be checked: {check.reason}"
    if not check.is_accepted:
        return f"Segmind refuses the {key}: {check.reason}"
    if check.credits is None:
        return f"Segmind accepts the {key}."
    return f"Segmind accepts the {key}. It has {check.credits:,g} credits left."
