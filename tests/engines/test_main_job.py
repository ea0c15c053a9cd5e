"""The main job in the engines that Playwright does not drive as they are."""

from selenium.webdriver import Keys

from tests.engines.hands import not_in_chromium
from tests.support.factories import a_picture


@not_in_chromium
def test_a_picture_goes_from_the_browser_to_the_clipboard_as_a_url(
    hands, segmind, running_worker, live_server, tmp_path
):
    picture = tmp_path / "sea at noon.jpg"
    picture.write_bytes(a_picture(size=(1200, 800), format="JPEG"))
    hands.sign_in(live_server.url, "ana")
    hands.open(f"{live_server.url}/upload/")
    hands.choose("input[type=file]", picture)
    hands.wait_for("document.querySelector('[data-row-copy]:not([hidden])')")
    hands.click("[data-row-copy]")
    hands.wait_for("document.querySelector('[data-toasts]').textContent.includes('URL copied')")

    hands.click("[data-search]")
    hands.press(Keys.CONTROL, "v")
    url = hands.run("return document.querySelector('[data-search]').value")
    assert segmind.stored[url.removeprefix(segmind.address)] == ("image/jpeg", picture.read_bytes())
