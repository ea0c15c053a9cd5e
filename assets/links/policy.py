"""What a look at a link tells of it, and when it is looked at again.

- What leads to its file is verified, at once.
- What does not is believed when two looks in a row have found the same: the second comes soon, later ones after
  growing pauses.
- That a host could not be reached says nothing of a link that was found broken or changed before.
"""

import random
from datetime import datetime, timedelta

from django.conf import settings

from assets.models import LinkStatus, StoredFile
from assets.models.links import LOST, Look

# Looks in a row that have to find the same.
BELIEVED_AFTER = 2
# By how much the looks at links that were stored in one moment spread.
JITTER = 0.1
FIRST_PAUSE_OF_A_HOST = timedelta(minutes=1)
LONGEST_PAUSE_OF_A_HOST = timedelta(hours=6)


def seen(file: StoredFile, finding: LinkStatus, now: datetime) -> Look:
    """What is known of a link after this look."""
    times = file.link_looks + 1 if file.link_finding == finding else 1
    status = LinkStatus(file.link_status)
    hides_worse = finding == LinkStatus.UNREACHABLE and status in LOST
    if finding == LinkStatus.VERIFIED or (times >= BELIEVED_AFTER and not hides_worse):
        status = finding
    return Look(status, finding, min(times, 1000), next_look(finding, times, now))


def taken_at_its_word(file: StoredFile, finding: LinkStatus, now: datetime) -> Look:
    """The same for a new URL, of which nothing was known."""
    return Look(finding, finding, 1, next_look(finding, 1, now))


def next_look(finding: LinkStatus, times: int, now: datetime) -> datetime | None:
    """When to look again, after so many looks that found this; None: never."""
    longest = usual_pause()
    if finding == LinkStatus.VERIFIED or (longest is None and times >= BELIEVED_AFTER):
        return now + longest * random.uniform(1 - JITTER, 1 + JITTER) if longest else None  # noqa: S311  (no secret)
    pause = timedelta(seconds=settings.LINK_RETRY_SECONDS) * 4 ** min(times - 1, 15)
    return now + min(pause, longest or pause) * random.uniform(1, 1 + JITTER)  # noqa: S311


def usual_pause() -> timedelta | None:
    """How long a verified link is left alone; None where links are looked at only when somebody asks for it."""
    return timedelta(days=settings.LINK_CHECK_DAYS) if settings.LINK_CHECK_DAYS else None


def pause_of_host(failures: int) -> timedelta:
    """How long a host is left alone that was away so many times in a row; it is asked at once where it was not."""
    if not failures:
        return timedelta()
    return min(FIRST_PAUSE_OF_A_HOST * 2 ** min(failures - 1, 15), LONGEST_PAUSE_OF_A_HOST)
