"""The figures on the overview page of the admin."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from assets.admin import statistics
from assets.models import LinkStatus, State
from assets.previews.render import make_preview
from tests.support.factories import a_request, a_stored_file, a_user, an_asset

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()
    yield
    cache.clear()


def test_assets_are_summed_up_by_kind_person_and_month(ana, ben):
    now = timezone.now()
    an_asset(owner=ana, stored_file=a_stored_file(size=1000))
    an_asset(owner=ben, stored_file=a_stored_file(size=500, media_type="video/mp4", original=""))
    an_asset(owner=ben, stored_file=a_stored_file(size=300), created_at=now - timedelta(days=400))
    an_asset(owner=ben, stored_file=a_stored_file(size=9), trashed_at=now)
    totals = statistics.get_totals(now)
    assert [(kind.name, kind.assets, kind.bytes) for kind in totals.kinds] == [("Image", 2, 1300), ("Video", 1, 500)]
    assert [(person.name, person.assets, person.bytes) for person in totals.people] == [
        ("ana", 1, 1000),
        ("ben", 2, 800),
    ]
    assert (totals.months[-1].assets, sum(month.assets for month in totals.months)) == (2, 3)
    assert len(totals.months) == statistics.MONTHS
    assert (totals.assets, totals.bytes, totals.stored_files) == (3, 1800, 4)


def test_people_after_the_first_few_share_a_row(monkeypatch):
    monkeypatch.setattr(statistics, "MAX_PEOPLE", 1)
    for size in (10, 20, 30):
        an_asset(owner=a_user(), stored_file=a_stored_file(size=size))
    totals = statistics.get_totals(timezone.now())
    assert [(person.assets, person.bytes) for person in totals.people] == [(1, 30), (2, 30)]
    assert totals.people[1].name == "2 others"


def test_only_originals_count_as_disk_usage(ana):
    an_asset(owner=ana, stored_file=a_stored_file(size=700))
    file = a_stored_file(size=100_000)
    type(file).objects.filter(pk=file.pk).update(original="")
    assert statistics.get_totals(timezone.now()).original_bytes == 700


def test_a_day_has_requests_uploads_and_the_time_in_the_queue(ana, ben):
    now = timezone.now()
    file = a_stored_file(created_at=now, queued_at=now, stored_at=now + timedelta(seconds=90))
    an_asset(owner=ana, stored_file=file)
    an_asset(owner=ben, stored_file=file)
    a_request(outcome="stored")
    a_request(outcome="rate_limited")
    a_request(outcome="stored", started_at=now - timedelta(days=40))
    a_request()
    days = statistics.get_daily_figures(now)
    assert len(days) == statistics.DAYS
    today = days[-1]
    assert (today.stored, today.refused, today.uploads, today.sent, today.duplicates) == (1, 1, 2, 1, 1)
    assert today.wait == timedelta(seconds=90)
    assert days[0].wait is None
    assert sum(day.stored for day in days) == 1


def test_the_overview_shows_charts_and_their_figures_as_tables(as_root, ana):
    an_asset(owner=ana, stored_file=a_stored_file(size=1_500_000))
    a_request(outcome="rate_limited")
    page = as_root.get("/admin/").content.decode()
    assert page.count('role="img"') == 5
    assert page.count("<desc") == 5
    assert "1.5 MB" in page
    assert "peak 0 stored, 1 refused" in page
    assert "style=" not in page.partition('class="overview"')[2].partition('id="content-main"')[0]


def test_what_needs_attention_has_an_action_beside_it(as_root, ana):
    an_asset(owner=ana, state=State.FAILED)
    an_asset(owner=ana, stored_file=a_stored_file(link_status=LinkStatus.BROKEN))
    an_asset(owner=ana, trashed_at=timezone.now())
    make_preview.enqueue("1")
    DBTaskResult.objects.update(status="FAILED")
    page = as_root.get("/admin/").content.decode()
    assert "1 upload failed" in page
    assert "1 background task failed" in page
    assert "1 link is broken" in page
    assert "1 asset is in the trash" in page
    chosen = {"action": "reupload", "select_across": "1", "_selected_action": ["all"]}
    preview = as_root.post("/admin/assets/storedfile/?link_status__exact=broken", chosen).content.decode()
    assert "Re-upload 1 file from the original" in preview


def test_nothing_needs_attention_if_all_is_well(as_root, ana):
    an_asset(owner=ana)
    assert "Nothing right now." in as_root.get("/admin/").content.decode()


def test_an_empty_library_has_an_overview(as_root):
    page = as_root.get("/admin/").content.decode()
    assert "No assets yet." in page


def test_the_overview_takes_few_queries(as_root, ana, django_assert_max_num_queries):
    for _ in range(5):
        an_asset(owner=ana, state=State.FAILED)
    with django_assert_max_num_queries(17):
        as_root.get("/admin/")
