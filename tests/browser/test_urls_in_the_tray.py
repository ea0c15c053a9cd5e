"""URLs of what was just uploaded: copied from the tray."""

import json

from playwright.sync_api import Page, expect

from assets.models import StoredFile
from tests.browser.tray import a_folder, row
from tests.support.factories import a_picture


def test_all_urls_are_copied_from_the_tray(page: Page, sign_in, drop, tmp_path, segmind, running_worker):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    a_folder(tmp_path, {"a.png": a_picture(), "b.png": a_picture()})
    sign_in("ana")
    drop(tmp_path / "a.png", tmp_path / "b.png")
    expect(page.locator("[data-title]")).to_have_text("2 files stored", timeout=20_000)
    page.get_by_role("button", name="Copy 2 URLs").click()
    expect(page.get_by_text("2 URLs copied")).to_be_visible()
    urls = page.evaluate("navigator.clipboard.readText()").split("\n")
    assert sorted(urls) == sorted(StoredFile.objects.values_list("url", flat=True))
    row(page, "a.png").get_by_role("button", name="Copy URL of a.png").click()
    assert page.evaluate("navigator.clipboard.readText()") in urls


def test_uploading_and_copying_as_json_takes_a_few_keys(page: Page, sign_in, tmp_path, segmind, running_worker):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    a_folder(tmp_path, {"a.png": a_picture(), "b.png": a_picture()})
    page.on("filechooser", lambda _: None)  # from now on, before the first key
    sign_in("ana")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("u")
    chooser.value.set_files([tmp_path / "a.png", tmp_path / "b.png"])
    expect(page.locator("[data-title]")).to_have_text("2 files stored", timeout=20_000)
    page.keyboard.press("u")
    expect(page.get_by_role("button", name="Copy 2 URLs")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 URLs copied")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 URLs as JSON copied")).to_be_visible()
    urls = json.loads(page.evaluate("navigator.clipboard.readText()"))
    assert sorted(urls) == sorted(StoredFile.objects.values_list("url", flat=True))
    page.get_by_label("Format of the copied URLs").select_option("csv")
    page.get_by_role("button", name="Copy 2 URLs").click()
    expect(page.get_by_text("2 URLs as CSV copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").split("\r\n")[0] == "title,url"
    # The buttons of all rows stand below one another.
    for name in ("Copy URL", "Edit details", "Remove from list"):
        buttons = page.locator(f".tray-row button[title='{name}']").all()
        assert len({button.bounding_box()["x"] for button in buttons}) == 1
