from collections.abc import Callable

import pytest
from django.test import Client

from assets.models import Share
from tests.shares.steps import make_share

# What a browser says of itself: programs are not counted as visitors.
BROWSER = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/145.0"}


@pytest.fixture
def visitor(db) -> Client:
    """Somebody without an account."""
    return Client(headers=BROWSER)


@pytest.fixture
def share_of(as_ana) -> Callable[..., tuple[Share, str]]:
    """Makes a share of assets as Ana; returns it with the path of its link."""
    return lambda *assets, **fields: make_share(as_ana, *assets, **fields)
