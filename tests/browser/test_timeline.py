"""The months beside the library: where one is, and the way to any other."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.support.factories import a_stored_file, an_asset

MONTHS = 9
PER_MONTH = 30


@pytest.fixture
def years(sign_in, live_server, page: Page) -> None:
    sign_in("ana")
    ana = get_user_model().objects.get()
    start = timezone.now().replace(day=15)
    for number in range(MONTHS * PER_MONTH):
        file = a_stored_file(width=400 + 37 * (number % 11), height=400)
        created_at = start - timedelta(days=61 * (number // PER_MONTH), minutes=number)
        an_asset(owner=ana, stored_file=file, title=f"Picture {number:03}", created_at=created_at)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(live_server.url)
    page.mouse.move(300, 300)


def top(page: Page, label: str) -> float:
    return page.get_by_role("heading", name=label).bounding_box()["y"]


def test_a_month_far_away_is_one_click_or_key_away(page: Page, years):
    slider = page.get_by_role("slider", name="Month")
    expect(slider).to_have_attribute("aria-valuemax", str(MONTHS - 1))
    box = slider.bounding_box()
    wall = page.locator("[data-cards]").bounding_box()
    assert wall["x"] + wall["width"] <= box["x"] + 20
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] * 5.5 / MONTHS)
    expect(page.get_by_role("link", name=f"Picture {5 * PER_MONTH:03}")).to_be_in_viewport()
    label = slider.get_attribute("aria-valuetext")
    page.wait_for_timeout(500)  # what comes before it is loaded above, and moves nothing
    assert top(page, label) == pytest.approx(12, abs=30)
    # From there the list goes on both ways, each month under one heading.
    page.mouse.move(300, 300)
    page.mouse.wheel(0, -800)
    expect(slider).not_to_have_attribute("aria-valuetext", label)
    keys = page.locator("[data-group]").evaluate_all("all => all.map((one) => one.dataset.group)")
    assert sorted(set(keys), reverse=True) == keys
    slider.press("End")
    expect(page.get_by_role("link", name=f"Picture {(MONTHS - 1) * PER_MONTH:03}")).to_be_in_viewport()
    expect(slider).to_be_focused()
    slider.press("Home")
    expect(page.get_by_role("link", name="Picture 000")).to_be_in_viewport()
    # In another order there are none.
    page.goto(re.sub(r"/$", "/?sort=name", page.url))
    page.mouse.move(310, 310)
    expect(page.get_by_role("slider")).to_have_count(0)
