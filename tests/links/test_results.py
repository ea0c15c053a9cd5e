"""What a check finds, and when its result counts."""

from datetime import timedelta

import pytest
from django.utils import timezone

from assets import originals
from assets.links import policy, schedule
from assets.models import LinkHost, LinkStatus, StoredFile
from tests.links.conftest import check_links, make_due, statuses

pytestmark = pytest.mark.django_db(transaction=True)


def test_each_result_has_its_link_status(segmind, stored):
    good, gone, refused, other_type, longer, other_content, silent, failing = files = stored(8)
    segmind.kill(gone.url)
    segmind.kill(refused.url, status=403)
    segmind.change(other_type.url, b"x" * 9000)
    segmind.change(longer.url, b"x" * 9001, "application/pdf")
    segmind.change(other_content.url, b"%PDF-1.4\n".ljust(9000), "application/pdf")
    segmind.hang(silent.url)
    segmind.kill(failing.url, status=503)
    check_links()
    assert statuses() == [
        "verified", "broken", "broken", "changed", "changed", "changed", "unreachable", "unreachable",
    ]  # fmt: skip
    assert StoredFile.objects.filter(pk=good.pk, link_check_at__gt=timezone.now() + timedelta(days=6)).exists()
    assert len(files) == StoredFile.objects.exclude(link_checked_at=None).count()


def test_a_check_requests_headers_and_two_ranges(segmind, stored):
    stored(1, size=50_000)
    check_links()
    assert [(method, asked) for method, _, asked in segmind.asked] == [
        ("HEAD", ""), ("GET", "bytes=0-4095"), ("GET", "bytes=45904-49999"),
    ]  # fmt: skip


def test_a_file_without_an_original_is_compared_by_size_and_beginning(segmind, stored):
    _, gone, longer = stored(3, size=50_000)
    StoredFile.objects.update(original="")
    segmind.kill(gone.url)
    segmind.change(longer.url, b"x" * 50_001, "application/pdf")
    check_links()
    assert statuses() == ["verified", "broken", "changed"]
    assert all(asked in ("", "bytes=0-4095") for method, _, asked in segmind.asked)


def test_a_missing_original_does_not_stop_the_check(segmind, stored):
    first, _ = stored(2)
    first.original.storage.delete(first.original.name)
    check_links()
    assert statuses() == ["verified", "verified"]


def test_an_original_that_is_not_kept_stays_until_its_link_is_found_to_be_good(segmind, stored, work, settings):
    gone, good = stored(2)
    settings.KEEP_ORIGINALS = False
    segmind.kill(gone.url)
    StoredFile.objects.update(preview_error="no preview", link_finding=LinkStatus.VERIFIED)
    make_due()
    work()
    assert originals.is_here(gone)
    assert not originals.is_here(good)
    assert statuses() == ["verified", "verified"]


def test_a_single_check_breaks_no_link(segmind, stored, work):
    file, _ = stored(2)
    segmind.kill(file.url)
    now = timezone.now()
    assert policy.apply_result(file, LinkStatus.BROKEN, now).status == LinkStatus.VERIFIED
    apply(file, LinkStatus.BROKEN)
    assert policy.apply_result(file, LinkStatus.UNREACHABLE, now).status == LinkStatus.VERIFIED
    assert policy.apply_result(file, LinkStatus.BROKEN, now).status == LinkStatus.BROKEN


def apply(file: StoredFile, finding: str) -> None:
    """As it is after one more look at it."""
    check = policy.apply_result(file, LinkStatus(finding), timezone.now())
    file.link_status, file.link_finding, file.link_looks = check.status, check.result, check.repeats


def test_a_broken_link_stays_broken_while_its_host_is_unavailable_and_is_verified_by_one_check(stored):
    (file,) = stored(1)
    for finding in ("broken", "broken", "unreachable", "unreachable", "unreachable"):
        apply(file, finding)
    assert file.link_status == LinkStatus.BROKEN
    apply(file, "verified")
    assert file.link_status == LinkStatus.VERIFIED


def test_a_failed_link_is_checked_after_growing_pauses_and_a_verified_one_after_days(settings):
    settings.LINK_RETRY_SECONDS, settings.LINK_CHECK_DAYS = 60, 7
    now = timezone.now()
    pauses = [(policy.next_check_at(LinkStatus.BROKEN, times, now) - now).total_seconds() for times in range(1, 12)]
    assert [round(pause / 60 / 1.05) for pause in pauses[:4]] == pytest.approx([1, 4, 16, 64], rel=0.1)
    assert max(pauses) <= 7 * 86_400 * 1.11
    good = [(policy.next_check_at(LinkStatus.VERIFIED, 1, now) - now) / timedelta(days=7) for _ in range(50)]
    assert 0.9 <= min(good) < max(good) <= 1.1


@pytest.mark.parametrize("status", [403, 500, 503, 302, 429])
def test_a_host_with_the_same_error_for_everything_breaks_no_link_and_is_paused(segmind, stored, settings, status):
    stored(30)
    segmind.host_status = status
    check_links()
    assert set(statuses()) == {"verified"}
    assert len(segmind.asked) <= 3 * 4 * 2
    host = LinkHost.objects.get()
    assert host.failures == 1
    assert host.free_at > timezone.now() + timedelta(seconds=50)
    segmind.host_status = 200
    check_links()
    assert set(statuses()) == {"verified"}
    assert LinkHost.objects.get().failures == 0
    assert not StoredFile.objects.filter(link_finding=LinkStatus.UNREACHABLE).exists()


def test_pauses_of_an_unavailable_host_grow(segmind, stored, work):
    stored(5)
    segmind.host_status = 503
    pauses = []
    for _ in range(3):
        make_due()
        work()
        host = LinkHost.objects.get()
        pauses.append(host.free_at - timezone.now())
    assert host.failures == 3
    assert pauses == sorted(pauses)
    asked = len(segmind.asked)
    StoredFile.objects.update(link_check_at=timezone.now())
    work()
    assert len(segmind.asked) == asked


def test_errors_of_some_links_do_not_pause_a_host_that_serves_the_others(segmind, stored):
    for file in stored(20)[:8]:
        segmind.kill(file.url, status=500)
    check_links()
    assert sorted(statuses()) == ["unreachable"] * 8 + ["verified"] * 12


def test_a_link_with_two_different_results_keeps_its_status(segmind, stored):
    unsteady, _ = stored(2)
    moody = iter([404, 503, 503, 503])
    segmind.overrides[unsteady.url.removeprefix(segmind.address)] = lambda handler: handler.send(next(moody), b"", {})
    settled = list(schedule.check_all(StoredFile.objects.stored()))
    assert unsteady not in settled
    assert len(settled) == 1
    assert statuses() == ["verified", "verified"]


def test_all_links_of_a_host_can_be_broken(segmind, stored):
    for file in stored(5):
        segmind.kill(file.url)
    check_links()
    assert set(statuses()) == {"broken"}
