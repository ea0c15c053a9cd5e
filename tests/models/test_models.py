"""Constraints of the database."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from assets.models import Asset, State, StoredFile, UploadRequest
from tests.support.factories import a_request, a_stored_file, a_user, an_asset

pytestmark = pytest.mark.django_db


def refused(change) -> bool:
    with transaction.atomic():
        try:
            with transaction.atomic():
                change()
        except IntegrityError:
            return True
    return False


def test_stored_files_are_unique_by_hash():
    file = a_stored_file(content=b"same")
    assert refused(lambda: StoredFile.objects.create(sha256=file.sha256, media_type="a/b", size=1))


def test_a_stored_file_has_a_url():
    file = a_stored_file(state=State.QUEUED)
    rows = StoredFile.objects.filter(pk=file.pk)
    assert refused(lambda: rows.update(state=State.STORED))
    assert refused(lambda: rows.update(state=State.STORED, url="https://a.segmind.com/1"))
    assert rows.mark_stored({file.pk: "https://a.segmind.com/1"}, timezone.now()) == 1


def test_a_file_is_sending_exactly_while_it_has_a_request():
    file = a_stored_file(state=State.QUEUED)
    rows = StoredFile.objects.filter(pk=file.pk)
    assert refused(lambda: rows.update(state=State.SENDING))
    assert refused(lambda: rows.update(request=a_request()))
    assert rows.claim(a_request()) == 1
    assert refused(lambda: rows.update(state=State.QUEUED))


def test_a_failed_file_has_an_error():
    rows = StoredFile.objects.filter(pk=a_stored_file(state=State.QUEUED).pk)
    assert refused(lambda: rows.update(state=State.FAILED))


def test_a_request_has_an_outcome_exactly_when_it_is_finished():
    request = a_request()
    rows = UploadRequest.objects.filter(pk=request.pk)
    assert refused(lambda: rows.update(outcome="stored"))
    assert refused(lambda: rows.update(finished_at=timezone.now()))
    assert refused(lambda: a_request(file_count=0))
    assert request.finish(timezone.now(), "stored")
    assert not request.finish(timezone.now(), "unknown")


def test_a_person_has_one_asset_per_file():
    asset = an_asset(owner=a_user())
    copy = Asset(owner=asset.owner, stored_file=asset.stored_file, title="x", file_name="x", kind="image", size=1)
    assert refused(copy.save)


def test_files_are_claimed_once():
    file = a_stored_file(state=State.QUEUED)
    rows = StoredFile.objects.filter(pk=file.pk)
    assert [rows.claim(a_request()), rows.claim(a_request())] == [1, 0]
