"""When links are checked, and how often a host is contacted."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assets.links import schedule
from assets.links.schedule import check_now, plan_link_checks
from assets.models import LinkHost, State, StoredFile
from assets.models.links import AT_ONCE
from tests.links.conftest import check_links, make_due, statuses
from tests.support.factories import a_stored_file

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_worker_checks_only_due_links(segmind, stored, work):
    due, _ = stored(2)
    StoredFile.objects.filter(pk=due.pk).update(link_check_at=timezone.now())
    work()
    assert {path for _, path, _ in segmind.asked} == {due.url.removeprefix(segmind.address)}
    due.refresh_from_db()
    assert due.link_check_at > timezone.now() + timedelta(days=6)
    work()
    assert len(segmind.asked) == 3


def test_the_worker_finds_a_broken_link_by_itself(segmind, stored, work, settings):
    settings.LINK_RETRY_SECONDS = 60
    dead, _ = stored(2)
    segmind.kill(dead.url)
    make_due()
    work()
    assert statuses() == ["verified", "verified"]
    make_due()
    work()
    assert statuses() == ["broken", "verified"]


def test_unplanned_links_are_spread_over_the_whole_interval(segmind, stored, work):
    stored(60, link_check_at=None, stored_at=timezone.now() - timedelta(days=30))
    now = timezone.now()
    work()
    planned = list(StoredFile.objects.values_list("link_check_at", flat=True))
    assert all(now <= at <= now + timedelta(days=7.1) for at in planned)
    assert len(set(planned)) > 1
    assert segmind.asked == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reads a small table without an index")
@pytest.mark.parametrize("days", [7, 0])
def test_due_links_are_found_through_an_index(stored, settings, days):
    settings.LINK_CHECK_DAYS = days
    stored(2)
    with CaptureQueriesContext(connection) as queries:
        list(schedule.claim_due_hosts(timezone.now()))
    asked = [query["sql"] for query in queries if "assets_storedfile" in query["sql"]]
    assert len(asked) >= 4
    with connection.cursor() as cursor:
        for sql in asked:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = " ".join(str(row[3]) for row in cursor.fetchall())
            assert "SEARCH assets_storedfile USING" in plan, (sql, plan)
            assert "stored_file_next_look" in plan, (sql, plan)


def test_a_new_interval_is_followed_and_zero_days_means_never(segmind, stored, work, settings):
    stored(3, link_check_at=timezone.now() + timedelta(days=6))
    settings.LINK_CHECK_DAYS = 1
    work()
    assert StoredFile.objects.filter(link_check_at__gt=timezone.now() + timedelta(days=1.1)).count() == 0
    settings.LINK_CHECK_DAYS = 0
    work()
    assert StoredFile.objects.exclude(link_check_at=None).count() == 0
    assert segmind.asked == []
    assert check_now(StoredFile.objects.all()) == 3
    work()
    assert len(segmind.asked) == 9
    assert StoredFile.objects.exclude(link_check_at=None).count() == 0


def test_links_that_somebody_asks_for_are_checked_first(segmind, stored, work):
    _, wanted = stored(2, link_check_at=timezone.now() - timedelta(days=3))
    check_now(StoredFile.objects.filter(pk=wanted.pk))
    work()
    assert segmind.asked[0][1] == wanted.url.removeprefix(segmind.address)


def test_files_that_are_not_stored_are_not_checked(segmind, stored):
    a_stored_file(state=State.QUEUED)
    stored(1)
    check_links()
    assert len({path for _, path, _ in segmind.asked}) == 1


def test_one_worker_at_a_time_checks_a_host(stored):
    stored(1, link_check_at=AT_ONCE)
    now = timezone.now()
    assert len(list(schedule.claim_due_hosts(now))) == 1
    assert list(schedule.claim_due_hosts(now)) == []
    # The worker that had it has died: its lease ends, and another one goes on.
    assert len(list(schedule.claim_due_hosts(now + LinkHost.LEASE))) == 1


def test_a_worker_that_lost_the_host_requests_nothing(segmind, stored):
    stored(1, link_check_at=AT_ONCE)
    ((host, holder),) = schedule.claim_due_hosts(timezone.now())
    list(schedule.claim_due_hosts(timezone.now() + LinkHost.LEASE))
    schedule.check_host.call(host, holder)
    assert segmind.asked == []


def test_planning_twice_checks_once(segmind, stored, work):
    stored(3, link_check_at=AT_ONCE)
    plan_link_checks(timezone.now())
    plan_link_checks(timezone.now())
    work()
    assert len(segmind.asked) == 9


def test_requests_to_a_host_keep_to_the_rate(segmind, stored, settings):
    settings.LINK_REQUESTS_PER_SECOND = 40
    stored(3)
    check_links()
    moments = segmind.asked_at
    assert len(moments) == 9
    assert moments[-1] - moments[0] >= 7 / 40
