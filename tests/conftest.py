import os
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client, TransactionTestCase
from django.utils import timezone
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from assets.catalogue import curated
from assets.delivery.run import plan_delivery
from assets.models import SegmindModel, StoredFile, UploadRequest
from tests.support import factories
from tests.support.programs import Program, a_token
from tests.support.segmind_server import DIRECTORY_PATH, MODELS_PATH, SegmindServer

# How long an example takes says more about the machine than about the code.
hypothesis_settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("unhurried")

# What is the same for every test, made by `migrate`.
CATALOGUE = {"assets_segmindmodel", "assets_modelinput", "assets_modelparameter", "assets_modellimit"}
KEPT_TABLES = {"django_content_type", "auth_permission", *CATALOGUE}


def empty_tables(_: TransactionTestCase) -> None:
    """After a test. Django's way is `flush`: it truncates every table and makes what belongs into `KEPT_TABLES` anew.

    For tables that are nearly empty, that takes many times as long as to delete their rows.
    """
    tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - KEPT_TABLES
    quote = connection.ops.quote_name
    connection.ops.execute_sql_flush([f"DELETE FROM {quote(table)}" for table in tables])
    if set(SegmindModel.objects.values_list("slug", flat=True)) != curated.slugs():
        SegmindModel.objects.all().delete()
        curated.load()


TransactionTestCase._fixture_teardown = empty_tables


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """`-n auto` starts two workers per processor: slow tests spend half of their time waiting."""
    return 2 * (os.cpu_count() or 1) if config.option.numprocesses == "auto" else None


DATABASES = {"db", "transactional_db", "live_server"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What may not use a database is the same on any."""
    for item in items:
        is_free = DATABASES.isdisjoint(getattr(item, "fixturenames", ())) and not item.get_closest_marker("django_db")
        if is_free and not issubclass(getattr(item, "cls", None) or object, TransactionTestCase):
            item.add_marker("any_database")


def pytest_unconfigure(config: pytest.Config) -> None:
    """What the processes of a run shared goes with the last of them."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(django_settings.RUN, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _test_folder() -> Iterator[None]:
    yield
    shutil.rmtree(django_settings.FOLDER, ignore_errors=True)


@pytest.fixture
def segmind(settings) -> Iterator[SegmindServer]:
    """A server that imitates Segmind Storage; fails the test if a request violated the API."""
    with SegmindServer() as server:
        settings.SEGMIND_UPLOAD_URL = server.upload_url
        settings.SEGMIND_CREDITS_URL = server.credits_url
        settings.SEGMIND_HISTORY_URL = server.history_url
        settings.SEGMIND_MODELS_URL = server.address + MODELS_PATH
        settings.SEGMIND_DIRECTORY_URL = server.address + DIRECTORY_PATH
        yield server
    assert server.violations == []


@pytest.fixture
def work(transactional_db) -> Callable[[], None]:
    """Runs every background task that is due, as the worker does."""
    return lambda: call_command("worker", "--batch")


def age_requests(**by: float) -> None:
    """Shift the times of all requests, as if so much time had passed."""
    passed = timedelta(**by)
    for row in UploadRequest.objects.all():
        row.started_at -= passed
        row.lease_expires_at -= passed
        row.finished_at = row.finished_at and row.finished_at - passed
        row.retry_at = row.retry_at and row.retry_at - passed
        row.save()
    StoredFile.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    plan_delivery(timezone.now())


@pytest.fixture
def ana(db):
    return factories.a_user("ana", first_name="Ana", last_name="Müller")


@pytest.fixture
def ben(db):
    return factories.a_user("ben")


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def as_ana(ana) -> Client:
    return client_of(ana)


@pytest.fixture
def as_ben(ben) -> Client:
    return client_of(ben)


@pytest.fixture
def upload() -> Callable:
    """Uploads files, given as (name, content), through the form; returns the JSON of the response."""

    def post(client: Client, *files: tuple[str, bytes], **fields: str) -> dict:
        sent = [SimpleUploadedFile(name, content) for name, content in files]
        response = client.post("/upload/", {"files": sent, **fields}, headers={"accept": "application/json"})
        assert response.status_code in (200, 400), response.content
        return response.json()

    return post


@pytest.fixture
def program_of() -> Callable[..., Program]:
    """A program with a token of a person that has these scopes, or all of them."""
    return lambda person, *scopes: Program(a_token(person, *scopes))


@pytest.fixture
def program(ana, program_of) -> Program:
    """That of ana, which may do what she may."""
    return program_of(ana)
