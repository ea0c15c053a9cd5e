import pytest
from django.test import Client

from tests.conftest import client_of
from tests.support.factories import an_administrator


@pytest.fixture
def as_root(db) -> Client:
    return client_of(an_administrator())
