"""Making and arranging a set by hand, with somebody else at it."""

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import Page, expect

from assets.models import ReferenceSet
from assets.reference_sets import changes
from tests.reference_sets.test_numbers import an_asset_of
from tests.support.factories import a_user

pytestmark = pytest.mark.browser


def titles(page: Page) -> list[str]:
    return page.locator(".member-title").all_inner_texts()


def test_a_set_is_made_of_a_selection_and_arranged_by_keys_and_mouse(page: Page, sign_in, live_server, clipboard):
    sign_in("ana")
    ana = get_user_model().objects.get()
    for number in (1, 2, 3):
        an_asset_of("image", ana, title=f"Picture {number}")
    page.goto(live_server.url)
    for number in (1, 2, 3):
        page.get_by_label(f"Select Picture {number}").check(force=True)
    page.locator("#selection summary").click()
    page.get_by_role("button", name="Add to set").click()
    page.get_by_role("dialog").get_by_label("Model").select_option("seedance-2.0")
    page.get_by_role("dialog").get_by_role("button", name="Add to set").click()
    expect(page.locator(".member-number")).to_have_text(["Image 1", "Image 2", "Image 3"])
    first, second, third = titles(page)
    page.wait_for_load_state()

    page.get_by_role("button", name=f"Move {third} with the arrow keys").press("Home")
    expect(page.locator("[data-moved]")).to_have_text(f"{third}: 1 of 3")
    expect(page.locator(".set-prompt")).to_have_text(f"image 1: {third}\nimage 2: {first}\nimage 3: {second}")
    expect(page.get_by_role("button", name=f"Move {third} with the arrow keys")).to_be_focused()

    page.locator("[data-handle]").nth(2).scroll_into_view_if_needed()
    page.locator("[data-handle]").nth(2).hover()
    place = page.locator(".member-title").first.bounding_box()
    page.mouse.down()
    page.mouse.move(place["x"] + 10, place["y"] + 5, steps=5)
    page.mouse.up()
    expect(page.locator(".set-prompt")).to_have_text(f"image 1: {second}\nimage 2: {third}\nimage 3: {first}")

    page.get_by_label(f"Words for {second} in the prompt").fill("sheet of Mira")
    page.get_by_label(f"Role of {first}").select_option("first_frame")
    expect(page.locator(".set-prompt")).to_have_text(
        f"image 1: first frame, {first}\nimage 2: sheet of Mira\nimage 3: {third}"
    )
    page.get_by_role("link", name="Copy prompt text").click()
    expect(page.get_by_text("prompt text copied")).to_be_visible()

    other = a_user("max", role="manager")
    changes.add(ReferenceSet.objects.get(), [an_asset_of("audio", ana, title="Voice")], other)
    expect(page.get_by_text("max added 1 asset.")).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Remove Voice").click()
    expect(page.locator(".member-number")).to_have_text(["Image 2", "Image 3", "Image 1"])
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".member-title")).to_have_text([second, third, first, "Voice"])
