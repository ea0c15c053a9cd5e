"""Rules of when and how much to send, without a database, a network or a clock: `now` is an argument.

Times are aware datetimes, sizes are bytes of the encoded request body.
"""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

LONGEST_PAUSE = timedelta(minutes=10)
LONGEST_LINGER = timedelta(seconds=5)
# Requests are counted by the server's clock, not by ours.
CLOCK_MARGIN = timedelta(seconds=1)
# A file is given up only after both: so many attempts, and so long a time.
MOST_ATTEMPTS = 10
LONGEST_WAIT = timedelta(days=3)
# An answer that claims success and has no URL may have stored the file; to go on asking would go on storing.
MOST_UNCLEAR_ATTEMPTS = 5
LONGEST_UNCLEAR_WAIT = timedelta(minutes=15)


class Sized(Protocol):
    @property
    def encoded_size(self) -> int: ...


SizedT = TypeVar("SizedT", bound=Sized)
FileT = TypeVar("FileT")


def pack(files: Sequence[SizedT], *, most_bytes: int, most_files: int) -> list[SizedT]:
    """The files of the next request, in their order.

    The first always goes, alone where it is larger than a request may be, so nothing starves; a file that does
    not fit beside the others is passed over, so it holds up none behind it.
    """
    packed: list[SizedT] = []
    room = most_bytes
    for file in files:
        if len(packed) == most_files:
            break
        if not packed or file.encoded_size <= room:
            packed.append(file)
            room -= file.encoded_size
    return packed


def half(files: Sequence[FileT]) -> list[FileT]:
    """The first half, the larger one where they are odd."""
    return list(files[: (len(files) + 1) // 2])


def lingers_until(arrivals: Sequence[datetime], *, linger: timedelta, now: datetime) -> datetime | None:
    """Until when files that have just arrived wait for others of the same burst; None where they need not.

    A burst ends when nothing has arrived for `linger`; the first of it waits for no longer than LONGEST_LINGER.
    """
    if not arrivals:
        return None
    until = min(max(arrivals) + linger, min(arrivals) + LONGEST_LINGER)
    return until if until > now else None


def window_opens_at(
    finished: Sequence[datetime], *, still_open: int, limit: int, window: timedelta, now: datetime
) -> datetime | None:
    """When one more request keeps within `limit` per `window`; None where that waits for an open one.

    `finished`: ends of the requests of the last window; `still_open`: how many are going on. A request counts
    from its start to a window after its end, since it is not known at which moment of it the server counts.
    """
    if still_open >= limit:
        return None
    surplus = len(finished) + still_open - limit
    if surplus < 0:
        return now
    return max(now, sorted(finished)[surplus] + window)


def finishes_at(
    requests: int, *, ends: Sequence[datetime], limit: int, window: timedelta, lasting: timedelta, now: datetime
) -> datetime:
    """When the last of so many further requests has ended, one after the other and within the rate.

    `ends`: of the requests of the last window, known or expected.
    """
    recent, moment = sorted(ends)[-limit:], now
    for _ in range(requests):
        if len(recent) >= limit:
            moment = max(moment, recent[-limit] + window)
        moment += lasting
        recent.append(moment)
    return moment


def back_off(failures: int, *, first: timedelta, seed: object) -> timedelta:
    """The pause after so many failures in a row: doubling, at most ten minutes, and up to a quarter longer.

    The same `seed` gives the same pause, so that whoever asks gets one answer.
    """
    pause = min(first * 2 ** min(failures - 1, 30), LONGEST_PAUSE)
    return pause * (1 + random.Random(str(seed)).random() / 4)  # noqa: S311  (spreads load, hides nothing)


def gives_up(*, attempts: int, waited: timedelta, unclear: bool) -> bool:
    """Whether a file that failed again is not tried any more."""
    if unclear:
        return attempts >= MOST_UNCLEAR_ATTEMPTS and waited >= LONGEST_UNCLEAR_WAIT
    return attempts >= MOST_ATTEMPTS and waited >= LONGEST_WAIT
