"""The wall of cards: sizes, what they say, and videos that play in them."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.support.factories import a_picture, a_stored_file, an_asset
from tests.support.media import a_video

REASON = "Segmind refused the file: " + "62 MB is over the 50 MB limit. " * 5


@pytest.fixture
def ana(sign_in):
    sign_in("ana")
    return get_user_model().objects.get()


def heights(page: Page) -> list[float]:
    return page.locator(".card").evaluate_all("all => all.map((card) => card.getBoundingClientRect().height)")


def test_cards_have_three_sizes_at_once_and_for_good(page: Page, ana, live_server):
    for number in range(12):
        file = a_stored_file(width=300 if number % 2 else 500, height=400)
        an_asset(owner=ana, stored_file=file, title=f"A long_title_of {number} pictures")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(live_server.url)
    medium = heights(page)[0]
    with page.expect_response("**/layout/"):
        page.get_by_role("button", name="Large").click()
    assert heights(page)[0] > medium
    page.reload()
    assert heights(page)[0] > medium
    with page.expect_response("**/layout/"):
        page.get_by_role("button", name="Small").click()
    expect(page.get_by_role("button", name="Small")).to_have_attribute("aria-pressed", "true")
    assert heights(page)[0] < medium
    # The title of the narrowest card has a line for its beginning, whatever the size.
    widths = page.locator(".card-title").evaluate_all("all => all.map((title) => title.offsetWidth)")
    assert min(widths) > 70


def test_why_a_file_failed_is_said_over_its_picture_and_stretches_no_row(page: Page, ana, live_server):
    an_asset(owner=ana, title="Fine")
    an_asset(owner=ana, title="Refused", stored_file=a_stored_file(state="failed", error=REASON))
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(live_server.url)
    reason = page.locator(".card-reason")
    expect(reason).to_have_css("opacity", "0")
    assert max(heights(page)) - min(heights(page)) < 30
    page.get_by_role("link", name="Refused").focus()
    expect(reason).to_have_css("opacity", "1")
    expect(page.get_by_role("link", name="Refused")).to_have_accessible_description(REASON.strip())
    box, card = reason.bounding_box(), page.locator(".card").first.bounding_box()
    assert box["height"] <= card["height"]


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_a_video_plays_silently_while_the_mouse_is_on_it(page: Page, ana, live_server, motion):
    file = a_stored_file(content=a_video("webm", "libvpx"), media_type="video/webm", width=64, height=48, duration=1.0)
    file.preview.save(f"previews/{file.sha256}.webp", ContentFile(a_picture(format="WEBP")))
    an_asset(owner=ana, stored_file=file, title="Film")
    page.emulate_media(reduced_motion=motion)
    page.goto(live_server.url)
    page.mouse.move(1, 1)
    page.wait_for_load_state("networkidle")
    page.locator(".card").hover()
    film = page.locator(".card video")
    if motion == "reduce":
        page.wait_for_timeout(600)
        expect(film).to_have_count(0)
        return
    expect(film).to_have_attribute("data-playing", "")
    assert film.evaluate("film => film.muted && !film.controls")
    page.mouse.move(1, 1)
    expect(film).to_have_count(0)


def test_columns_of_the_list_keep_the_widths_they_are_drawn_to(page: Page, ana, live_server):
    an_asset(owner=ana, title="In a row")
    page.set_viewport_size({"width": 1400, "height": 800})
    page.goto(live_server.url)
    page.get_by_role("button", name="List").click()
    expect(page.get_by_role("button", name="List")).to_have_attribute("aria-pressed", "true")
    # One move alone is only noticed once the scripts are there.
    page.wait_for_load_state()
    page.mouse.move(300, 300)
    edge = page.get_by_role("separator", name="Width of Owner")
    head = page.get_by_role("columnheader", name="Owner")
    before = head.bounding_box()["width"]
    box = edge.bounding_box()
    page.mouse.move(box["x"] + 6, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] - 24, box["y"] + 20, steps=3)
    with page.expect_response("**/columns/"):
        page.mouse.up()
    assert head.bounding_box()["width"] == pytest.approx(before - 30, abs=2)
    with page.expect_response("**/columns/"):
        edge.press("ArrowRight")
    page.reload()
    assert head.bounding_box()["width"] == pytest.approx(before - 14, abs=2)


def test_days_of_few_assets_stand_side_by_side_and_fit_a_phone(page: Page, ana, live_server):
    for days, width in ((2, 600), (3, 800), (4, 2600)):
        file = a_stored_file(width=width, height=1000)
        an_asset(owner=ana, stored_file=file, created_at=timezone.now() - timedelta(days=days))
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(live_server.url)
    first, second, _ = [card.bounding_box() for card in page.locator(".card-picture").all()]
    assert first["y"] == second["y"]
    assert abs(first["height"] - second["height"]) < 1
    page.goto(f"{live_server.url}/?layout=large")
    widest = page.locator(".card-picture").last.bounding_box()
    assert widest["x"] + widest["width"] <= 360
