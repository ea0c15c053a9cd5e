"""The library as people use it: results while typing, more while scrolling, keys, selecting, favourites."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from playwright.sync_api import Page, expect

from assets.models import Asset, Favourite, StoredFile
from assets.search.results import PAGE_SIZE
from tests.browser.hands import drop_on, during_the_next_refresh
from tests.support.factories import a_picture, an_asset


@pytest.fixture
def ana(sign_in):
    sign_in("ana")
    return get_user_model().objects.get()


def some_assets(owner, count: int) -> None:
    now = timezone.now()
    for number in range(count):
        an_asset(owner=owner, title=f"Picture {number:03}", created_at=now - timedelta(minutes=number))


def titles(page: Page) -> list[str]:
    return page.locator(".card-title").all_inner_texts()


def test_results_come_while_typing_and_the_address_says_what_is_shown(page: Page, ana, live_server):
    an_asset(owner=ana, title="Harbour at dawn")
    an_asset(owner=ana, title="Dunes")
    page.goto(live_server.url)
    box = page.get_by_role("combobox", name="Search")
    box.press_sequentially("harb")
    expect(page.locator(".card")).to_have_count(1)
    expect(page.locator(".total")).to_have_text("1 asset")
    expect(box).to_be_focused()
    expect(page).to_have_url(f"{live_server.url}/?q=harb")
    page.reload()
    assert titles(page) == ["Harbour at dawn"]
    page.get_by_role("combobox", name="Search").fill("type:banana ")
    expect(page.get_by_text("Unknown type.")).to_be_visible()


def test_more_assets_come_while_scrolling(page: Page, ana, live_server):
    some_assets(ana, 110)
    page.goto(live_server.url)
    assert len(titles(page)) < 110
    for count in (2 * PAGE_SIZE, 110):
        page.locator(".card").last.scroll_into_view_if_needed()
        page.mouse.wheel(0, 20000)
        expect(page.locator(".card")).to_have_count(count)
    assert titles(page) == [f"Picture {number:03}" for number in range(110)]


def test_keys_lead_through_the_library(page: Page, ana, live_server):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    some_assets(ana, 30)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(live_server.url)
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("link", name="Picture 000")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("link", name="Picture 001")).to_be_focused()
    page.keyboard.press("c")
    expect(page.get_by_text("URL copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").startswith("https://images.segmind.com/")
    page.keyboard.press("x")
    expect(page.get_by_role("checkbox", name="Select Picture 001")).to_be_checked()
    expect(page.get_by_text("1 selected")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("1 selected")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("move between assets")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Search")).to_be_focused()
    page.keyboard.type("x?c")
    expect(page.get_by_role("combobox", name="Search")).to_have_value("x?c")


def test_shift_and_a_click_select_all_between(page: Page, ana, live_server):
    some_assets(ana, 12)
    page.goto(live_server.url)
    page.get_by_role("checkbox", name="Select Picture 002").click()
    page.get_by_role("checkbox", name="Select Picture 006").click(modifiers=["Shift"])
    expect(page.get_by_text("5 selected")).to_be_visible()
    page.get_by_role("link", name="Picture 009").click()  # selects too, while others are selected
    expect(page.get_by_text("6 selected")).to_be_visible()
    expect(page).to_have_url(f"{live_server.url}/")


def test_escape_closes_what_is_on_top_before_it_lets_the_selection_go(page: Page, ana, live_server):
    some_assets(ana, 2)
    page.goto(live_server.url)
    page.get_by_role("checkbox", name="Select Picture 001").click()
    page.get_by_role("button", name="Tag", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    more = page.locator("#selection details")
    more.locator("summary").click()
    page.keyboard.press("Escape")
    expect(more).not_to_have_attribute("open", "")
    expect(page.get_by_text("1 selected")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("1 selected")).to_be_hidden()


@pytest.mark.parametrize("width", [360, 414, 600, 1280])
def test_what_can_be_done_with_a_selection_stands_in_one_row(page: Page, ana, live_server, width):
    some_assets(ana, 12)
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(live_server.url)
    page.keyboard.press("Control+a")
    expect(page.locator("#selection")).to_be_visible()
    assert page.locator("#selection").bounding_box()["height"] <= 64
    page.locator("#selection summary").click()
    menu = page.locator("#selection .menu-list")
    assert menu.bounding_box()["x"] >= 0
    heights = menu.get_by_role("button").evaluate_all("all => all.map((item) => item.offsetHeight)")
    assert set(heights) == {44}


def test_a_favourite_is_kept(page: Page, ana, live_server):
    asset = an_asset(owner=ana, title="Best one")
    page.goto(live_server.url)
    page.locator(".card").hover()
    with page.expect_response(re.compile("favourite")):
        page.get_by_role("button", name="Favourite: Best one").click()
    assert Favourite.objects.filter(user=ana, asset=asset).exists()
    page.goto(f"{live_server.url}/?q=is:favourite")
    expect(page.get_by_role("button", name="Favourite: Best one")).to_have_attribute("aria-pressed", "true")


def test_the_list_has_columns_and_is_remembered(page: Page, ana, live_server):
    an_asset(owner=ana, title="In a row")
    page.goto(live_server.url)
    expect(page.get_by_role("button", name="Medium")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="List").click()
    expect(page.get_by_role("columnheader", name="Owner")).to_be_visible()
    expect(page.get_by_role("button", name="List")).to_have_attribute("aria-pressed", "true")
    page.goto(live_server.url)
    expect(page.get_by_role("row", name="In a row")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="In a row")).to_be_focused()


@pytest.mark.parametrize("width", [360, 414, 600, 900])
def test_in_the_list_the_title_has_the_room_that_nothing_else_takes(page: Page, ana, live_server, width):
    some_assets(ana, PAGE_SIZE + 1)
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(live_server.url)
    page.get_by_role("button", name="List").click()
    expect(page.get_by_role("link", name="Show more")).to_be_attached()
    cells = page.locator("thead th:visible").evaluate_all("all => all.map((cell) => cell.offsetWidth)")
    table = page.get_by_role("table").bounding_box()
    assert sum(cells) == pytest.approx(table["width"], abs=4)
    assert cells[2] == max(cells)
    assert cells[2] > table["width"] * 0.29


def dropped(page: Page, tmp_path, *names: str) -> None:
    for name in names:
        (tmp_path / name).write_bytes(a_picture())
    drop_on(page, *(tmp_path / name for name in names))
    expect(page.locator("[data-title]")).to_have_text(re.compile(f"{len(names)} files? uploaded"))


def test_what_is_uploaded_appears_at_the_top_without_a_reload(page: Page, ana, live_server, tmp_path):
    some_assets(ana, 60)
    page.goto(live_server.url)
    page.get_by_role("checkbox", name="Select Picture 002").click()
    dropped(page, tmp_path, "new.png", "newer.png")
    expect(page.locator(".card").first).to_contain_text("new")
    expect(page.locator(".card")).to_have_count(PAGE_SIZE + 2)
    assert titles(page)[2:4] == ["Picture 000", "Picture 001"]
    expect(page.get_by_role("checkbox", name="Select Picture 002")).to_be_checked()
    # And it goes on as every other card does.
    asset = Asset.objects.get(title="new")
    StoredFile.objects.mark_stored({asset.stored_file_id: "https://images.segmind.com/1.png"}, timezone.now())
    expect(page.get_by_role("button", name="Copy URL of new", exact=True)).to_be_visible()


def test_the_first_upload_takes_the_place_of_the_empty_library(page: Page, ana, live_server, tmp_path):
    page.goto(live_server.url)
    expect(page.get_by_text("The library is empty")).to_be_visible()
    dropped(page, tmp_path, "first.png")
    expect(page.locator(".card")).to_have_count(1)
    expect(page.get_by_text("The library is empty")).to_have_count(0)


def test_what_is_uploaded_does_not_disturb_a_search(page: Page, ana, live_server, tmp_path):
    an_asset(owner=ana, title="Harbour")
    page.goto(f"{live_server.url}/?q=harbour")
    dropped(page, tmp_path, "dunes.png")
    page.wait_for_timeout(1000)
    assert titles(page) == ["Harbour"]


@pytest.mark.parametrize("layout", ["medium", "list"])
def test_an_answer_for_a_card_that_has_left_the_page_refreshes_the_others(page: Page, ana, live_server, layout):
    gone, there = an_asset(owner=ana, title="Gone", state="queued"), an_asset(owner=ana, title="There", state="queued")
    page.goto(live_server.url)
    page.get_by_role("button", name=layout.title()).click()
    during_the_next_refresh(page, f"document.getElementById('card-{gone.pk}').remove()")
    StoredFile.objects.mark_stored({there.stored_file_id: "https://images.segmind.com/1.png"}, timezone.now())
    expect(page.get_by_role("button", name="Copy URL of There")).to_be_visible()
    expect(page.get_by_text("Gone")).to_have_count(0)


def test_an_answer_for_a_page_that_has_been_replaced_is_dropped(page: Page, ana, live_server):
    an_asset(owner=ana, title="Before", state="queued")
    page.goto(live_server.url)
    during_the_next_refresh(page, "document.getElementById('results').replaceChildren('Something else')")
    with page.expect_event("requestfinished", lambda request: "/assets/cards/" in request.url):
        pass
    expect(page.locator("#results")).to_have_text("Something else")
