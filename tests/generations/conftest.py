from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from assets.models import GenerationHistory
from tests.support.history import History


@pytest.fixture
def history(segmind, transactional_db) -> History:
    """A history that is switched on, and has not been read."""
    GenerationHistory.objects.update_or_create(pk=1, defaults={"is_on": True})
    return History(segmind)


@pytest.fixture
def later() -> Callable[..., None]:
    """Lets time pass for the reading: all its moments move into the past."""

    def pass_time(**by: float) -> None:
        passed = timedelta(**by)
        for name in ("next_read_at", "leased_until", "read_far_at", "read_until", "last_read_at"):
            GenerationHistory.objects.update(**{name: F(name) - passed})

    return pass_time


@pytest.fixture
def read(work, history, later) -> Callable[[], GenerationHistory]:
    """Reads the history as if it were an hour later."""

    def read_now() -> GenerationHistory:
        GenerationHistory.objects.update(next_read_at=timezone.now(), leased_until=timezone.now())
        work()
        return GenerationHistory.objects.get()

    return read_now
