"""Selecting many assets, by keyboard and mouse, and what stays selected; a message with Undo after a change."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from playwright.sync_api import Page, expect

from assets.models import Asset
from assets.search.results import PAGE_SIZE
from tests.support.factories import an_asset


@pytest.fixture
def ana(sign_in):
    sign_in("ana")
    return get_user_model().objects.get()


@pytest.fixture
def wall(page: Page, ana, live_server) -> Page:
    now = timezone.now()
    for number in range(PAGE_SIZE + 10):
        an_asset(owner=ana, title=f"Picture {number:03}", created_at=now - timedelta(seconds=number))
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(live_server.url)
    expect(page.locator(".card")).to_have_count(PAGE_SIZE)
    return page


def box(page: Page, number: int):
    return page.get_by_role("checkbox", name=f"Select Picture {number:03}")


def selected(page: Page):
    return page.locator("[data-selection-count]")


def test_keys_and_headings_select_ranges_days_what_is_loaded_and_all_results(wall: Page):
    wall.get_by_role("link", name="Picture 002").focus()
    for _ in range(3):
        wall.keyboard.press("Shift+ArrowRight")
    expect(selected(wall)).to_have_text("4 selected")
    wall.keyboard.press("Shift+ArrowLeft")
    expect(selected(wall)).to_have_text("3 selected")
    wall.keyboard.press("Control+a")
    expect(selected(wall)).to_have_text(f"{PAGE_SIZE} selected")
    expect(wall.get_by_text(f"All {PAGE_SIZE + 10} assets", exact=True).first).to_be_visible()
    wall.keyboard.press("Control+a")
    expect(selected(wall)).to_have_text(f"All {PAGE_SIZE + 10} assets selected")
    # One less than all is what is loaded, without it.
    box(wall, 4).click()
    expect(selected(wall)).to_have_text(f"{PAGE_SIZE - 1} selected")
    wall.keyboard.press("Escape")
    expect(selected(wall)).to_be_hidden()
    # A day is selected with what is not loaded of it.
    wall.get_by_role("checkbox", name="Select all of Today").check(force=True)
    expect(selected(wall)).to_have_text(f"{PAGE_SIZE + 10} selected")


def test_a_rubber_band_from_empty_space_selects_and_text_can_still_be_selected(wall: Page):
    card, last = wall.locator(".card").first.bounding_box(), wall.locator(".card").nth(2).bounding_box()
    wall.mouse.move(card["x"] - 6, card["y"] + 5)
    wall.mouse.down()
    wall.mouse.move(last["x"] + 5, card["y"] + 40, steps=4)
    expect(selected(wall)).to_have_text("3 selected")
    wall.keyboard.press("Escape")
    expect(selected(wall)).to_be_hidden()
    wall.mouse.up()
    box(wall, 5).check(force=True)
    wall.keyboard.down("Shift")
    wall.mouse.move(card["x"] - 6, card["y"] + 5)
    wall.mouse.down()
    wall.mouse.move(card["x"] + 5, 799, steps=4)
    expect(box(wall, PAGE_SIZE)).to_be_checked()
    wall.mouse.up()
    wall.keyboard.up("Shift")
    expect(box(wall, 5)).to_be_checked()
    expect(wall.locator(".rubber-band")).to_have_count(0)
    wall.get_by_role("heading", name="Library").dblclick()
    assert wall.evaluate("String(getSelection())").strip() == "Library"


def test_a_selection_stays_while_one_looks_around(wall: Page):
    chosen = (1, 3)
    for number in chosen:
        box(wall, number).check(force=True)
    wall.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(wall.locator(".card")).to_have_count(PAGE_SIZE + 10)
    wall.get_by_role("link", name=f"Picture {PAGE_SIZE + 5:03}").focus()
    wall.keyboard.press("Enter")
    expect(wall.get_by_role("heading", name=f"Picture {PAGE_SIZE + 5:03}")).to_be_visible()
    wall.go_back()
    expect(selected(wall)).to_have_text("2 selected")
    # They are sent, whether they are loaded or not.
    wall.get_by_role("button", name="Tag", exact=True).click()
    expect(wall.get_by_role("dialog").get_by_label("Tags")).to_be_focused()
    wall.keyboard.type("sea")
    wall.keyboard.press("Enter")
    expect(wall.get_by_text("Tagged 2 assets “sea”")).to_be_visible()
    assert set(Asset.objects.filter(tags__name="sea").values_list("title", flat=True)) == {"Picture 001", "Picture 003"}
    wall.get_by_role("combobox", name="Search").fill("tag:sea ")
    expect(wall.locator(".card")).to_have_count(2)
    expect(selected(wall)).to_be_hidden()


def test_what_was_moved_to_the_trash_comes_back_selected_with_the_keys_of_undo(wall: Page):
    for number in (1, 3):
        box(wall, number).check(force=True)
    wall.get_by_role("button", name="Move to trash").click()
    expect(wall.get_by_text("Moved 2 assets to trash")).to_be_visible()
    expect(box(wall, 1)).to_have_count(0)
    expect(selected(wall)).to_be_hidden()
    wall.keyboard.press("Control+z")
    expect(wall.get_by_text("Undone: Moved 2 assets to trash")).to_be_visible()
    expect(wall.get_by_role("button", name="Undo")).to_have_count(0)
    expect(selected(wall)).to_have_text("2 selected")
    expect(box(wall, 3)).to_be_checked()
    wall.keyboard.press("Control+z")
    expect(wall.get_by_text("Nothing to undo")).to_be_visible()


def test_urls_are_copied_at_once(wall: Page):
    wall.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for number in (1, 3):
        box(wall, number).check(force=True)
    wall.get_by_role("button", name="Copy 2 URLs").click()
    expect(wall.get_by_text("2 URLs copied")).to_be_visible()
    assert len(wall.evaluate("navigator.clipboard.readText()").splitlines()) == 2
    wall.locator("#selection summary").click()
    wall.get_by_role("button", name="Copy URLs as JSON").click()
    expect(wall.locator(".toast")).to_have_count(1)
    wall.wait_for_function(
        "navigator.clipboard.readText().then((text) => JSON.parse(text).length === 2).catch(() => false)"
    )
