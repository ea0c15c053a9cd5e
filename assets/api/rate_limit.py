"""How many requests a token may make. Each web process counts for itself, in memory: it costs no query."""

import threading
import time
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

WINDOW_SECONDS = 60


@dataclass(frozen=True)
class Allowance:
    """What is left in this minute, and when the next one begins; negative: this request is one too many."""

    limit: int
    left: int
    seconds: int

    def as_headers(self) -> dict[str, str]:
        """Those of draft-ietf-httpapi-ratelimit-headers."""
        return {
            "RateLimit-Policy": f'"token";q={self.limit};w={WINDOW_SECONDS}',
            "RateLimit": f'"token";r={max(0, self.left)};t={self.seconds}',
        }


class _Counter:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute = 0
        self._counts: dict[UUID, int] = {}

    def count(self, key: UUID, minute: int) -> int:
        with self._lock:
            if minute != self._minute:
                self._minute, self._counts = minute, {}
            self._counts[key] = self._counts.get(key, 0) + 1
            return self._counts[key]


_counter = _Counter()


def take(token: UUID) -> Allowance:
    minute, passed = divmod(time.monotonic(), WINDOW_SECONDS)
    limit = settings.API_REQUESTS_PER_MINUTE
    return Allowance(limit, limit - _counter.count(token, int(minute)), WINDOW_SECONDS - int(passed))
