"""What the result of a link check means, and when the next check is due.

- A link that leads to its file is verified at once.
- Any other result counts once two checks in a row agree. The second one follows soon, later ones after growing pauses.
- An unreachable host says nothing about a link that was broken or changed before.
"""

import random
from datetime import datetime, timedelta

from django.conf import settings

from assets.models import LinkStatus, StoredFile
from assets.models.links import LOST, LinkCheck

# Checks in a row that must agree.
CONFIRMED_AFTER = 2
MAX_REPEATS = 1000
# Spreads the checks of links that were stored at the same moment.
JITTER = 0.1
MIN_HOST_PAUSE = timedelta(minutes=1)
MAX_HOST_PAUSE = timedelta(hours=6)
MAX_DOUBLINGS = 15
RANDOM = random.SystemRandom()


def apply_result(file: StoredFile, result: LinkStatus, now: datetime) -> LinkCheck:
    """What is known about a link after a check with this result."""
    repeats = file.link_looks + 1 if file.link_finding == result else 1
    status = LinkStatus(file.link_status)
    is_hiding_loss = result == LinkStatus.UNREACHABLE and status in LOST
    if result == LinkStatus.VERIFIED or (repeats >= CONFIRMED_AFTER and not is_hiding_loss):
        status = result
    return LinkCheck(status, result, min(repeats, MAX_REPEATS), next_check_at(result, repeats, now))


def apply_first_result(result: LinkStatus, now: datetime) -> LinkCheck:
    """The same for a new URL, whose first result counts at once."""
    return LinkCheck(result, result, 1, next_check_at(result, 1, now))


def next_check_at(result: LinkStatus, repeats: int, now: datetime) -> datetime | None:
    """When to check again after this many checks with this result, or None for never."""
    interval = check_interval()
    if result == LinkStatus.VERIFIED or (interval is None and repeats >= CONFIRMED_AFTER):
        return now + interval * RANDOM.uniform(1 - JITTER, 1 + JITTER) if interval else None
    pause = timedelta(seconds=settings.LINK_RETRY_SECONDS) * float(4 ** min(repeats - 1, MAX_DOUBLINGS))
    return now + min(pause, interval or pause) * RANDOM.uniform(1, 1 + JITTER)


def check_interval() -> timedelta | None:
    """The time between checks of a verified link, or None if links are only checked on request."""
    return timedelta(days=settings.LINK_CHECK_DAYS) if settings.LINK_CHECK_DAYS else None


def host_pause(failures: int) -> timedelta:
    """How long a host is left alone that was unavailable this many times in a row."""
    if not failures:
        return timedelta()
    return min(MIN_HOST_PAUSE * float(2 ** min(failures - 1, MAX_DOUBLINGS)), MAX_HOST_PAUSE)
