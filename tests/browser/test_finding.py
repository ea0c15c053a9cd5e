"""Filters, conditions as chips, and completing them."""

import re

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import Page, Route, expect

from tests.support.factories import a_user, an_asset


@pytest.fixture
def ana(sign_in):
    sign_in("ana")
    return get_user_model().objects.get()


def box(page: Page):
    return page.get_by_role("combobox", name="Search")


def chips(page: Page) -> list[str]:
    return page.locator("[data-chip]").all_inner_texts()


def titles(page: Page) -> list[str]:
    return page.locator(".card-title").all_inner_texts()


def test_a_menu_stays_open_while_values_are_chosen_and_the_box_says_what_is_shown(page: Page, ana, live_server):
    for title, tags in (("Pier", ("sea",)), ("Night bus", ("night",)), ("Moon", ("sea", "night")), ("Dunes", ())):
        an_asset(owner=ana, title=title, tags=tags)
    page.goto(live_server.url)
    page.locator("summary", has_text="Tag").click()
    menu = page.locator("[data-filter=tag]")
    expect(menu.get_by_role("link", name="sea 2")).to_be_visible()
    menu.get_by_role("link", name="sea 2").click()
    expect(page.locator(".card")).to_have_count(2)
    expect(menu.get_by_role("link", name="sea 2")).to_have_attribute("aria-current", "true")
    menu.get_by_role("link", name="night 2").click()
    expect(page.locator(".card")).to_have_count(3)
    assert chips(page) == ["tag:sea,night"]
    expect(page).to_have_url(re.compile(r"\?q=tag%3Asea%2Cnight$"))
    page.keyboard.press("Escape")
    expect(menu.get_by_role("link", name="sea 2")).to_be_hidden()
    page.get_by_role("link", name="Clear tag").click()
    expect(page.locator(".card")).to_have_count(4)
    assert chips(page) == []
    # Each choice is a step on the way back.
    for shown, chosen in ((3, ["tag:sea,night"]), (2, ["tag:sea"]), (4, [])):
        page.go_back()
        expect(page.locator(".card")).to_have_count(shown)
        assert chips(page) == chosen
    page.go_forward()
    expect(page.locator(".card")).to_have_count(2)
    # What is typed is one, however many letters.
    box(page).press_sequentially("pie", delay=300)
    expect(page.locator(".card")).to_have_count(1)
    page.go_back()
    expect(page.locator(".card")).to_have_count(2)
    expect(box(page)).to_have_value("")
    page.go_back()
    expect(page.locator(".card")).to_have_count(4)
    # Nor is it lost where it comes before the scripts.
    held: list[Route] = []
    page.route("**/js/search.js", lambda route: held.append(route))
    page.goto(live_server.url, wait_until="commit")
    box(page).press_sequentially("pie")
    held[0].continue_()
    expect(page.locator(".card")).to_have_count(1)


def test_conditions_are_completed_by_keyboard_and_become_chips(page: Page, ana, live_server):
    an_asset(owner=ana, title="Skyline", tags=("New York",))
    an_asset(owner=a_user("ben"), title="Dunes", tags=("launch",))
    page.goto(live_server.url)
    page.keyboard.press("/")
    page.keyboard.type("tag:ne")
    option = page.get_by_role("option", name="New York 1")
    expect(option).to_be_visible()
    # Half typed, it is no condition yet.
    expect(page.locator(".card")).to_have_count(2)
    page.keyboard.press("Tab")
    expect(page.locator(".card")).to_have_count(1)
    assert chips(page) == ['tag:"New York"']
    expect(box(page)).to_be_focused()
    page.keyboard.type("by:")
    expect(page.get_by_role("option", name="Me 1")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    assert titles(page) == ["Skyline"]
    page.keyboard.type("ana sky")
    expect(page).to_have_url(re.compile(r"by%3Aana\+sky$"))
    expect(box(page)).to_have_value("sky")
    box(page).fill("")
    page.wait_for_load_state("networkidle")
    for left in (1, 0):
        page.keyboard.press("Backspace")
        expect(page.locator("[data-chip]:visible")).to_have_count(left)
    expect(page.locator(".card")).to_have_count(2)
    page.keyboard.type("-tag:launch ")
    expect(page.locator(".card")).to_have_count(1)
    page.get_by_role("button", name="-tag:launch").click()
    expect(box(page)).to_have_value("-tag:launch")
    assert chips(page) == []
    page.get_by_role("option", name="launch").click()
    page.get_by_role("link", name="Remove -tag:launch").click()
    expect(page.locator(".card")).to_have_count(2)
