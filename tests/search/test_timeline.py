"""Lists by date: days of what is recent, months of what is older, in the person's time zone."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from assets.library import timeline_views
from assets.models import Use
from assets.search.results import PAGE_SIZE
from assets.search.timeline import find_group, group_of
from tests.support.factories import an_asset

SATURDAY = datetime(2026, 11, 28, 12, tzinfo=UTC)


def headings(page: str) -> list[str]:
    return re.findall(r"<h2>(.*?)</h2>", page)


def cards(page: str) -> int:
    return page.count("data-asset=")


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("moment", "now", "label"),
    [
        (SATURDAY, SATURDAY, "Today"),
        (datetime(2026, 11, 27, 1, tzinfo=UTC), SATURDAY, "Yesterday"),
        (datetime(2026, 11, 15, tzinfo=UTC), SATURDAY, "15 Nov"),
        (datetime(2026, 11, 14, tzinfo=UTC), SATURDAY, "Earlier in Nov"),
        (datetime(2026, 10, 31, tzinfo=UTC), SATURDAY, "Oct 2026"),
        (datetime(2025, 11, 12, tzinfo=UTC), SATURDAY, "Nov 2025"),
        # Early in a month, the last days of the one before are days too.
        (datetime(2026, 12, 29, tzinfo=UTC), datetime(2027, 1, 2, tzinfo=UTC), "29 Dec 2026"),
        (datetime(2026, 12, 3, tzinfo=UTC), datetime(2027, 1, 2, tzinfo=UTC), "Earlier in Dec"),
        (datetime(2026, 11, 3, tzinfo=UTC), datetime(2027, 1, 2, tzinfo=UTC), "Nov 2026"),
    ],
)
def test_days_are_named_while_they_are_recent_and_then_months(moment, now, label):
    group = group_of(moment, now)
    assert group.label == label
    assert group.start <= moment < group.end
    assert find_group(group.key, now) == group


@pytest.mark.any_database
def test_a_day_is_that_of_the_time_zone():
    evening = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)
    with timezone.override("Europe/Berlin"):
        assert group_of(evening, SATURDAY).label == "Today"
    assert group_of(evening, SATURDAY).label == "Yesterday"


@pytest.mark.any_database
@pytest.mark.parametrize("key", ["", "2026", "2026-13", "0000-00", "today", "2026-11-28-1", "9999-12", "2026-10-31"])
def test_what_is_no_group_of_the_list_is_none(key):
    assert find_group(key, SATURDAY) is None


@pytest.fixture
def old_and_new(ana) -> None:
    now = timezone.now()
    for number in range(PAGE_SIZE + 5):
        an_asset(owner=ana, title=f"New {number}", created_at=now)
    for days in (400, 400, 400, 400, 800):
        an_asset(owner=ana, title=f"Old {days}", created_at=now - timedelta(days=days))


def more(client: Client, page: str, **headers: str) -> str:
    url = re.search(r'href="([^"]*after=[^"]*)"', page)[1].replace("&amp;", "&")
    return client.get(url, headers=headers).content.decode()


def test_a_day_that_goes_on_over_a_page_has_one_heading(as_ana, old_and_new):
    first = as_ana.get("/").content.decode()
    assert headings(first) == ["Today"]
    added = more(as_ana, first, hx_request="true", hx_target="more")
    assert len(headings(added)) == 2
    assert "Today" not in added
    # A page of its own, as without JavaScript, says what it begins with.
    assert headings(more(as_ana, first))[0] == "Today"
    assert cards(added) == 10


def test_a_group_says_how_many_assets_it_has(as_ana, old_and_new, monkeypatch):
    first = as_ana.get("/").content.decode()
    # The number of the last group comes along with that of the list.
    url = re.search(r'hx-get="([^"]*part=total[^"]*)"', first)[1].replace("&amp;", "&")
    both = as_ana.get(url).content.decode()
    key = url.partition("also=")[2]
    assert both.startswith(f"{PAGE_SIZE + 10} assets")
    assert f'#group-{key} .day-count">{PAGE_SIZE + 5} assets<' in both
    assert f'id="group-{key}"' in first
    assert "part=total&amp;group=" not in first
    assert "also=" not in as_ana.get("/?layout=list").content.decode()
    assert as_ana.get(f"/?part=total&group={key}").content.decode().strip() == f"{PAGE_SIZE + 5} assets"
    assert as_ana.get("/?part=total&q=800").content.decode().strip() == "1 asset"
    ids = f"/?part=ids&group={key}"
    assert (len(as_ana.get(ids).json()["ids"]), as_ana.get(ids).json()["more"]) == (PAGE_SIZE + 5, False)
    monkeypatch.setattr(timeline_views, "MAX_IDS", 3)
    assert (len(as_ana.get(ids).json()["ids"]), as_ana.get(ids).json()["more"]) == (3, True)
    # Where a page has all of a group, nothing has to be asked.
    added = more(as_ana, first, hx_request="true", hx_target="more")
    assert ">4 assets<" in added
    # Few need no count, and share a row with those of other days.
    assert added.count('class="few"') == 1


@pytest.mark.parametrize("query", ["sort=name", "layout=list"])
def test_other_orders_and_the_list_have_no_days(as_ana, old_and_new, query):
    assert headings(as_ana.get(f"/?{query}").content.decode()) == []


@pytest.mark.parametrize(("url", "is_trash"), [("/?sort=used", False), ("/trash/", True)])
def test_what_was_used_or_trashed_has_the_days_of_that(as_ana, ana, url, is_trash):
    now = timezone.now()
    for number, days in enumerate([0] * (PAGE_SIZE + 1) + [400, 800]):
        asset = an_asset(owner=ana, title=f"{days} days", created_at=now - timedelta(days=900 - number))
        if is_trash:
            asset.trash(now - timedelta(days=days))
        else:
            Use.objects.record(ana, [asset], now - timedelta(days=days))
    first = as_ana.get(url).content.decode()
    assert headings(first) == ["Today"]
    counted = re.search(r'hx-get="([^"]*part=total&amp;also=[^"]*)"', first)[1].replace("&amp;", "&")
    assert f">{PAGE_SIZE + 1} assets<" in as_ana.get(counted).content.decode()
    added = more(as_ana, first, hx_request="true", hx_target="more")
    assert (len(headings(added)), cards(added)) == (2, 3)
    joined = "&" if "?" in url else "?"
    links = month_links(as_ana.get(f"{url}{joined}part=timeline").content.decode())
    assert len(links) == 3
    for link, label in links:
        assert headings(as_ana.get(link).content.decode())[0] in (label, "Today")


def month_links(page: str) -> list[tuple[str, str]]:
    found = re.findall(r'href="([^"]*after=[^"]*)">(\w+ \d{4})</a>', page)
    return [(url.replace("&amp;", "&"), label) for url, label in found]


def test_the_months_of_a_list_lead_to_where_they_begin(as_ana, old_and_new):
    for query, labels in {"": 3, "&q=old": 2, "&sort=oldest": 3, "&q=nothing": 0, "&sort=name": 0}.items():
        links = month_links(as_ana.get(f"/?part=timeline{query}").content.decode())
        assert len(links) == labels, query
        for url, label in links:
            assert headings(as_ana.get(url).content.decode())[0] in (label, "Today")


def test_what_somebody_may_not_see_is_in_no_month(as_ana, ana, old_and_new):
    an_asset(visibility="private", created_at=timezone.now() - timedelta(days=3000))
    assert len(month_links(as_ana.get("/?part=timeline").content.decode())) == 3
    assert month_links(as_ana.get("/trash/?part=timeline").content.decode()) == []
