"""Ways of files into the tray: real drops of files and folders, and a real clipboard."""

import base64
import re

from playwright.sync_api import Page, expect

from assets.models import Asset, Collection
from tests.browser.tray import a_folder, row, wait_for
from tests.support.factories import a_file_of, a_picture, an_asset
from tests.support.media import a_sound, a_video


def test_a_large_folder_becomes_nested_collections_and_hidden_files_stay_out(
    page: Page, sign_in, drop, tmp_path, live_server
):
    # A browser lists a hundred at a time.
    files = {f"Trips, far/2024/{number}.pdf": a_file_of(300) for number in range(101)}
    a_folder(tmp_path, files | {"Trips, far/.DS_Store": b"x", "Trips, far/2024/.hidden.png": b"x"})
    (tmp_path / "Trips, far" / "nothing").mkdir()
    sign_in("ana")
    drop(tmp_path / "Trips, far")
    expect(page.get_by_role("heading", name="Library").locator("~ .total")).to_have_text("101 assets", timeout=60_000)
    expect(page.locator("[data-notes]")).to_contain_text("2 hidden files skipped")
    expect(page.locator("[data-notes]")).to_contain_text("1 empty folder skipped: Trips, far/nothing")
    expect(page.locator("[data-title]")).to_have_text("101 files uploaded", timeout=60_000)
    assert {str(c) for asset in Asset.objects.all() for c in asset.collections.all()} == {"Trips far/2024"}

    # Not wanted after all, and another one instead.
    page.get_by_text("Details for").click()
    page.get_by_label("Folders become collections").uncheck()
    page.locator(".tray").get_by_label("Collection", exact=True).fill("Work")
    page.locator(".tray").get_by_label("Collection", exact=True).press("Tab")
    wait_for(page, lambda: set(Asset.objects.values_list("collections__path", flat=True)) == {"Work"}, 60)


def test_the_server_is_asked_about_what_follows_the_cover_of_a_song(page: Page, sign_in, drop, tmp_path):
    tags = b"ID3\4\0\x10\0\x14\0\0" + bytes(0x14 << 14) + b"3DI\4\0\x10\0\x14\0\0" + b"ID3\3\0\0\0\0\0\x64" + bytes(100)
    music = a_sound("adts", "aac", loudness=[0.5] * 400)
    a_folder(tmp_path, {"song.aac": tags + music})
    sign_in("ana")
    with page.expect_request("**/upload/known/") as asked:
        drop(tmp_path / "song.aac")
    (file,) = asked.value.post_data_json["files"]
    assert base64.b64decode(file["head"])[:2010] == b"ID3\4" + bytes(6) + music[:2000]
    expect(page.locator("[data-title]")).to_have_text("1 file uploaded")


def test_a_drop_on_the_private_half_is_seen_by_nobody_else(page: Page, sign_in, drop, tmp_path):
    a_folder(tmp_path, {"secret.png": a_picture()})
    sign_in("ana")
    drop(tmp_path / "secret.png", at=(1100, 300))
    expect(page.locator("[data-title]")).to_have_text("1 file uploaded")
    assert Asset.objects.get().visibility == "private"


def test_a_file_that_is_cut_off_says_so_in_its_row_and_on_its_page(page: Page, sign_in, drop, tmp_path):
    a_folder(tmp_path, {"cut.avi": a_video("avi", "mpeg4", frames=60)[:-20_000]})
    sign_in("ana")
    drop(tmp_path / "cut.avi")
    note = row(page, "cut.avi").locator("[data-note]")
    expect(note).to_contain_text("This file looks incomplete")
    message = note.text_content()
    page.reload()
    expect(row(page, "cut.avi").locator("[data-note]")).to_have_text(message)
    row(page, "cut.avi").locator("a").click()
    expect(page.locator("#facts")).to_contain_text(message)


def test_a_picture_is_pasted_on_any_page_and_gets_a_name(page: Page, sign_in, live_server):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in("ana")
    page.goto(f"{live_server.url}/activity/")
    page.evaluate(
        """async () => {
          const canvas = new OffscreenCanvas(40, 30);
          canvas.getContext("2d").fillRect(0, 0, 20, 20);
          const blob = await canvas.convertToBlob({ type: "image/png" });
          await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
        }"""
    )
    page.keyboard.press("Control+V")
    expect(page.locator("[data-title]")).to_have_text("1 file uploaded")
    expect(page.locator(".tray-row img")).to_be_visible()
    assert re.fullmatch(r"Pasted \d{4}-\d\d-\d\d at \d\d\.\d\d\.\d\d\.png", Asset.objects.get().file_name)


def test_text_that_is_pasted_into_a_field_stays_text(page: Page, sign_in):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in("ana")
    page.evaluate("navigator.clipboard.writeText('summer')")
    page.get_by_role("combobox", name="Search").focus()
    page.keyboard.press("Control+V")
    expect(page.get_by_role("combobox", name="Search")).to_have_value("summer")
    expect(page.locator(".tray")).to_have_count(0)


def test_a_drop_on_the_page_of_a_collection_goes_into_it(page: Page, sign_in, drop, tmp_path, live_server):
    a_folder(tmp_path, {"sea.png": a_picture()})
    sign_in("ana")
    an_asset(title="Before").set_labels(collections=["Launch/Hero"])
    page.goto(live_server.url + Collection.objects.get(path="Launch/Hero").get_absolute_url())
    drop(tmp_path / "sea.png")
    expect(page.locator("[data-drop=team] strong")).to_have_text("Upload to Hero")
    expect(page.locator("[data-title]")).to_have_text("1 file uploaded")
    expect(page.locator("main").get_by_role("link", name="sea", exact=True)).to_be_visible()
    assert Asset.objects.filter(file_name="sea.png", collections__path="Launch/Hero").exists()
