"""URLs of what was just uploaded: copied from the tray."""

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
