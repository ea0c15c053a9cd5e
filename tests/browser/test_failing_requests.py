"""The tray when a request fails for one file only: the others go on, and that one is given up with the reason."""

from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from assets.models import Asset
from tests.browser.tray import a_folder, row
from tests.support.factories import a_picture

GIVEN_UP = "Failed after 5 attempts: The server has a problem."
WAVE = "\U0001f30a"  # two code units in a browser


def fail_for(words: str) -> Callable[[Route], None]:
    """Answers requests that contain the words with status 500, as a fault of the server would."""

    def handle(route: Route) -> None:
        body = route.request.post_data_buffer or b""
        if route.request.method == "POST" and words.encode() in body:
            route.fulfill(status=500, body="{}", content_type="application/json")
        else:
            route.continue_()

    return handle


def three_files(folder):
    names = ["bad.png", "one.png", "two.png"]
    return a_folder(folder, {name: a_picture(text=name) for name in names})


def test_a_tray_that_cannot_be_loaded_says_why_and_is_asked_for_again(page: Page, sign_in, tmp_path, troubles):
    sign_in("ana")
    page.goto(page.url.partition("?")[0] + "upload/")
    page.route("**/upload/tray/", lambda route: route.fulfill(status=503, body=""))
    picture = a_folder(tmp_path, {"one.png": a_picture()}) / "one.png"
    page.locator("#id_files").set_input_files(picture)
    expect(page.get_by_text("The server is restarting.")).to_be_visible()
    # What the browser writes about the answer, and nothing of ours.
    assert [line for line in troubles if "503" not in line] == []
    troubles.clear()
    page.unroute("**/upload/tray/")
    # Without a network, what was chosen waits for it.
    page.context.set_offline(True)
    page.locator("#id_files").set_input_files(a_folder(tmp_path, {"kept.png": a_picture()}) / "kept.png")
    expect(page.get_by_text("You’re offline.")).to_be_visible()
    page.context.set_offline(False)
    expect(row(page, "kept.png")).to_contain_text("Uploaded")
    troubles.clear()
    page.locator("#id_files").set_input_files(picture)
    expect(row(page, "one.png")).to_contain_text("Uploaded")


def test_one_failing_check_holds_up_no_other_file(page: Page, sign_in, drop, tmp_path, troubles):
    sign_in("ana")
    page.route("**/upload/known/", fail_for("bad.png"))
    drop(three_files(tmp_path))
    for name in ("one.png", "two.png"):
        expect(row(page, name)).to_have_attribute("data-status", "waiting")
    expect(row(page, "bad.png")).not_to_contain_text("Failed")
    expect(row(page, "bad.png")).to_contain_text(GIVEN_UP, timeout=20_000)
    assert set(Asset.objects.values_list("file_name", flat=True)) == {"one.png", "two.png"}
    page.unroute("**/upload/known/")
    row(page, "bad.png").get_by_role("button", name="Retry").click()
    expect(row(page, "bad.png")).to_have_attribute("data-status", "waiting")
    troubles.clear()


def test_what_a_full_disk_has_refused_can_be_sent_again(page: Page, sign_in, drop, tmp_path, troubles):
    error = {"code": "disk_full", "message": "The server’s disk is full."}
    result = {"file_name": "one.png", "status": "refused", "asset": None, "note": "", "error": error}
    page.route("**/upload/", lambda route: route.fulfill(status=400, json={"results": [result]}), times=1)
    sign_in("ana")
    drop(a_folder(tmp_path, {"one.png": a_picture()}) / "one.png")
    expect(row(page, "one.png")).to_contain_text("The server’s disk is full.")
    row(page, "one.png").get_by_role("button", name="Retry").click()
    expect(row(page, "one.png")).to_have_attribute("data-status", "waiting")
    troubles.clear()


def test_one_failing_upload_holds_up_no_other_file(page: Page, sign_in, drop, tmp_path, troubles):
    sign_in("ana")
    page.route("**/upload/", fail_for('filename="bad.png"'))
    names = ["bad.png", *(f"{number}.png" for number in range(30))]
    drop(a_folder(tmp_path, {name: a_picture(text=name) for name in names}))
    expect(page.locator("[data-list=problems] .tray-row")).to_contain_text(GIVEN_UP, timeout=40_000)
    assert Asset.objects.count() == 30
    troubles.clear()


def test_one_failing_edit_holds_up_no_other_edit(page: Page, sign_in, drop, tmp_path, troubles):
    sign_in("ana")
    drop(three_files(tmp_path))
    expect(page.locator("[data-title]")).to_have_text("3 files uploaded")
    page.route("**/assets/*/", fail_for("Bad title"))
    for name, title in (("bad.png", "Bad title"), ("one.png", "Good title")):
        row(page, name).get_by_role("button", name="Edit details of").click()
        row(page, name).get_by_label("Title").fill(title)
        row(page, name).get_by_label("Title").press("Tab")
    expect(row(page, "bad.png")).to_contain_text(
        "Not saved after 5 attempts: The server has a problem.", timeout=20_000
    )
    assert Asset.objects.filter(title="Good title").exists()
    troubles.clear()


def test_one_asset_without_a_status_holds_up_no_other(
    page: Page, sign_in, drop, tmp_path, segmind, running_worker, troubles
):
    sign_in("ana")
    bad_id = []

    def fail_for_bad(route: Route) -> None:
        bad_id.extend(str(pk) for pk in Asset.objects.filter(file_name="bad.png").values_list("pk", flat=True))
        fail_for(bad_id[0])(route)

    page.route("**/upload/states/", fail_for_bad)
    drop(three_files(tmp_path))
    for name in ("one.png", "two.png"):
        expect(row(page, name)).to_contain_text("URL verified", timeout=20_000)
    expect(row(page, "bad.png")).to_contain_text(
        "Status unknown after 5 attempts: The server has a problem.", timeout=30_000
    )
    troubles.clear()


def test_a_title_for_many_files_is_cut_between_characters(page: Page, sign_in, tmp_path):
    sign_in("ana")
    a_folder(tmp_path, {f"{number}.png": a_picture(text=str(number)) for number in range(2)})
    page.goto(page.url.partition("?")[0] + "upload/")
    title = 186 * "x" + "👩‍👩‍👧‍👦" + WAVE
    page.get_by_label("Title").first.fill(title)
    page.locator("#id_files").set_input_files([tmp_path / "0.png", tmp_path / "1.png"])
    expect(page.locator("[data-title]")).to_have_text("2 files uploaded")
    assert sorted(Asset.objects.values_list("title", flat=True)) == [f"{186 * 'x'} {number}" for number in (1, 2)]
