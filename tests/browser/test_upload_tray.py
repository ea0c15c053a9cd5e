"""The upload tray, with real drops, a real clipboard and a server that goes away."""

import base64
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.db import connection
from playwright.sync_api import Page, Route, expect

from assets.models import Asset, StoredFile
from tests.browser.hands import drop_on, sign_in_at, slow_down
from tests.browser.site import Site
from tests.support import factories
from tests.support.factories import a_file_of, a_picture, an_asset
from tests.support.media import a_sound, a_video

MEGABYTE = 1_000_000
LONGEST_TASK_MS = 100
MAX_TRIES = 6
WATCH_PROGRESS = """() => {
  window.wentBack = [];
  const last = new Map();
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const name = target.closest(".tray-row")?.upload.id ?? "all";
      if (target.value < (last.get(name) ?? 0)) window.wentBack.push([name, last.get(name), target.value]);
      last.set(name, target.value);
    }
  }).observe(document.body, { subtree: true, attributeFilter: ["value"] });
}"""
NOTE_LONG_TASKS = """() => {
  window.longTasks = [];
  new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((entry) => entry.duration)))
    .observe({ type: "longtask" });
}"""
NOTE_SENT = """
  window.sentNames = [];
  const send = XMLHttpRequest.prototype.send;
  XMLHttpRequest.prototype.send = function (body) {
    if (body instanceof FormData) window.sentNames.push(body.get("files").name);
    return send.call(this, body);
  };
"""


@pytest.fixture
def site(transactional_db) -> Iterator[Site]:
    site = Site({"DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}"})
    site.start()
    yield site
    site.kill()


@pytest.fixture
def drop(page) -> Callable[..., None]:
    """Drops files and folders of this machine onto the page, as the system does."""
    return lambda *paths, at=(300, 500): drop_on(page, *paths, at=at)


def row(page: Page, name: str):
    return page.locator(".tray-row", has=page.locator(".tray-name", has_text=re.compile(f"^{re.escape(name)}$")))


def a_folder(root: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def mixed_files(root: Path) -> dict[str, bytes]:
    """60 files: 55 that are fine (one of them twice), three that are not, and two that are known."""
    picture = a_picture(size=(300, 200))
    files = {f"picture {number}.png": a_picture(size=(300, 200)) for number in range(40)}
    files |= {f"Trips/2024/day {number}.jpg": a_picture(format="JPEG") for number in range(6)}
    files |= {"Trips/map.webp": a_picture(format="WEBP"), "voice.mp3": a_sound("mp3", "libmp3lame")}
    files |= {"clip.webm": a_video("webm", "libvpx"), "paper.pdf": a_file_of(3000), "icon.gif": a_picture(format="GIF")}
    files |= {"twice.png": picture, "twice again.png": picture}
    files |= {"film.mp4": a_video("mp4", "mpeg4"), "art.tif": a_picture(format="TIFF")}
    files |= {"known.png": a_picture(), "known film.pdf": a_file_of(70 * MEGABYTE)}
    files |= {
        "empty.png": b"",
        "setup.jpg": b"MZ" + os.urandom(300_000),
        "broken.png": a_picture(size=(900, 900))[:-400],
    }
    assert len(files) == 60
    return files


def test_sixty_mixed_files_end_right_although_the_server_is_restarted(context, site, tmp_path, segmind, running_worker):
    files = mixed_files(tmp_path)
    ben = factories.a_user("ben")
    for name in ("known.png", "known film.pdf"):
        media_type = "application/pdf" if name.endswith("pdf") else "image/png"
        stored = factories.a_stored_file(content=files[name], media_type=media_type, link_status="verified")
        an_asset(owner=ben, stored_file=stored, title=name)
    a_folder(tmp_path, files)
    os.truncate(tmp_path / "film.mp4", 300 * MEGABYTE)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if "Security Policy" in line.text else None)
    page.add_init_script(NOTE_SENT)
    factories.a_user("ana")
    sign_in_at(page, site.url)
    page.evaluate(WATCH_PROGRESS)
    slow_down(page, 40 * MEGABYTE)

    drop_on(page, *(path for path in sorted(tmp_path.iterdir())))
    expect(page.locator(".tray-row img").first).to_be_visible()
    expect(row(page, "film.mp4")).to_contain_text(re.compile(r"[5-9]\d\.?\d? MB of 300 MB · .* MB/s"), timeout=90_000)
    # What is sent again after the restart may be either of the two.
    assert len({"twice.png", "twice again.png"} & set(page.evaluate("window.sentNames"))) <= 1
    site.kill()
    expect(page.locator("[data-pause]")).to_contain_text("Can’t reach the server")
    site.start()

    expect(page.locator("[data-title]")).to_have_text("57 files stored", timeout=120_000)
    assert page.evaluate("window.wentBack") == []
    problems = page.locator("[data-problems]")
    expect(problems).to_contain_text("3 files need attention")
    for name, words in {
        "empty.png": "The file is empty (0 bytes).",
        "setup.jpg": "Unsupported file type: application/x-dosexec. You can upload images, videos",
        "broken.png": "The image is damaged",
    }.items():
        expect(row(page, name)).to_contain_text(words)
    sent = page.evaluate("window.sentNames")
    assert {"twice.png", "twice again.png"} & set(sent)
    assert not {"known.png", "known film.pdf", "empty.png", "setup.jpg"} & set(sent)
    expect(page.locator("[data-copy-all-label]")).to_have_text("Copy 56 URLs")
    ana = get_user_model().objects.get(username="ana")
    own = Asset.objects.owned_by(ana)
    assert own.count() == 56
    assert StoredFile.objects.count() == 56
    assert {str(c) for a in own.filter(file_name__startswith="day") for c in a.collections.all()} == {"Trips/2024"}
    assert errors == []


def test_a_folder_of_hundreds_becomes_nested_collections_and_hidden_files_stay_out(
    page: Page, sign_in, drop, tmp_path, live_server
):
    files = {f"Trips, far/2024/{number}.pdf": a_file_of(300) for number in range(120)}
    a_folder(tmp_path, files | {"Trips, far/.DS_Store": b"x", "Trips, far/2024/.hidden.png": b"x"})
    (tmp_path / "Trips, far" / "nothing").mkdir()
    sign_in("ana")
    drop(tmp_path / "Trips, far")
    expect(page.locator("[data-notes]")).to_contain_text("2 hidden files skipped")
    expect(page.locator("[data-notes]")).to_contain_text("1 empty folder skipped: Trips, far/nothing")
    expect(page.locator("[data-title]")).to_have_text("120 files uploaded", timeout=60_000)
    assert {str(c) for asset in Asset.objects.all() for c in asset.collections.all()} == {"Trips far/2024"}

    # Not wanted after all, and another one instead.
    page.get_by_text("Details for").click()
    page.get_by_label("Folders become collections").uncheck()
    page.locator(".tray").get_by_label("Collection", exact=True).fill("Work")
    page.locator(".tray").get_by_label("Collection", exact=True).press("Tab")
    wait_for(page, lambda: set(Asset.objects.values_list("collections__path", flat=True)) == {"Work"})


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


def wait_for(page: Page, condition: Callable[[], bool], seconds: float = 30) -> None:
    """Until something that the page does has reached the database."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        page.wait_for_timeout(50)


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
    page.get_by_role("searchbox").focus()
    page.keyboard.press("Control+V")
    expect(page.get_by_role("searchbox")).to_have_value("summer")
    expect(page.locator(".tray")).to_have_count(0)


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


def test_a_file_is_cancelled_and_sent_after_all(page: Page, sign_in, drop, tmp_path):
    a_folder(tmp_path, {"large.pdf": a_file_of(4 * MEGABYTE)})
    sign_in("ana")
    slow_down(page, MEGABYTE)
    drop(tmp_path / "large.pdf")
    expect(row(page, "large.pdf")).to_contain_text("of 4 MB")
    row(page, "large.pdf").get_by_role("button", name="Cancel").click()
    expect(row(page, "large.pdf")).to_contain_text("Cancelled")
    slow_down(page, 100 * MEGABYTE)
    row(page, "large.pdf").get_by_role("button", name="Retry").click()
    expect(page.locator("[data-title]")).to_have_text("1 file uploaded", timeout=30_000)
    assert Asset.objects.count() == 1


def test_uploads_go_on_while_the_person_moves_about(page: Page, sign_in, drop, tmp_path, live_server):
    a_folder(tmp_path, {"large.pdf": a_file_of(5 * MEGABYTE)})
    sign_in("ana")
    asset = an_asset(owner=get_user_model().objects.get(), title="An older one")
    page.reload()
    slow_down(page, 2 * MEGABYTE)
    drop(tmp_path / "large.pdf")
    expect(row(page, "large.pdf")).to_contain_text("of 5 MB")
    page.get_by_role("link", name="An older one").click()
    expect(page.get_by_role("heading", name="An older one")).to_be_visible()
    expect(page).to_have_url(f"{live_server.url}{asset.get_absolute_url()}")
    expect(row(page, "large.pdf")).to_contain_text("of 5 MB")
    page.go_back()
    expect(page.get_by_role("link", name="An older one")).to_be_focused()
    page.keyboard.press("/")
    page.keyboard.type("elsewhere")
    expect(page).to_have_url(f"{live_server.url}/?q=elsewhere")
    expect(page.get_by_text("No matches for")).to_be_visible()
    expect(page.locator("[data-title]")).to_have_text("1 file uploaded", timeout=10_000)
    assert Asset.objects.count() == 2


def test_leaving_with_unfinished_files_asks_and_names_what_was_lost(page: Page, sign_in, drop, tmp_path, live_server):
    a_folder(tmp_path, {"done.png": a_picture(), "large.pdf": a_file_of(5 * MEGABYTE)})
    sign_in("ana")
    page.locator("body").click()
    slow_down(page, MEGABYTE // 2)
    drop(tmp_path / "done.png", tmp_path / "large.pdf")
    expect(row(page, "done.png")).to_contain_text("Uploaded")
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.reload()
    assert asked == ["beforeunload"]
    expect(row(page, "done.png")).to_contain_text("Uploaded · waiting for Segmind")
    expect(row(page, "large.pdf")).to_contain_text("Not uploaded: the page was closed.")
    StoredFile.objects.update(state="failed", error="It was too odd.")
    expect(row(page, "done.png")).to_contain_text("It was too odd.")
    row(page, "done.png").get_by_role("button", name="Retry").click()
    expect(row(page, "done.png")).to_contain_text("Uploaded · waiting for Segmind")
    # Nothing is left of it for whoever signs in next.
    page.get_by_role("button", name="Remove from list: large.pdf").click()
    page.evaluate("document.querySelector('form[action$=\"logout/\"] button').click()")
    page.wait_for_url("**/login/**")
    sign_in("ben")
    page.wait_for_timeout(300)
    expect(page.locator(".tray-row")).to_have_count(0)


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


def test_over_the_files_of_the_upload_page_the_wheel_scrolls_the_page(page: Page, sign_in, drop, tmp_path, live_server):
    a_folder(tmp_path, {f"{number}.png": a_picture() for number in range(12)})
    sign_in("ana")
    page.goto(f"{live_server.url}/upload/")
    drop(*tmp_path.iterdir())
    page.locator(".tray-row").nth(3).hover()
    before = page.evaluate("scrollY")
    page.mouse.wheel(0, 200)
    page.wait_for_function("before => scrollY > before", arg=before)


def test_somebody_who_was_signed_out_signs_in_again_and_loses_nothing(context, live_server, tmp_path):
    a_folder(tmp_path, {"a.png": a_picture(), "b.png": a_picture()})
    page = context.new_page()
    factories.a_user("ana")
    sign_in_at(page, live_server.url)
    drop_on(page, tmp_path / "a.png")
    expect(page.locator("[data-title]")).to_have_text("1 file uploaded")
    Session.objects.all().delete()
    drop_on(page, tmp_path / "b.png")
    expect(page.locator("[data-pause]")).to_contain_text("You are signed out.")
    sign_in_at(context.new_page(), live_server.url)
    # The token is another one after a sign-in; the tray fetches it by itself.
    expect(page.locator("[data-title]")).to_have_text("2 files uploaded", timeout=30_000)


def test_a_thousand_files_keep_the_page_smooth(page: Page, sign_in, drop, tmp_path, live_server):
    a_folder(tmp_path, {f"many/{number}.pdf": a_file_of(400) for number in range(1000)})
    sign_in("ana")
    longest: list[float] = []
    # As often as it takes: the machine has other things to do as well.
    while min(longest, default=LONGEST_TASK_MS) >= LONGEST_TASK_MS and len(longest) < MAX_TRIES:
        page.goto(f"{live_server.url}/upload/")
        page.evaluate(NOTE_LONG_TASKS)
        drop(tmp_path / "many")
        expect(page.locator("[data-title]")).to_have_text("1,000 files ready", timeout=30_000)
        assert page.locator(".tray-row").count() < 200
        page.mouse.move(400, 500)
        page.mouse.wheel(0, 3000)
        page.wait_for_timeout(500)
        longest.append(max(page.evaluate("window.longTasks"), default=0))
        page.once("dialog", lambda dialog: dialog.accept())
    print("longest tasks with 1,000 files, ms:", longest)
    assert min(longest) < LONGEST_TASK_MS


def test_a_file_that_changed_on_the_way_is_read_again(page: Page, sign_in, drop, tmp_path, troubles):
    """The first attempt arrives with another hash than the browser computed."""

    def change(route: Route) -> None:
        body = route.request.post_data_buffer
        route.continue_(post_data=re.sub(rb'(name="sha256"\r\n\r\n)[0-9a-f]{64}', rb"\g<1>" + b"0" * 64, body))

    a_folder(tmp_path, {"sea.png": a_picture()})
    sign_in("ana")
    page.route("**/upload/", change, times=1)
    drop(tmp_path / "sea.png")
    expect(row(page, "sea.png")).to_contain_text("The file changed while it was uploading. Try again.")
    troubles.clear()  # the answer with status 400
    row(page, "sea.png").get_by_role("button", name="Retry").click()
    expect(page.locator("[data-title]")).to_have_text("1 file uploaded")
    assert Asset.objects.count() == 1
