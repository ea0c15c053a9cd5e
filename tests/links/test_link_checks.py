"""Stored URLs are looked at again, politely, and named for what is found there."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assets.links import fetch, policy, schedule
from assets.links.schedule import check_now, plan_link_checks
from assets.models import LinkHost, LinkStatus, State, StoredFile
from assets.models.links import AT_ONCE
from tests.conftest import client_of
from tests.support.factories import a_file_of, a_link, a_stored_file, an_administrator, an_asset

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quick(settings):
    settings.LINK_RETRY_SECONDS = 0
    settings.LINK_TIMEOUT = 0.5


@pytest.fixture
def stored(segmind):
    """Makes files that are stored and verified at the server."""

    def make(count: int, **fields) -> list[StoredFile]:
        return [a_link(segmind, **fields) for _ in range(count)]

    return make


def look(files=None) -> None:
    """Look at all links, or at these, twice where that is needed."""
    list(schedule.check_all(StoredFile.objects.stored() if files is None else files))


def statuses() -> list[str]:
    return list(StoredFile.objects.order_by("created_at").values_list("link_status", flat=True))


def make_due(**to) -> None:
    StoredFile.objects.update(link_check_at=timezone.now() - timedelta(minutes=1))
    LinkHost.objects.update(free_at=timezone.now())


# --- What is found --------------------------------------------------------------------------------


def test_links_are_named_for_what_is_found(segmind, stored):
    good, gone, refused, other_type, longer, other_content, silent, failing = files = stored(8)
    segmind.kill(gone.url)
    segmind.kill(refused.url, status=403)
    segmind.change(other_type.url, b"x" * 9000)
    segmind.change(longer.url, b"x" * 9001, "application/pdf")
    segmind.change(other_content.url, b"%PDF-1.4\n".ljust(9000), "application/pdf")
    segmind.hang(silent.url)
    segmind.kill(failing.url, status=503)
    look()
    assert statuses() == [
        "verified", "broken", "broken", "changed", "changed", "changed", "unreachable", "unreachable",
    ]  # fmt: skip
    assert StoredFile.objects.filter(pk=good.pk, link_check_at__gt=timezone.now() + timedelta(days=6)).exists()
    assert len(files) == StoredFile.objects.exclude(link_checked_at=None).count()


def test_a_look_takes_head_and_two_ranges_and_no_whole_file(segmind, stored):
    stored(1, size=50_000)
    look()
    assert [(method, asked) for method, _, asked in segmind.asked] == [
        ("HEAD", ""), ("GET", "bytes=0-4095"), ("GET", "bytes=45904-49999"),
    ]  # fmt: skip


def test_a_file_without_an_original_is_compared_as_far_as_is_known_of_it(segmind, stored):
    _, gone, longer = stored(3, size=50_000)
    StoredFile.objects.update(original="")
    segmind.kill(gone.url)
    segmind.change(longer.url, b"x" * 50_001, "application/pdf")
    look()
    assert statuses() == ["verified", "broken", "changed"]
    assert all(asked in ("", "bytes=0-4095") for method, _, asked in segmind.asked)


def test_a_missing_original_ends_no_check(segmind, stored):
    first, _ = stored(2)
    first.original.storage.delete(first.original.name)
    look()
    assert statuses() == ["verified", "verified"]


# --- When it is believed --------------------------------------------------------------------------


def test_one_look_breaks_no_link(segmind, stored, work):
    file, _ = stored(2)
    segmind.kill(file.url)
    now = timezone.now()
    assert policy.apply_result(file, LinkStatus.BROKEN, now).status == LinkStatus.VERIFIED
    settle(file, LinkStatus.BROKEN)
    assert policy.apply_result(file, LinkStatus.UNREACHABLE, now).status == LinkStatus.VERIFIED
    assert policy.apply_result(file, LinkStatus.BROKEN, now).status == LinkStatus.BROKEN


def settle(file: StoredFile, finding: str) -> None:
    """As it is after one more look at it."""
    check = policy.apply_result(file, LinkStatus(finding), timezone.now())
    file.link_status, file.link_finding, file.link_looks = check.status, check.result, check.repeats


def test_a_broken_link_stays_so_while_its_host_is_away_and_is_verified_by_one_look(stored):
    (file,) = stored(1)
    for finding in ("broken", "broken", "unreachable", "unreachable", "unreachable"):
        settle(file, finding)
    assert file.link_status == LinkStatus.BROKEN
    settle(file, "verified")
    assert file.link_status == LinkStatus.VERIFIED


def test_a_failed_link_is_looked_at_again_after_growing_pauses_and_a_good_one_after_days_with_jitter(settings):
    settings.LINK_RETRY_SECONDS, settings.LINK_CHECK_DAYS = 60, 7
    now = timezone.now()
    pauses = [(policy.next_check_at(LinkStatus.BROKEN, times, now) - now).total_seconds() for times in range(1, 12)]
    assert [round(pause / 60 / 1.05) for pause in pauses[:4]] == pytest.approx([1, 4, 16, 64], rel=0.1)
    assert max(pauses) <= 7 * 86_400 * 1.11
    good = [(policy.next_check_at(LinkStatus.VERIFIED, 1, now) - now) / timedelta(days=7) for _ in range(50)]
    assert 0.9 <= min(good) < max(good) <= 1.1


@pytest.mark.parametrize("status", [403, 500, 503, 302, 429])
def test_a_host_that_answers_so_for_everything_breaks_no_link_and_is_left_alone(segmind, stored, settings, status):
    stored(30)
    segmind.host_status = status
    look()
    assert set(statuses()) == {"verified"}
    assert len(segmind.asked) <= 3 * 4 * 2
    host = LinkHost.objects.get()
    assert host.failures == 1 and host.free_at > timezone.now() + timedelta(seconds=50)
    segmind.host_status = 200
    look()
    assert set(statuses()) == {"verified"} and LinkHost.objects.get().failures == 0
    assert not StoredFile.objects.filter(link_finding=LinkStatus.UNREACHABLE).exists()


def test_a_host_that_is_away_again_and_again_is_asked_less_and_less(segmind, stored, work):
    stored(5)
    segmind.host_status = 503
    pauses = []
    for _ in range(3):
        make_due()
        work()
        host = LinkHost.objects.get()
        pauses.append(host.free_at - timezone.now())
    assert host.failures == 3 and pauses == sorted(pauses)
    asked = len(segmind.asked)
    StoredFile.objects.update(link_check_at=timezone.now())
    work()
    assert len(segmind.asked) == asked


def test_single_links_that_answer_errors_do_not_stop_a_host_that_serves_the_rest(segmind, stored):
    for file in stored(20)[:8]:
        segmind.kill(file.url, status=500)
    look()
    assert sorted(statuses()) == ["unreachable"] * 8 + ["verified"] * 12


def test_a_link_of_which_two_looks_tell_two_things_is_not_judged(segmind, stored):
    unsteady, _ = stored(2)
    moody = iter([404, 503, 503, 503])
    segmind.fates[unsteady.url.removeprefix(segmind.address)] = lambda handler: handler.send(next(moody), b"", {})
    settled = list(schedule.check_all(StoredFile.objects.stored()))
    assert unsteady not in settled and len(settled) == 1
    assert statuses() == ["verified", "verified"]


def test_every_link_gone_is_believed_where_the_host_says_so_of_each(segmind, stored):
    for file in stored(5):
        segmind.kill(file.url)
    look()
    assert set(statuses()) == {"broken"}


# --- When it is looked at -------------------------------------------------------------------------


def test_the_worker_looks_at_what_is_due_and_at_nothing_else(segmind, stored, work):
    due, _ = stored(2)
    StoredFile.objects.filter(pk=due.pk).update(link_check_at=timezone.now())
    work()
    assert {path for _, path, _ in segmind.asked} == {due.url.removeprefix(segmind.address)}
    due.refresh_from_db()
    assert due.link_check_at > timezone.now() + timedelta(days=6)
    work()
    assert len(segmind.asked) == 3


def test_a_link_that_died_is_found_by_the_worker_alone(segmind, stored, work, settings):
    settings.LINK_RETRY_SECONDS = 60
    dead, _ = stored(2)
    segmind.kill(dead.url)
    make_due()
    work()
    assert statuses() == ["verified", "verified"]
    make_due()
    work()
    assert statuses() == ["broken", "verified"]


def test_links_that_were_there_before_are_planned_over_the_whole_time(segmind, stored, work):
    stored(60, link_check_at=None, stored_at=timezone.now() - timedelta(days=30))
    now = timezone.now()
    work()
    planned = list(StoredFile.objects.values_list("link_check_at", flat=True))
    assert all(now <= at <= now + timedelta(days=7.1) for at in planned) and len(set(planned)) > 1
    assert segmind.asked == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reads a small table without an index")
@pytest.mark.parametrize("days", [7, 0])
def test_what_is_due_is_found_by_steps_through_an_index(stored, settings, days):
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
            assert "SEARCH assets_storedfile USING" in plan and "stored_file_next_look" in plan, (sql, plan)


def test_another_number_of_days_is_followed_and_none_means_never(segmind, stored, work, settings):
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
    assert len(segmind.asked) == 9 and StoredFile.objects.exclude(link_check_at=None).count() == 0


def test_what_somebody_asks_for_comes_first(segmind, stored, work):
    _, wanted = stored(2, link_check_at=timezone.now() - timedelta(days=3))
    check_now(StoredFile.objects.filter(pk=wanted.pk))
    work()
    assert segmind.asked[0][1] == wanted.url.removeprefix(segmind.address)


def test_files_that_are_not_stored_are_not_looked_at(segmind, stored):
    a_stored_file(state=State.QUEUED)
    stored(1)
    look()
    assert len({path for _, path, _ in segmind.asked}) == 1


# --- Politeness -----------------------------------------------------------------------------------


def test_a_host_has_one_visitor_at_a_time(stored):
    stored(1, link_check_at=AT_ONCE)
    now = timezone.now()
    assert len(list(schedule.claim_due_hosts(now))) == 1
    assert list(schedule.claim_due_hosts(now)) == []
    # The worker that had it has died: its lease ends, and another one goes on.
    assert len(list(schedule.claim_due_hosts(now + LinkHost.LEASE))) == 1


def test_a_visit_that_was_taken_over_asks_nothing(segmind, stored):
    stored(1, link_check_at=AT_ONCE)
    ((host, holder),) = schedule.claim_due_hosts(timezone.now())
    list(schedule.claim_due_hosts(timezone.now() + LinkHost.LEASE))
    schedule.check_host.call(host, holder)
    assert segmind.asked == []


def test_planning_twice_looks_once(segmind, stored, work):
    stored(3, link_check_at=AT_ONCE)
    plan_link_checks(timezone.now())
    plan_link_checks(timezone.now())
    work()
    assert len(segmind.asked) == 9


def test_requests_to_a_host_keep_to_the_pace_that_is_set(segmind, stored, settings):
    settings.LINK_REQUESTS_PER_SECOND = 40
    stored(3)
    look()
    moments = segmind.asked_at
    assert len(moments) == 9
    assert moments[-1] - moments[0] >= 7 / 40


def test_an_answer_that_drips_is_given_up(segmind, stored, monkeypatch):
    (file,) = stored(1)
    monkeypatch.setattr(fetch, "MAX_READ_SECONDS", 0.3)
    segmind.drip(file.url)
    ended = threading.Event()

    def ask():
        with pytest.raises(fetch.UnreachableError):
            fetch.fetch_info(file.url)
        ended.set()

    threading.Thread(target=ask).start()
    assert ended.wait(10)


# --- What people see ------------------------------------------------------------------------------


def test_trouble_is_on_cards_rows_and_pages_and_can_be_searched_for(as_ana, ana):
    entries = {status: an_asset(owner=ana, title=f"the {status} one") for status in LinkStatus.values}
    for status, entry in entries.items():
        StoredFile.objects.filter(pk=entry.stored_file_id).update(link_status=status)
    an_asset(owner=ana, title="waits", state=State.QUEUED)
    for status in LinkStatus.values:
        answer = as_ana.get("/", {"q": f"is:{status}"}, headers={"accept": "application/json"}).json()
        assert [asset["title"] for asset in answer["assets"]] == [f"the {status} one"], status
    for layout in ("grid", "list"):
        as_ana.post("/layout/", {"layout": layout})
        page = as_ana.get("/").content.decode()
        for word in ("Broken", "Changed", "Unreachable"):
            assert f">{word}</span>" in page, (layout, word)
    page = as_ana.get(entries["broken"].get_absolute_url()).content.decode()
    assert "no file at this URL any more" in page and "Upload again" in page


def test_addresses_in_urls_are_marked_filtered_and_counted(as_ana, ana):
    url = "https://images.segmind.com/assets/ana%40example.com/images/1.jpg"
    an_asset(owner=ana, title="carries", stored_file=a_stored_file(url=url))
    an_asset(owner=ana, title="does not")
    answer = as_ana.get("/", {"q": "is:address"}, headers={"accept": "application/json"}).json()
    assert [asset["title"] for asset in answer["assets"]] == ["carries"]
    page = client_of(an_administrator()).get("/admin/assets/storedfile/?url_has_address__exact=1").content.decode()
    assert "1 stored file" in page


def test_the_address_is_known_of_every_url_that_comes(as_ana, upload, segmind, work):
    segmind.folder = "/assets/key.owner%40example.com/images"
    upload(as_ana, ("a.pdf", a_file_of(2000)))
    work()
    file = StoredFile.objects.get()
    assert file.url_has_address and file.url_host == segmind.address.removeprefix("http://")
    assert file.link_status == LinkStatus.VERIFIED
