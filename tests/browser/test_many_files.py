"""Hundreds of files at once: what is on the page stays little, and everything is in reach."""

import contextlib
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from playwright.sync_api import Error, Locator, Page, Route, expect

from assets.models import Asset
from assets.search.results import PAGE_SIZE
from tests.browser.hands import drop_on
from tests.browser.tray import a_folder
from tests.support.factories import a_file_of, a_picture, an_asset

MANY = 160
MAX_ROWS = 80
LONGEST_TASK_MS = 100
MAX_TRIES = 6
NOTE_LONG_TASKS = """() => {
  window.longTasks = [];
  new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((entry) => entry.duration)))
    .observe({ type: "longtask" });
}"""
# All that is on the page while files arrive.
HOT_STYLES = ("library.css", "card.css", "upload-tray.css")


@pytest.fixture
def files(tmp_path) -> Path:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(MANY):
        (folder / f"{number:03}.png").write_bytes(a_picture())
    return folder


def scroll_to(page: Page, share: float) -> None:
    page.locator("[data-scroller]").evaluate(
        "(box, share) => (box.scrollTop = share * (box.scrollHeight - box.clientHeight))", share
    )


def row_at(page: Page, position: int, name: str = "others") -> Locator:
    """A browser lists the files of a folder in an order of its own."""
    return page.locator(f"[data-list={name}] .tray-row[aria-posinset='{position}']")


def test_the_library_keeps_to_what_is_looked_at_while_hundreds_of_files_arrive(page: Page, sign_in, files):
    sign_in("ana")
    for number in range(PAGE_SIZE + 5):
        an_asset(owner=get_user_model().objects.get(), title=f"Before {number}")
    page.reload()
    page.get_by_role("checkbox", name="Select Before 44").check(force=True)
    drop_on(page, files)
    expect(page.locator("[data-title]")).to_have_text(f"{MANY} files uploaded", timeout=120_000)
    button = page.get_by_role("button", name=re.compile("^Show .* new assets$"))
    # Fewer than a page, where more than a page came at once.
    expect(button).to_have_text(re.compile("1[2-6][0-9]"))
    added = MANY - int(button.inner_text().split()[1])
    expect(page.locator("[data-asset]")).to_have_count(PAGE_SIZE + added)
    assert page.locator(".tray-row").count() < MAX_ROWS
    expect(page.get_by_text("1 selected")).to_be_visible()

    button.click()
    expect(button).to_be_hidden()
    expect(page.locator("[data-asset]")).to_have_count(PAGE_SIZE)
    expect(page.locator(".card-title").first).to_be_focused()
    expect(page.get_by_text("1 selected")).to_be_visible()
    newest = get_user_model().objects.get().assets.newest_first().values_list("title", flat=True)[0]
    expect(page.locator(".card-title").first).to_have_text(newest)


def test_small_files_are_sent_together_and_one_of_them_can_be_cancelled(page: Page, sign_in, files):
    sign_in("ana")
    held: list[Route] = []

    def hold_many(route: Route) -> None:
        is_one = (route.request.post_data_buffer or b"").count(b"filename=") == 1
        route.continue_() if is_one else held.append(route)

    page.route("**/upload/", hold_many)
    drop_on(page, files)
    sending = page.locator(".tray-row[data-status=sending]")
    expect(sending.nth(10)).to_be_visible(timeout=60_000)
    name = sending.nth(5).locator("[data-name]").inner_text()
    row = page.locator(".tray-row").filter(has_text=name)
    row.get_by_role("button", name="Cancel").click()
    expect(row).to_have_attribute("data-status", "cancelled")
    page.unroute("**/upload/")
    for route in held:
        with contextlib.suppress(Error):  # the one that was cancelled
            route.continue_()
    expect(page.locator("[data-title]")).to_contain_text(f"{MANY - 1} files uploaded", timeout=120_000)
    assert set(Asset.objects.values_list("file_name", flat=True)) == {path.name for path in files.iterdir()} - {name}


def test_every_row_of_the_tray_is_in_reach_however_fast_it_is_scrolled(page: Page, sign_in, files):
    sign_in("ana")
    page.goto(page.url + "help/")
    drop_on(page, files)
    expect(page.locator("[data-title]")).to_have_text(f"{MANY} files uploaded", timeout=120_000)
    for share in (1, 0, 0.5, 0.9, 1):
        scroll_to(page, share)
    expect(row_at(page, MANY)).to_be_in_viewport()
    expect(row_at(page, MANY)).to_have_attribute("aria-setsize", str(MANY))
    scroll_to(page, 0.5)
    expect(row_at(page, MANY // 2)).to_be_in_viewport()
    expect(row_at(page, MANY)).to_have_count(0)
    assert page.locator(".tray-row").count() < MAX_ROWS


def test_a_row_keeps_its_open_form_and_the_focus(page: Page, sign_in, files):
    sign_in("ana")
    page.goto(page.url + "upload/")
    drop_on(page, files, at=(300, 300))
    expect(page.locator("[data-title]")).to_have_text(f"{MANY} files uploaded", timeout=120_000)
    row, last = row_at(page, 40), row_at(page, MANY)
    for position in (20, 30):
        row_at(page, position).scroll_into_view_if_needed()
    row.get_by_role("button", name="Edit details of").click()
    row.get_by_label("Title").fill("The fortieth")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(last).to_be_in_viewport()
    # Still focused, and so still there.
    expect(page.get_by_label("Title").and_(page.locator(":focus"))).to_have_value("The fortieth")
    last.get_by_role("button", name="Edit details of").focus()
    page.evaluate("scrollBy(0, -1)")
    expect(row).to_have_count(0)
    for position in (20, 30):
        row_at(page, position).scroll_into_view_if_needed()
    expect(row.get_by_label("Title")).to_have_value("The fortieth")


def test_problems_come_first_and_the_focus_goes_to_the_next_row(page: Page, sign_in, files):
    for number in range(30):
        (files / f"{number:03} empty.png").write_bytes(b"")
    sign_in("ana")
    drop_on(page, files)
    expect(page.locator("[data-problems-title]")).to_have_text("30 files need attention", timeout=60_000)
    first = row_at(page, 1, "problems")
    expect(first).to_be_in_viewport()
    expect(first).to_have_attribute("aria-setsize", "30")
    # They take two lines each, and do not cover one another.
    tops = [row_at(page, number, "problems").bounding_box() for number in (1, 2)]
    assert tops[0]["y"] + tops[0]["height"] <= tops[1]["y"] + 1
    assert tops[0]["height"] > 70
    second = row_at(page, 2, "problems").locator("[data-name]").inner_text()
    first.get_by_role("button", name="Remove from list").click()
    expect(first.get_by_role("button", name=f"Remove from list: {second}")).to_be_focused()


def test_over_the_files_of_the_upload_page_the_wheel_scrolls_the_page(page: Page, sign_in, drop, tmp_path, live_server):
    a_folder(tmp_path, {f"{number}.png": a_picture() for number in range(12)})
    sign_in("ana")
    page.goto(f"{live_server.url}/upload/")
    drop(*tmp_path.iterdir())
    page.locator(".tray-row").nth(3).hover()
    before = page.evaluate("scrollY")
    page.mouse.wheel(0, 200)
    page.wait_for_function("before => scrollY > before", arg=before)


def test_a_thousand_files_keep_the_page_smooth(page: Page, sign_in, drop, tmp_path, live_server):
    a_folder(tmp_path, {f"many/{number}.pdf": a_file_of(400) for number in range(1000)})
    sign_in("ana")
    # What is measured is the page, not a server on the same machine.
    page.route("**/upload/known/", lambda route: None)
    longest: list[float] = []
    # As often as it takes: the machine has other things to do as well.
    while min(longest, default=LONGEST_TASK_MS) >= LONGEST_TASK_MS and len(longest) < MAX_TRIES:
        page.goto(f"{live_server.url}/upload/")
        page.evaluate(NOTE_LONG_TASKS)
        drop(tmp_path / "many")
        expect(page.locator("[data-title]")).to_have_text("Uploading 1,000 files", timeout=30_000)
        assert page.locator(".tray-row").count() < 200
        page.mouse.move(400, 500)
        page.mouse.wheel(0, 3000)
        page.wait_for_timeout(500)
        longest.append(max(page.evaluate("window.longTasks"), default=0))
        page.once("dialog", lambda dialog: dialog.accept())
    print("longest tasks with 1,000 files, ms:", longest)
    assert min(longest) < LONGEST_TASK_MS


@pytest.mark.any_database
def test_no_style_of_the_library_depends_on_what_an_element_contains():
    """With `:has()`, the browser looks at the whole page again for every new card and every changed text."""
    styles = {name: Path(settings.BASE_DIR, "static/css", name).read_text() for name in HOT_STYLES}
    assert [name for name, text in styles.items() if ":has(" in text] == []
