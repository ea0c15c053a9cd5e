"""A burst of files travels together: a request waits a moment for what a person is still adding."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from assets.delivery import batch, run
from assets.models import DeliveryRun, State, StoredFile
from tests.support.factories import a_picture, a_stored_file

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def lingering(settings):
    settings.SEGMIND_LINGER_SECONDS = 1


@pytest.fixture
def taken():
    """How many files go out now, in one request; None where nothing does."""

    def take() -> int | None:
        exchange = run.claim_next()
        return exchange and len(exchange.files)

    return take


def test_a_new_file_waits_for_more_and_is_sent_with_them(as_ana, upload, taken):
    upload(as_ana, ("a.png", a_picture()))
    assert taken() is None
    assert DeliveryRun.objects.filter(at__gt=timezone.now()).exists()
    upload(as_ana, ("b.png", a_picture()))
    StoredFile.objects.update(queued_at=timezone.now() - timedelta(seconds=1))
    assert taken() == 2


def test_files_that_fill_a_request_do_not_wait(as_ana, upload, settings, taken):
    settings.SEGMIND_MAX_REQUEST_FILES = 2
    upload(as_ana, *((f"{number}.png", a_picture()) for number in range(3)))
    assert taken() == 2


def test_files_do_not_wait_if_more_are_due_than_fit(as_ana, upload, settings, taken):
    upload(as_ana, *((f"{number}.png", a_picture()) for number in range(3)))
    settings.SEGMIND_MAX_REQUEST_BYTES = 2 * max(StoredFile.objects.values_list("size", flat=True))
    assert taken() == 1


def test_a_file_that_arrives_while_the_queue_is_read_does_not_count_as_overflow(as_ana, upload, taken):
    upload(as_ana, ("a.png", a_picture()))
    arrived = []

    def arriving(execute, sql, params, many, context):
        if sql.endswith(f"LIMIT {batch.MAX_CANDIDATES}"):
            arrived.append(False)
        elif arrived == [False]:
            arrived[0] = True
            a_stored_file(state=State.QUEUED, queued_at=timezone.now(), next_attempt_at=timezone.now() - timedelta(1))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(arriving):
        assert taken() is None
    assert arrived == [True]
