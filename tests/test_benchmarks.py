"""The library that pages are measured with: it has to be made of what the application is made of now."""

import itertools
from datetime import timedelta

import pytest
from django.utils import timezone

from assets.models import Asset, Favourite, Use
from assets.models.assets import outdated_keys
from assets.search.results import Listing
from benchmarks import spread
from benchmarks.generator import Filler
from benchmarks.installations import BEFORE, FLOOR, LIBRARY, WAGTAIL
from benchmarks.sites import FIRST_PAGE
from benchmarks.spread import Spread
from benchmarks.tables import comparison, floor_lines

pytestmark = pytest.mark.slow

SIZE = 400


@pytest.fixture
def me(db, monkeypatch):
    """The first person of a library that the generator has filled."""
    monkeypatch.setenv("BENCH_PASSWORD", "only for this test")
    filler = Filler(Spread(SIZE), timezone.now())
    filler.fill()
    return filler.people[0]


def test_a_filled_library_is_found_and_listed_like_any_other(me, client):
    client.force_login(me)
    found = {
        text: Listing.from_parameters({"q": text}, me).assets().count() for text in (spread.FEW, "is:failed", "is:mine")
    }
    assert Asset.objects.count() == SIZE
    assert found[spread.FEW] == spread.FEW_ENTRIES
    assert found["is:failed"]
    assert found["is:mine"]
    assert Favourite.objects.count()
    assert Use.objects.count()
    assert client.get("/").status_code == 200


def test_entries_are_found_and_sorted_by_what_the_application_itself_makes(me):
    assert outdated_keys(list(Asset.objects.values_list("pk", flat=True))) == {}


def test_the_newest_entries_are_the_same_at_every_size():
    small, large = (list(itertools.islice(Spread(size).entries(), 100)) for size in (10_000, 1_000_000))
    assert small == large
    assert small[0].age > timedelta()


def test_a_comparison_has_the_other_programs_of_the_run_beside_this_library():
    results = [
        {"program": program, "size": 10, "case": FIRST_PAGE, "p50": p50, "p95": 9.0, "cpu": p50, "queries": 5}
        for program, p50 in ((LIBRARY, 4.0), (FLOOR, 2.0), (BEFORE, 6.0), (WAGTAIL, 40.0))
    ]
    heading, _, row = comparison(results)
    assert heading == (
        "| case | assets | Wagtail | queries | before | queries | this library | queries | × Wagtail | × before |"
    )
    assert row.endswith("| 10.00 (CPU 10.00) | 1.50 (CPU 1.50) |")
    assert list(floor_lines(results)) == [
        "First page of 10 assets: 2.00 (CPU 2.00) times the floor, which is 2.0, 9.0 (CPU 2.0)."
    ]


def test_without_another_program_nothing_is_compared():
    results = [{"program": LIBRARY, "size": 10, "case": FIRST_PAGE, "p50": 4.0, "p95": 9.0, "cpu": 4.0}]
    assert list(comparison(results)) == []
    assert list(floor_lines(results)) == []
