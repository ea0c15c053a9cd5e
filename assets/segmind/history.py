"""The history of a key's requests to models, a page at a time. The key goes to SEGMIND_HISTORY_URL alone.

Source: the official SDK 1.3.0, `generations.history()`. The shape of what comes is left to others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

import requests
from django.conf import settings

from assets.segmind.client import connection_error, request_with_key
from assets.segmind.http import Deadline
from assets.segmind.responses import parse_time, read_json

TIMEOUT = 60  # seconds
# Bodies of requests may hold whole files.
MAX_BYTES = 30_000_000


@dataclass(frozen=True)
class Answer:
    """`at`: what the clock of Segmind says, if it does."""

    document: object
    at: datetime | None


def fetch_page(*, first: date, last: date, page: int, per_page: int) -> Answer:
    """A page of the requests of these days, oldest first. Raises a SegmindError; redirects are not followed."""
    parameters: Mapping[str, object] = {
        "page": page,
        "per_page": per_page,
        "from_date": first.isoformat(),
        "to_date": last.isoformat(),
        "sort_by": "model_created",
        "sort_order": "asc",
    }
    url = f"{settings.SEGMIND_HISTORY_URL}?{urlencode(parameters)}"
    deadline = Deadline(min(TIMEOUT, settings.SEGMIND_READ_TIMEOUT))
    try:
        with request_with_key("GET", url, {"accept": "application/json"}, deadline=deadline) as response:
            document = read_json(response, max_bytes=MAX_BYTES)
            return Answer(document, parse_time(response.headers.get("date", ""), relative=False))
    except requests.RequestException as error:
        raise connection_error(error) from None
