import pytest

from assets.models import Role
from tests.conftest import client_of
from tests.support.factories import a_user, an_administrator


@pytest.fixture
def as_root():
    return client_of(an_administrator())


@pytest.fixture
def as_viewer(db):
    return client_of(a_user("vera", role=Role.VIEWER))


@pytest.fixture
def as_manager(db):
    return client_of(a_user("max", role=Role.MANAGER))
