"""The library in figures, at the front of the administration."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from assets.admin import statistics
from assets.models import LinkStatus, State
from tests.conftest import client_of
from tests.support.factories import a_request, a_stored_file, a_user, an_administrator, an_asset

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def as_root():
    return client_of(an_administrator())


def test_what_there_is_is_told_by_kind_person_and_month(ana, ben):
    now = timezone.now()
    an_asset(owner=ana, stored_file=a_stored_file(size=1000))
    an_asset(owner=ben, stored_file=a_stored_file(size=500, media_type="video/mp4", original=""))
    an_asset(owner=ben, stored_file=a_stored_file(size=300), created_at=now - timedelta(days=400))
    an_asset(owner=ben, stored_file=a_stored_file(size=9), trashed_at=now)
    found = statistics.holdings(now)
    assert [(kind.name, kind.entries, kind.bytes) for kind in found.kinds] == [("image", 2, 1300), ("video", 1, 500)]
    assert [(person.name, person.entries, person.bytes) for person in found.people] == [
        ("ana", 1, 1000),
        ("ben", 2, 800),
    ]
    assert (found.months[-1].entries, sum(month.entries for month in found.months)) == (2, 3)
    assert len(found.months) == statistics.MONTHS
    assert (found.entries, found.bytes, found.contents) == (3, 1800, 4)


def test_people_beyond_the_first_few_are_told_together(monkeypatch):
    monkeypatch.setattr(statistics, "MOST_PEOPLE", 1)
    for size in (10, 20, 30):
        an_asset(owner=a_user(), stored_file=a_stored_file(size=size))
    found = statistics.holdings(timezone.now())
    assert [(person.entries, person.bytes) for person in found.people] == [(1, 30), (2, 30)]
    assert found.people[1].name == "2 others"


def test_the_disk_is_used_by_originals_alone(ana):
    an_asset(owner=ana, stored_file=a_stored_file(size=700))
    file = a_stored_file(size=100_000)
    type(file).objects.filter(pk=file.pk).update(original="")
    assert statistics.holdings(timezone.now()).original_bytes == 700


def test_a_day_tells_requests_refusals_uploads_and_the_time_in_the_queue(ana, ben):
    now = timezone.now()
    file = a_stored_file(created_at=now, queued_at=now, stored_at=now + timedelta(seconds=90))
    an_asset(owner=ana, stored_file=file)
    an_asset(owner=ben, stored_file=file)
    a_request(outcome="stored")
    a_request(outcome="rate_limited")
    a_request(outcome="stored", started_at=now - timedelta(days=40))
    a_request()
    days = statistics.last_days(now)
    assert len(days) == statistics.DAYS
    today = days[-1]
    assert (today.stored, today.refused, today.uploads, today.sent, today.unsent) == (1, 1, 2, 1, 1)
    assert today.wait == pytest.approx(90)
    assert days[0].wait is None and sum(day.stored for day in days) == 1


def test_the_front_of_the_administration_shows_charts_with_their_figures_as_tables(as_root, ana):
    an_asset(owner=ana, stored_file=a_stored_file(size=1_500_000))
    a_request(outcome="rate_limited")
    page = as_root.get("/admin/").content.decode()
    assert page.count('role="img"') == 5 and page.count("<desc") == 5
    assert "1.5 MB" in page and "At most 0 stored, 1 refused" in page
    assert "style=" not in page.partition('class="overview"')[2].partition('id="content-main"')[0]


def test_what_needs_attention_has_its_action_beside_it(as_root, ana):
    an_asset(owner=ana, state=State.FAILED)
    an_asset(owner=ana, stored_file=a_stored_file(link_status=LinkStatus.BROKEN))
    an_asset(owner=ana, trashed_at=timezone.now())
    page = as_root.get("/admin/").content.decode()
    assert "1 file has failed" in page and "1 link is broken" in page and "1 entry is in the trash" in page
    chosen = {"action": "upload_again", "select_across": "1", "_selected_action": ["all"]}
    asked = as_root.post("/admin/assets/storedfile/?link_status__exact=broken", chosen).content.decode()
    assert "1 file will be uploaded again" in asked


def test_nothing_needs_attention_where_all_is_well(as_root, ana):
    an_asset(owner=ana)
    assert "Nothing: every file has its URL" in as_root.get("/admin/").content.decode()


def test_an_empty_library_has_an_overview(as_root):
    page = as_root.get("/admin/").content.decode()
    assert "Nothing yet." in page


def test_the_overview_takes_few_queries(as_root, ana, django_assert_max_num_queries):
    for _ in range(5):
        an_asset(owner=ana, state=State.FAILED)
    with django_assert_max_num_queries(16):
        as_root.get("/admin/")
