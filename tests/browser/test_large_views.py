"""An asset large on its page: zoom, films and sounds."""

import re

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import Page, expect

from tests.support.factories import a_stored_file, an_asset
from tests.support.media import a_sound, a_video


@pytest.fixture
def ana(sign_in):
    sign_in("ana")
    return get_user_model().objects.get()


def scale(page: Page) -> float:
    style = page.evaluate("document.querySelector('.zoom img').style.transform")
    return float(re.search(r"scale\(([\d.]+)\)", style)[1]) if style else 1


def place(page: Page) -> tuple[float, float]:
    style = page.evaluate("document.querySelector('.zoom img').style.transform")
    return tuple(float(number) for number in re.search(r"translate\((-?[\d.]+)px, (-?[\d.]+)px\)", style).groups())


# --- Zoom ---


def test_a_click_enlarges_and_another_shows_the_whole_again(page: Page, open_asset):
    open_asset()
    frame = page.locator(".zoom")
    frame.click()
    assert scale(page) >= 2
    expect(frame).to_have_attribute("aria-pressed", "true")
    frame.click()
    assert scale(page) == 1
    frame.dblclick()
    assert scale(page) >= 2
    page.keyboard.press("Escape")
    assert scale(page) == 1
    expect(page.locator("[data-zoom-percent]")).to_have_text("Fit")


def test_keys_and_buttons_enlarge_and_arrows_move(page: Page, open_asset):
    open_asset()
    page.keyboard.press("+")
    page.keyboard.press("+")
    assert scale(page) == pytest.approx(2.25)
    page.keyboard.press("ArrowRight")
    assert place(page)[0] < 0
    page.keyboard.press("-")
    assert scale(page) == pytest.approx(1.5)
    page.keyboard.press("0")
    assert scale(page) == 1
    page.get_by_role("button", name="Zoom in").click()
    assert scale(page) == pytest.approx(1.5)
    page.get_by_role("button", name="Zoom out").click()
    assert scale(page) == 1
    page.locator(".zoom").focus()
    page.keyboard.press("Enter")
    assert scale(page) >= 2


def test_the_wheel_enlarges_under_the_pointer_and_dragging_moves_within_the_frame(page: Page, open_asset):
    open_asset()
    box = page.locator(".zoom").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 100, y)
    for _ in range(3):
        page.mouse.wheel(0, -300)
    page.wait_for_function("document.querySelector('.zoom img').style.transform.includes('scale(3.375)')")
    assert place(page)[0] > 0  # what was under the pointer, left of the middle, still is
    before = place(page)
    page.mouse.down()
    page.mouse.move(x - 140, y + 30, steps=4)
    page.mouse.up()
    assert place(page) == (pytest.approx(before[0] - 40), pytest.approx(before[1] + 30))
    assert scale(page) > 3  # a drag is no click
    page.mouse.down()
    page.mouse.move(x + 5000, y, steps=4)
    page.mouse.up()
    edge = page.evaluate("document.querySelector('.zoom img').getBoundingClientRect().left")
    assert edge <= box["x"] + 1


def test_two_fingers_pinch(page: Page, open_asset):
    open_asset()
    box = page.locator(".zoom").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    cdp = page.context.new_cdp_session(page)

    def touch(kind: str, *distances: int) -> None:
        points = [{"x": x + sign * d, "y": y, "id": number} for d in distances for number, sign in enumerate((-1, 1))]
        cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 40)
    for distance in (60, 80, 120):
        touch("touchMove", distance)
    touch("touchEnd")
    page.wait_for_function("document.querySelector('.zoom').hasAttribute('data-zoomed')")
    assert scale(page) == pytest.approx(3, rel=0.4)


# --- Video and sound ---


@pytest.mark.parametrize("media_type", ["video/mp4", "audio/mpeg"])
def test_what_the_browser_cannot_play_is_said_and_offered_to_download(page: Page, ana, live_server, media_type):
    asset = an_asset(owner=ana, stored_file=a_stored_file(content=b"in no known format", media_type=media_type))
    page.goto(f"{live_server.url}{asset.get_absolute_url()}")
    expect(page.get_by_text("This browser can’t play this format.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download it instead").click()
    assert download.value.path().read_bytes() == b"in no known format"


@pytest.mark.parametrize(
    "media", [("video/webm", a_video("webm", "libvpx")), ("audio/mpeg", a_sound("mp3", "libmp3lame"))]
)
def test_of_what_it_can_play_nothing_is_said(page: Page, ana, live_server, media):
    media_type, content = media
    asset = an_asset(owner=ana, stored_file=a_stored_file(content=content, media_type=media_type))
    page.goto(f"{live_server.url}{asset.get_absolute_url()}")
    page.wait_for_function("document.querySelector('#stage :is(video, audio)').readyState > 0")
    expect(page.get_by_text("This browser can’t play this format.")).to_be_hidden()
