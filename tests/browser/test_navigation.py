"""The navigation in a browser: folding, opening collections, and the bar on phones."""

import pytest
from playwright.sync_api import Page, expect

from assets.models import User
from tests.support.factories import an_asset

PHONE = {"width": 360, "height": 740}
IS_COVERED = """(element) => {
  const box = element.getBoundingClientRect();
  const bar = document.querySelector(".bottom-bar").getBoundingClientRect();
  return box.bottom > bar.top;
}"""


@pytest.fixture
def ana(sign_in, page):
    page.set_viewport_size({"width": 1280, "height": 800})
    sign_in("ana")
    ana = User.objects.get()
    an_asset(owner=ana, title="Harbour").set_labels(collections=["Trips/2024"])
    page.reload()
    return ana


def test_a_collection_opens_in_place_and_both_it_and_a_folded_sidebar_are_remembered(page: Page, ana):
    sidebar = page.get_by_role("navigation", name="Main")
    sidebar.get_by_role("button", name="Collections in Trips").click()
    expect(sidebar.get_by_role("link", name="2024")).to_be_visible()
    page.reload()
    expect(sidebar.get_by_role("link", name="2024")).to_be_visible()
    page.keyboard.press("[")
    expect(sidebar.get_by_role("link", name="2024")).to_be_hidden()
    page.reload()
    expect(sidebar.get_by_role("button", name="Sidebar")).to_have_attribute("aria-expanded", "false")
    expect(sidebar.get_by_role("link", name="Favourites")).to_be_visible()
    page.keyboard.press("[")
    expect(sidebar.get_by_role("link", name="2024")).to_be_visible()


def test_the_navigation_is_drawn_again_after_a_change_and_marks_a_search(page: Page, ana):
    sidebar = page.get_by_role("navigation", name="Main")
    an_asset(owner=ana).set_labels(collections=["Launch"], tags=["hero"])
    page.evaluate("dispatchEvent(new CustomEvent('navigation:changed'))")
    expect(sidebar.get_by_role("link", name="Launch")).to_be_visible()
    sidebar.get_by_role("link", name="New collection").click()
    expect(page.get_by_role("dialog").get_by_label("Name")).to_be_focused()
    page.keyboard.press("Escape")
    page.get_by_role("combobox", name="Search").fill("is:favourite")
    expect(sidebar.get_by_role("link", name="Favourites")).to_have_attribute("aria-current", "page")
    expect(sidebar.get_by_role("link", name="Library", exact=True)).not_to_have_attribute("aria-current", "page")


def test_the_bar_of_a_phone_covers_nothing_and_searches(page: Page, ana):
    page.set_viewport_size(PHONE)
    page.goto(page.url + "help/")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert not page.locator("main > *:last-child").evaluate(IS_COVERED)
    bar = page.get_by_role("navigation", name="Shortcuts")
    bar.get_by_role("link", name="Search").click()
    expect(page.get_by_role("combobox", name="Search")).to_be_focused()
    bar.get_by_role("link", name="More").click()
    expect(page.get_by_role("heading", name="More")).to_be_visible()
    page.get_by_role("link", name="Trash").click()
    expect(page.get_by_role("heading", name="Trash", exact=True)).to_be_visible()


def test_the_help_opens_at_its_beginning(page: Page, ana):
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert dialog.evaluate("(element) => element.scrollTop") == 0
