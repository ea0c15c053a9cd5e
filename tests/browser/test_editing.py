"""Editing an asset on its page, without leaving it."""

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import Page, expect

from tests.support.factories import an_asset


@pytest.fixture
def ana(sign_in):
    sign_in("ana")
    return get_user_model().objects.get()


def test_an_edit_is_saved_without_leaving_the_page(page: Page, open_asset):
    asset = open_asset(title="Before", tags=("old",))
    page.evaluate("window.marker = 1")
    page.keyboard.press("e")
    expect(page.get_by_label("Title")).to_be_focused()
    page.get_by_label("Title").fill("After <all>")
    page.get_by_label("Tags").fill("new, old")
    page.get_by_label("Description").fill("In words")
    page.get_by_label("Description").press("Control+Enter")
    expect(page.get_by_role("heading", name="After <all>")).to_be_visible()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    expect(page.get_by_text("In words").first).to_be_visible()
    expect(page.get_by_role("region", name="History")).to_contain_text("Before After <all>")
    expect(page.locator("summary", has_text="Edit")).to_be_focused()
    assert page.evaluate("window.marker") == 1
    assert page.title().strip().startswith("After <all>")
    asset.refresh_from_db()
    assert (asset.title, asset.description) == ("After <all>", "In words")


def test_a_click_on_words_edits_them_where_they_stand(page: Page, open_asset):
    open_asset(title="Before", description="Some words")
    page.get_by_role("paragraph").filter(has_text="Some words").click()
    expect(page.get_by_label("Description")).to_be_focused()
    page.get_by_label("Visibility").select_option("Only me")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Only you can see this asset")).to_be_visible()


def test_escape_leaves_and_what_was_typed_is_still_there(page: Page, open_asset):
    open_asset(title="Before")
    page.keyboard.press("e")
    page.get_by_label("Title").fill("Half a tho")
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Before")).to_be_visible()
    expect(page.get_by_text("Unsaved changes")).to_be_visible()
    page.keyboard.press("e")
    expect(page.get_by_label("Title")).to_have_value("Half a tho")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Unsaved changes")).to_be_hidden()
    page.keyboard.press("e")
    expect(page.get_by_label("Title")).to_have_value("Before")


def test_what_cannot_be_saved_says_why_in_its_place(page: Page, open_asset, troubles):
    open_asset(title="Before")
    page.keyboard.press("e")
    page.get_by_label("Title").fill("Typed")
    page.get_by_label("Tags").fill("x" * 61)
    page.get_by_label("Tags").press("Enter")
    expect(page.get_by_text("Use at most 60")).to_be_visible()
    expect(page.get_by_label("Tags")).to_be_focused()
    expect(page.get_by_label("Title")).to_have_value("Typed")
    page.get_by_label("Tags").fill("short")
    page.get_by_label("Tags").press("Enter")
    expect(page.get_by_role("heading", name="Typed")).to_be_visible()
    assert all("400" in trouble for trouble in troubles)
    troubles.clear()


def test_without_a_connection_nothing_typed_is_lost(page: Page, open_asset, troubles):
    asset = open_asset(title="Before")
    page.keyboard.press("e")
    page.get_by_label("Title").fill("Typed")
    page.route("**/assets/**", lambda route: route.abort())
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Not saved. Can’t reach the server. Check")).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("Typed")
    page.unroute("**/assets/**")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Typed")).to_be_visible()
    asset.refresh_from_db()
    assert asset.title == "Typed"
    troubles.clear()


def test_e_in_the_library_leads_to_the_open_form(page: Page, ana, live_server):
    an_asset(owner=ana, title="In a list")
    page.goto(live_server.url)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("e")
    expect(page.get_by_label("Title")).to_be_focused()
