"""Rules for when and how much to send, without a database, a network or a clock: `now` is an argument.

Times are aware datetimes; sizes are bytes of the encoded request body.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

MAX_PAUSE = timedelta(minutes=10)
JITTER = 0.25
LONGEST_PAUSE = MAX_PAUSE * (1 + JITTER)
MAX_LINGER = timedelta(seconds=5)
# The server counts requests by its own clock, not ours.
CLOCK_MARGIN = timedelta(seconds=1)
# A file fails only after both this many attempts and this much time.
MAX_ATTEMPTS = 10
MAX_WAIT = timedelta(days=3)
# A response that claims success but has no URL may have stored the file, so every attempt may store it again.
MAX_ATTEMPTS_IF_STORED = 5
MAX_WAIT_IF_STORED = timedelta(minutes=15)
# Successes that are counted when a limit recovers: by then it has grown ten thousandfold.
MAX_SUCCESSES = 200


@dataclass(frozen=True)
class Rate:
    """At most `limit` requests in any `window`."""

    limit: int
    window: timedelta


class Sized(Protocol):
    @property
    def encoded_size(self) -> int: ...


SizedT = TypeVar("SizedT", bound=Sized)
FileT = TypeVar("FileT")


def pack(files: Sequence[SizedT], *, max_bytes: int, max_files: int) -> list[SizedT]:
    """The files of the next request, in their order.

    The first file always goes, alone if it is larger than a request may be, so nothing starves. A file that does not
    fit is skipped, so it does not hold up those behind it.
    """
    packed: list[SizedT] = []
    room = max_bytes
    for file in files:
        if len(packed) == max_files:
            break
        if not packed or file.encoded_size <= room:
            packed.append(file)
            room -= file.encoded_size
    return packed


def first_half(files: Sequence[FileT]) -> list[FileT]:
    """The first half, with the middle one if the number is odd."""
    return list(files[: (len(files) + 1) // 2])


def lingers_until(arrivals: Sequence[datetime], *, linger: timedelta, now: datetime) -> datetime | None:
    """How long files that have just arrived wait for others of the same burst, or None if they need not.

    A burst ends when nothing has arrived for `linger`. Its first file waits no longer than MAX_LINGER.
    """
    if not arrivals:
        return None
    until = min(max(arrivals) + linger, min(arrivals) + MAX_LINGER)
    return until if until > now else None


def window_opens_at(finished: Sequence[datetime], *, still_open: int, rate: Rate, now: datetime) -> datetime | None:
    """When one more request stays within the rate, or None if an open request has to finish first.

    `finished` are the ends of the requests in the last window, `still_open` is how many have not ended. A request
    counts from its start until a window after its end, since we do not know at which moment the server counts it.
    """
    if still_open >= rate.limit:
        return None
    surplus = len(finished) + still_open - rate.limit
    if surplus < 0:
        return now
    return max(now, sorted(finished)[surplus] + rate.window)


def finishes_at(requests: int, *, ends: Sequence[datetime], rate: Rate, duration: timedelta, now: datetime) -> datetime:
    """When the last of this many further requests ends, if they are sent one after the other within the rate.

    `ends` are those of the requests in the last window, known or expected; `duration` is that of one request.
    """
    recent, moment = sorted(ends)[-rate.limit :], now
    for _ in range(requests):
        if len(recent) >= rate.limit:
            moment = max(moment, recent[-rate.limit] + rate.window)
        moment += duration
        recent.append(moment)
    return moment


def back_off(failures: int, *, first: timedelta, seed: object) -> timedelta:
    """The pause after this many failures in a row: doubling up to ten minutes, plus up to a quarter.

    The same `seed` gives the same pause, so that every worker computes the same.
    """
    doublings = min(failures - 1, 30)
    jitter = zlib.crc32(str(seed).encode()) / 2**32 * JITTER
    return min(first * float(2**doublings), MAX_PAUSE) * (1 + jitter)


def recover_limit(refused: int, *, successes: int, limit: int) -> int:
    """The size to try after one was refused: half of it, and a twentieth more for each success since."""
    return min(int(refused / 2 * 1.05 ** min(successes, MAX_SUCCESSES)), limit)


def may_retry(*, attempts: int, waited: timedelta, may_be_stored: bool) -> bool:
    """Whether a file that failed again is sent once more."""
    if may_be_stored:
        return attempts < MAX_ATTEMPTS_IF_STORED or waited < MAX_WAIT_IF_STORED
    return attempts < MAX_ATTEMPTS or waited < MAX_WAIT
