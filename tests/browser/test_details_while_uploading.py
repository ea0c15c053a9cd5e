"""What is said about files while they go, and saved as it is typed."""

from django.contrib.auth import get_user_model
from playwright.sync_api import Page, expect

from assets.models import Asset
from tests.browser.hands import slow_down
from tests.browser.tray import a_folder, row, wait_for
from tests.support.factories import a_file_of, a_picture, an_asset

MEGABYTE = 1_000_000


def test_words_can_be_given_and_changed_while_files_go_up(page: Page, sign_in, drop, tmp_path):
    a_folder(tmp_path, {"small.png": a_picture(), "large.pdf": a_file_of(4 * MEGABYTE), "empty.png": b""})
    sign_in("ana")
    an_asset(owner=get_user_model().objects.get(), tags=("summer",))
    slow_down(page, 2 * MEGABYTE)
    drop(tmp_path / "small.png", tmp_path / "large.pdf", tmp_path / "empty.png")
    expect(row(page, "large.pdf")).to_contain_text("of 4 MB")
    # The file that is refused is none of them.
    expect(page.locator("[data-title]")).to_have_text("Uploading 2 files")
    tray = page.get_by_role("region", name="Uploading")
    tray.get_by_text("Details for these 2 files").click()
    tags = tray.get_by_label("Tags")
    tags.fill("blue, su")
    expect(page.locator("datalist option[value='blue, summer']")).to_have_count(1)
    tags.fill("blue, summer")
    tray.get_by_label("Visibility").select_option("private")
    row(page, "small.png").get_by_role("button", name="Edit details of").click()
    row(page, "small.png").get_by_label("Title").fill("The small one")
    row(page, "small.png").get_by_label("Title").press("Tab")
    expect(page.locator("[data-title]")).to_have_text("2 files uploaded")

    def is_saved() -> bool:
        assets = Asset.objects.filter(file_name__in=["small.png", "large.pdf"])
        labels = [sorted(str(tag) for tag in asset.tags.all()) for asset in assets]
        titles = sorted(asset.title for asset in assets)
        private = {asset.visibility for asset in assets} == {"private"}
        return labels == [["blue", "summer"]] * 2 and titles == ["The small one", "large"] and private

    wait_for(page, is_saved)


def test_the_upload_page_starts_at_once_and_saves_what_is_typed(page: Page, sign_in, live_server, tmp_path, troubles):
    a_folder(tmp_path, {"small.png": a_picture(), "large.pdf": a_file_of(3 * MEGABYTE)})
    page.on("filechooser", lambda _: None)  # from now on, before the first key
    sign_in("ana")
    page.goto(f"{live_server.url}/upload/?collection=Launch")
    form = page.get_by_role("region", name="Details for what you upload now")
    form.get_by_label("Tags").fill("blue")
    slow_down(page, MEGABYTE)
    page.get_by_label("Choose files").focus()
    for key in ("Enter", "Space"):
        with page.expect_file_chooser() as chooser:
            page.keyboard.press(key)
    chooser.value.set_files([tmp_path / "small.png", tmp_path / "large.pdf"])
    expect(row(page, "large.pdf")).to_contain_text("of 3 MB")
    form = page.get_by_role("region", name="Details for these 2 files")
    form.get_by_label("Description").type("By the sea")
    expect(form.get_by_role("status")).to_have_text("Saving…")
    expect(form.get_by_role("status")).to_have_text("Saved for 1 of 2 files so far")
    expect(form.get_by_role("status")).to_have_text("Saved", timeout=20_000)
    assets = Asset.objects.values_list("description", "collections__path", "tags__name")
    assert set(assets) == {("By the sea", "Launch", "blue")}

    # What cannot be saved is said beside its field.
    form.get_by_label("Tags").fill("x" * 61)
    expect(form.get_by_role("status")).to_have_text("Not saved for 2 of 2 files")
    assert "60" in page.locator(f"#{form.get_by_label('Tags').get_attribute('id')}-problem").inner_text()
    assert form.get_by_label("Tags").get_attribute("aria-invalid") == "true"
    form.get_by_label("Tags").fill("blue, sea")
    expect(form.get_by_role("status")).to_have_text("Saved")
    expect(form.get_by_label("Tags")).not_to_have_attribute("aria-invalid", "true")
    troubles.clear()  # the answers with status 400
    wait_for(page, lambda: Asset.objects.filter(tags__name="sea").count() == 2)
