"""Uploads in spite of everything: a server that goes away, a person who moves about, leaves or is signed out."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.db import connection
from playwright.sync_api import Page, Route, expect

from assets.models import Asset, StoredFile
from tests.browser.hands import drop_on, sign_in_at, slow_down
from tests.browser.site import Site
from tests.browser.tray import a_folder, row
from tests.support import factories
from tests.support.factories import a_file_of, a_picture, an_asset
from tests.support.media import a_sound, a_video

MEGABYTE = 1_000_000
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
NOTE_SENT = """
  window.sentNames = [];
  const send = XMLHttpRequest.prototype.send;
  XMLHttpRequest.prototype.send = function (body) {
    if (body instanceof FormData) window.sentNames.push(...body.getAll("files").map(({ name }) => name));
    return send.call(this, body);
  };
"""


@pytest.fixture
def site(transactional_db) -> Iterator[Site]:
    site = Site({"DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}"})
    site.start()
    yield site
    site.kill()


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
    os.truncate(tmp_path / "film.mp4", 120 * MEGABYTE)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if "Security Policy" in line.text else None)
    page.add_init_script(NOTE_SENT)
    factories.a_user("ana")
    sign_in_at(page, site.url)
    page.evaluate(WATCH_PROGRESS)
    slow_down(page, 20 * MEGABYTE)

    drop_on(page, *(path for path in sorted(tmp_path.iterdir())))
    expect(page.locator(".tray-row img").first).to_be_visible()
    expect(row(page, "film.mp4")).to_contain_text(re.compile(r"[2-9]\d\.?\d? MB of 120 MB · .* MB/s"), timeout=90_000)
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


def test_somebody_who_was_signed_out_signs_in_again_and_loses_nothing(context, live_server, tmp_path):
    a_folder(tmp_path, {"a.png": a_picture(), "b.png": a_picture()})
    page = context.new_page()
    factories.a_user("ana")
    sign_in_at(page, live_server.url)
    drop_on(page, tmp_path / "a.png")
    expect(page.locator("[data-title]")).to_have_text("1 file uploaded")
    # Nothing here asks the server by itself, and so leads to the sign-in page.
    page.goto(f"{live_server.url}/help/")
    expect(page.locator("[data-title]")).to_have_text("1 file uploaded")
    Session.objects.all().delete()
    drop_on(page, tmp_path / "b.png")
    expect(page.locator("[data-pause]")).to_contain_text("You are signed out.")
    sign_in_at(context.new_page(), live_server.url)
    # The token is another one after a sign-in; the tray fetches it by itself.
    expect(page.locator("[data-title]")).to_have_text("2 files uploaded", timeout=30_000)


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
