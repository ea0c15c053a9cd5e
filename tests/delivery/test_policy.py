from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from assets.delivery import policy

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class File:
    encoded_size: int


sizes = st.lists(st.integers(1, 100).map(File), max_size=40)


@given(sizes, st.integers(1, 200), st.integers(1, 20))
def test_a_request_keeps_both_limits_unless_a_single_file_is_larger(files, max_bytes, max_files):
    packed = policy.pack(files, max_bytes=max_bytes, max_files=max_files)
    assert len(packed) <= max_files
    assert len(packed) <= 1 or sum(file.encoded_size for file in packed) <= max_bytes


@given(sizes.filter(bool), st.integers(1, 200), st.integers(1, 20))
def test_the_oldest_file_always_goes(files, max_bytes, max_files):
    assert policy.pack(files, max_bytes=max_bytes, max_files=max_files)[0] is files[0]


def test_a_large_file_does_not_hold_up_the_small_ones_behind_it():
    small, large, after = File(10), File(95), File(20)
    assert policy.pack([small, large, after], max_bytes=100, max_files=9) == [small, after]


@given(st.lists(st.integers(1, 59), max_size=12), st.integers(0, 6), st.integers(1, 6))
def test_no_window_has_more_requests_than_the_limit(ages, still_open, limit):
    finished = [NOW - timedelta(seconds=age) for age in ages]
    opens = policy.window_opens_at(finished, still_open=still_open, rate=policy.Rate(limit, MINUTE), now=NOW)
    if opens is None:
        assert still_open >= limit
    else:
        counted = sum(end + MINUTE > opens for end in finished) + still_open
        assert counted < limit


@given(st.integers(1, 100), st.integers())
def test_pauses_grow_and_stay_bounded(failures, seed):
    pause = policy.back_off(failures, first=timedelta(seconds=2), seed=seed)
    assert timedelta(seconds=2) <= pause <= policy.MAX_PAUSE * 1.25
    assert pause == policy.back_off(failures, first=timedelta(seconds=2), seed=seed)


def test_a_day_without_network_fails_no_file():
    assert policy.may_retry(attempts=500, waited=timedelta(days=1), may_be_stored=False)
    assert policy.may_retry(attempts=2, waited=timedelta(days=9), may_be_stored=False)
    assert not policy.may_retry(attempts=500, waited=timedelta(days=4), may_be_stored=False)
