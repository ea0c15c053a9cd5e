import pytest

from tests.conftest import client_of
from tests.support.factories import an_administrator


@pytest.fixture
def as_root():
    return client_of(an_administrator())
