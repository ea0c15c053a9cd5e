"""The main screens with a keyboard alone, and for people who want nothing to move."""

import re

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import Page, expect

from assets.models import Asset
from tests.browser.hands import drop_on
from tests.support import factories
from tests.support.factories import a_picture, an_asset

FOCUSED = """() => {
  const { activeElement: element } = document;
  const style = getComputedStyle(element);
  const card = getComputedStyle(element.closest(".card, .rows tr, .search-box") ?? element);
  const box = element.getBoundingClientRect();
  const bar = document.querySelector(":is(.page-upload > .form-actions, .selection):not(:focus-within)");
  const end = (!element.closest(".bottom-bar") && bar?.getBoundingClientRect().top) || innerHeight;
  return {
    name: element.innerText?.trim() || element.getAttribute("aria-label") || element.id || element.name,
    ring: [style, card].some(({ outlineStyle, outlineWidth }) => outlineStyle !== "none" && outlineWidth !== "0px"),
    seen: box.bottom > 0 && box.top < end && element.checkVisibility({ visibilityProperty: true }),
  };
}"""
MOVING = """() => [...document.getAnimations()].filter(({ effect, playState }) => {
  const { duration, iterations } = effect.getTiming();
  return playState === "running" && (duration > 1 || iterations === Infinity);
}).map(({ animationName, transitionProperty }) => animationName ?? transitionProperty)"""


def tab_through(page: Page, most: int = 200) -> list[dict]:
    """Every stop of the Tab key, from the beginning of the page until it comes round."""
    stops: list[dict] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            return stops
        stops.append(page.evaluate(FOCUSED))
    return stops


def tab_to(page: Page, name: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED)["name"].startswith(name):
            return
    raise AssertionError(f"no Tab leads to {name}")


@pytest.fixture
def ana(sign_in):
    sign_in("ana")
    return get_user_model().objects.get()


@pytest.mark.parametrize("address", ["/", "/upload/", "/activity/", "/trash/", "/collections/", "/help/", "asset"])
def test_every_stop_of_the_tab_key_is_seen_and_has_a_ring(page: Page, ana, live_server, address):
    asset = an_asset(owner=ana, title="Harbour", tags=("sea",))
    an_asset(owner=ana, title="Failed one", state="failed")
    page.goto(live_server.url + (asset.get_absolute_url() if address == "asset" else address))
    stops = tab_through(page)
    assert stops[0]["name"] == "Skip to content"
    assert len(stops) >= 5
    assert [stop["name"] for stop in stops if not stop["ring"] or not stop["seen"]] == []


@pytest.mark.parametrize("size", [(360, 640), (640, 360), (1280, 500)], ids=str)
def test_the_bar_of_the_upload_page_hides_nothing_that_has_the_focus(page: Page, ana, live_server, tmp_path, size):
    page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    paths = [tmp_path / f"{number}.png" for number in range(8)]
    for path in paths:
        path.write_bytes(a_picture())
    page.goto(f"{live_server.url}/upload/")
    page.get_by_label("Choose files").set_input_files(paths)
    expect(page.locator("[data-title]")).to_have_text(f"{len(paths)} files uploaded")
    stops = tab_through(page)
    assert len(stops) > len(paths)
    assert [stop["name"] for stop in stops if not stop["seen"]] == []


def test_nor_does_the_bar_of_a_selection(page: Page, ana, live_server):
    page.set_viewport_size({"width": 360, "height": 640})
    for number in range(12):
        an_asset(owner=ana, title=f"Picture {number}")
    page.goto(live_server.url)
    page.get_by_role("button", name="List").click()
    page.get_by_role("checkbox", name="Select Picture 11").check()
    assert [stop["name"] for stop in tab_through(page) if not stop["seen"]] == []


def test_the_whole_job_needs_no_mouse(page: Page, live_server, tmp_path):
    factories.a_user("ana")
    page.goto(live_server.url)
    expect(page.get_by_label("Username")).to_be_focused()
    page.keyboard.type("ana")
    page.keyboard.press("Tab")
    page.keyboard.type(factories.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_server.url}/")
    asset = an_asset(owner=get_user_model().objects.get(), title="Harbour")
    page.reload()

    # Past the header, to the asset, and its words.
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    tab_to(page, "Harbour")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Harbour")).to_be_visible()
    tab_to(page, "Edit")
    page.keyboard.press("Enter")
    title = page.get_by_label("Title")
    expect(title).to_be_focused()
    title.press("Control+A")
    page.keyboard.type("Harbour at dawn")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Harbour at dawn")).to_be_visible()

    # To the trash and back.
    page.keyboard.press("Delete")
    page.wait_for_url(re.compile(rf"{live_server.url}/(#.*)?$"))
    assert Asset.objects.get(pk=asset.pk).is_trashed
    tab_to(page, "Undo")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Undone: Moved “Harbour at dawn” to trash")).to_be_visible()


def test_arrows_stay_where_the_focus_is_and_it_is_never_lost(page: Page, ana, live_server):
    an_asset(owner=ana, title="Harbour").set_labels(collections=["Trips/2024"])
    page.goto(f"{live_server.url}/collections/Trips/2024/")
    card, navigation = page.locator(".card-title"), page.get_by_role("navigation", name="Main")
    parent, nested = (navigation.get_by_role("link", name=name) for name in ("Trips", "2024"))
    parent.focus()
    for key, focused in (("Left", parent), ("Right", parent), ("Right", nested), ("Up", parent), ("Down", nested)):
        page.keyboard.press(f"Arrow{key}")
        expect(focused).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(parent).to_be_focused()
    # Out of a dialog, back to the menu; out of the bar of a selection, to the cards.
    page.locator("summary", has_text="Settings of 2024").press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Edit name and description")).to_be_focused()
    page.keyboard.press("Escape")
    card.focus()
    page.keyboard.press("x")
    page.get_by_role("button", name="Tag", exact=True).focus()
    page.keyboard.press("Escape")
    expect(card).to_be_focused()


def test_the_tray_is_reached_folded_and_left_by_keys(page: Page, ana, tmp_path):
    (tmp_path / "a.png").write_bytes(a_picture())
    drop_on(page, tmp_path / "a.png")
    expect(page.locator("[data-title]")).to_have_text("1 file uploaded")
    page.locator("[data-fold]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#upload-body")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.locator("#upload-body")).to_be_visible()
    tab_to(page, "Edit details of a.png")
    page.keyboard.press("Enter")
    expect(page.locator(".tray-row").get_by_label("Title")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#upload-body")).to_be_hidden()


def test_nothing_moves_for_whoever_wants_it_still(page: Page, ana, live_server, tmp_path):
    an_asset(owner=ana, title="On its way", state="sending")
    page.goto(live_server.url)
    expect(page.locator(".badge-sending")).to_be_visible()
    assert page.evaluate(MOVING) == ["pulse"]
    page.emulate_media(reduced_motion="reduce")
    page.locator(".card").hover()
    assert page.evaluate(MOVING) == []
    (tmp_path / "a.png").write_bytes(a_picture())
    drop_on(page, tmp_path / "a.png")
    expect(page.locator("[data-title]")).to_have_text("1 file uploaded")
    assert page.evaluate(MOVING) == []
