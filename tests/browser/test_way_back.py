"""Back from an asset to the place in a long list where it was opened."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from assets.models import Asset
from tests.support.factories import a_stored_file, an_asset

DEEP = 200
LAYOUTS = ["medium", "list"]


@pytest.fixture
def ana(sign_in):
    sign_in("ana")
    ana = get_user_model().objects.get()
    now = timezone.now()
    for number in range(DEEP):
        # Of many shapes, so that the rows of the grid have different numbers of cards.
        file = a_stored_file(width=400 + 37 * (number % 11), height=400)
        created_at = now - timedelta(minutes=number)
        an_asset(owner=ana, stored_file=file, title=f"Picture {number:03}", created_at=created_at)
    return ana


@pytest.fixture
def pages_loaded(page: Page) -> list[str]:
    """The parts of a list that the page asks for."""
    urls: list[str] = []
    page.on(
        "request", lambda r: urls.append(r.url) if r.headers.get("hx-target") or r.is_navigation_request() else None
    )
    return urls


def open_list(page: Page, url: str, layout: str) -> None:
    page.goto(url)
    page.get_by_role("button", name=layout.title()).click()
    expect(page.get_by_role("button", name=layout.title())).to_have_attribute("aria-pressed", "true")


def scroll_to(page: Page, title: str) -> None:
    link = page.get_by_role("link", name=title)
    while not link.count():
        before = page.locator("[data-asset]").count()
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        page.wait_for_function("count => document.querySelectorAll('[data-asset]').length > count", arg=before)
    link.evaluate("link => link.closest('[data-asset]').scrollIntoView({ block: 'center' })")
    page.wait_for_timeout(150)  # what is near is loaded


def box(page: Page, title: str) -> tuple[float, float]:
    place = page.locator("[data-asset]", has=page.get_by_role("link", name=title)).bounding_box()
    return round(place["x"]), round(place["y"])


def expect_place(page: Page, title: str, place: tuple[float, float]) -> None:
    expect(page.get_by_role("link", name=title)).to_be_focused()
    page.wait_for_timeout(500)  # nothing that comes later moves it
    x, y = box(page, title)
    assert (x, y) == pytest.approx(place, abs=2)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("query", ["", "?q=picture&sort=name"])
def test_back_leads_to_the_card_that_was_opened(page: Page, ana, live_server, pages_loaded, layout, query):
    open_list(page, f"{live_server.url}/{query}", layout)
    scroll_to(page, "Picture 163")
    place, neighbour = box(page, "Picture 163"), box(page, "Picture 161")
    page.get_by_role("link", name="Picture 163").click()
    expect(page.get_by_role("heading", name="Picture 163")).to_be_visible()
    pages_loaded.clear()
    page.go_back()
    expect_place(page, "Picture 163", place)
    assert box(page, "Picture 161") == pytest.approx(neighbour, abs=2)
    assert len(pages_loaded) <= 4, pages_loaded
    # And forward, and back by the link.
    page.go_forward()
    expect(page.get_by_role("heading", name="Picture 163")).to_be_visible()
    page.locator("[data-back]").click()
    expect_place(page, "Picture 163", place)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_from_the_place_the_list_goes_on_both_ways(page: Page, ana, live_server, layout):
    open_list(page, live_server.url, layout)
    scroll_to(page, "Picture 130")
    page.get_by_role("link", name="Picture 130").click()
    page.go_back()
    expect(page.get_by_role("link", name="Picture 130")).to_be_focused()
    while page.locator("#before").count():
        first = page.locator("[data-asset] .card-title").first
        title = first.inner_text()
        page.evaluate("scrollTo(0, 0)")
        page.wait_for_function(
            "title => document.querySelector('[data-asset] .card-title').innerText !== title", arg=title
        )
        page.wait_for_timeout(100)
        expect(page.get_by_role("link", name=title)).to_be_in_viewport()
    scroll_to(page, f"Picture {DEEP - 1}")
    titles = page.locator("[data-asset] .card-title").all_inner_texts()
    assert titles == [f"Picture {number:03}" for number in range(DEEP)]


def test_after_walking_to_a_neighbour_the_list_shows_that_one(page: Page, ana, live_server):
    page.goto(f"{live_server.url}/?q=picture")
    scroll_to(page, "Picture 122")
    place = box(page, "Picture 122")
    page.get_by_role("link", name="Picture 122").click()
    expect(page.get_by_role("heading", name="Picture 122")).to_be_visible()
    page.keyboard.press("j")
    expect(page.get_by_role("heading", name="Picture 123")).to_be_visible()
    page.locator("[data-back]").click()
    expect(page.get_by_role("link", name="Picture 123")).to_be_focused()
    expect(page.get_by_role("link", name="Picture 123")).to_be_in_viewport()
    expect(page).to_have_url(f"{live_server.url}/?q=picture")
    for _ in range(3):
        page.go_back()
    expect_place(page, "Picture 122", place)


def test_after_a_change_the_place_is_the_same(page: Page, ana, live_server):
    page.goto(live_server.url)
    scroll_to(page, "Picture 150")
    place = box(page, "Picture 150")
    page.get_by_role("link", name="Picture 150").click()
    expect(page.get_by_role("heading", name="Picture 150")).to_be_visible()
    Asset.objects.filter(title="Picture 150").update(title="Harbour")
    page.locator("[data-back]").click()
    expect_place(page, "Harbour", place)

    page.get_by_role("link", name="Harbour").click()
    page.get_by_role("button", name="Move to trash").click()
    expect(page.get_by_text(re.compile("Moved .* to trash"))).to_be_visible()
    expect(page.get_by_role("link", name="Picture 151")).to_be_focused()
    expect(page.get_by_role("link", name="Picture 151")).to_be_in_viewport()


def test_whatever_leads_away_the_way_back_leads_to_the_place(page: Page, ana, live_server):
    page.goto(live_server.url)
    scroll_to(page, "Picture 140")
    place = box(page, "Picture 140")
    page.goto(f"{live_server.url}/activity/")
    page.go_back()
    expect(page.get_by_role("link", name="Picture 140")).to_be_in_viewport()
    page.wait_for_timeout(500)
    assert box(page, "Picture 140") == pytest.approx(place, abs=2)
    # The same list once more, which is another place.
    page.goto(f"{live_server.url}/help/")
    page.goto(live_server.url)
    expect(page.get_by_role("link", name="Picture 000")).to_be_in_viewport()
    page.go_back()
    page.go_back()
    expect(page.get_by_role("link", name="Picture 140")).to_be_in_viewport()
    page.reload()
    expect(page.get_by_role("link", name="Picture 140")).to_be_in_viewport()
    assert re.fullmatch(rf"{live_server.url}/", page.url)


def test_the_way_back_does_not_take_the_focus_from_whoever_types(page: Page, ana, live_server):
    page.goto(live_server.url)
    page.get_by_role("link", name="Picture 003").click()
    expect(page.get_by_role("heading", name="Picture 003")).to_be_visible()
    held: list[Route] = []
    page.route("**/come-back*.js", lambda route: held.append(route))
    with page.expect_request("**/come-back*.js"):
        page.evaluate("history.back()")
    page.get_by_role("combobox", name="Search").focus()
    with page.expect_response("**/come-back*.js"):
        held[0].continue_()
    page.wait_for_timeout(200)  # the place is found again
    page.keyboard.type("Picture 007")
    expect(page.get_by_role("link", name="Picture")).to_have_count(1)
    expect(page.get_by_role("combobox", name="Search")).to_have_value("Picture 007")
