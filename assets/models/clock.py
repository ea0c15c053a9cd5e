"""Notices that a clock was set, by moments that are recorded and lie in the future, or by this process's own memory."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import models

from assets.text.formats import pluralise

from .stored_files import StoredFile
from .upload_requests import UploadRequest

# Clocks of several machines may differ so much.
TOLERANCE = timedelta(minutes=1)


def _distance() -> float:
    """Between the clock that people set and one that nobody does. It only changes when somebody does."""
    return time.time() - time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


_DISTANCE_AT_START = _distance()


def future_rows(now: datetime) -> list[models.QuerySet[models.Model]]:
    """Rows of moments in the future, which only a clock that was set back can have left. Each is a look at an index."""
    after = now + TOLERANCE
    return [
        StoredFile.objects.filter(created_at__gt=after).order_by("-created_at"),
        UploadRequest.objects.filter(started_at__gt=after).order_by("-started_at"),
        UploadRequest.objects.filter(finished_at__gt=after).order_by("-finished_at"),
    ]


def get_warnings(now: datetime) -> list[str]:
    """What people should know of a clock that was set, in sentences."""
    return [*_warn_of_future(now), *_warn_of_change()]


def _warn_of_future(now: datetime) -> Iterator[str]:
    columns = ("created_at", "started_at", "finished_at")
    latest = [
        moment
        for rows, column in zip(future_rows(now), columns, strict=True)
        for moment in rows.values_list(column, flat=True)[:1]
    ]
    if latest:
        yield (
            f"The clock of this server was set back, or was wrong before: the latest upload seems to be "
            f"{_minutes((max(latest) - now).total_seconds())} in the future. Uploads go on."
        )


def was_set() -> bool:
    """Whether somebody has set the clock since this process started."""
    return abs(_distance() - _DISTANCE_AT_START) > TOLERANCE.total_seconds()


def _warn_of_change() -> Iterator[str]:
    seconds = _distance() - _DISTANCE_AT_START
    if was_set():
        direction = "forward" if seconds > 0 else "back"
        yield f"The clock of this server was set {direction} by {_minutes(abs(seconds))} since this process started."


def _minutes(seconds: float) -> str:
    return pluralise(round(seconds / 60), "minute")
