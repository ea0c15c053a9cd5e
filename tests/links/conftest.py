from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from assets.links import schedule
from assets.models import LinkHost, StoredFile
from tests.support.factories import a_link


@pytest.fixture(autouse=True)
def _quick(settings):
    settings.LINK_RETRY_SECONDS = 0
    settings.LINK_TIMEOUT = 0.5


@pytest.fixture
def stored(segmind) -> Callable[..., list[StoredFile]]:
    """Makes files that are stored and verified at the server."""

    def make(count: int, **fields) -> list[StoredFile]:
        return [a_link(segmind, **fields) for _ in range(count)]

    return make


def check_links() -> None:
    """Check all links, twice if needed."""
    list(schedule.check_all(StoredFile.objects.stored()))


def statuses() -> list[str]:
    return list(StoredFile.objects.order_by("created_at").values_list("link_status", flat=True))


def make_due() -> None:
    StoredFile.objects.update(link_check_at=timezone.now() - timedelta(minutes=1))
    LinkHost.objects.update(free_at=timezone.now())
