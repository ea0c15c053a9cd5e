"""Files that a phone shares with the installed library: a form that the browser sends, without a token."""

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from assets.models import Asset
from tests.support.factories import PASSWORD, a_picture

UNTIL_INSTALLED = """async () => {
  const find = () => navigator.serviceWorker.getRegistration("/upload/shared/");
  const isActive = async () => (await find())?.active?.state === "activated";
  while (!(await isActive())) await new Promise((resolve) => setTimeout(resolve, 50));
}"""


def share(page: Page, name: str = "sea “1”.png") -> None:
    """As the share menu does: a form of the manifest, which leads away from the page."""
    page.evaluate(
        """() => {
          const form = document.createElement("form");
          Object.assign(form, { method: "post", action: "/upload/shared/", enctype: "multipart/form-data" });
          form.append(Object.assign(document.createElement("input"), { type: "file", name: "files", id: "shared" }));
          document.body.append(form);
        }"""
    )
    page.locator("#shared").set_input_files([{"name": name, "mimeType": "image/png", "buffer": a_picture()}])
    page.evaluate("document.getElementById('shared').form.submit()")


@pytest.fixture
def installed(page: Page, sign_in, live_server) -> Page:
    sign_in("ana")
    page.goto(f"{live_server.url}/upload/")
    page.evaluate(UNTIL_INSTALLED)
    return page


def test_shared_files_wait_for_a_click_in_a_tab_and_for_a_sign_in(installed: Page, live_server):
    share(installed)
    expect(installed.get_by_text("1 file shared with the library: sea “1”.png")).to_be_visible()
    # Another site could have sent them.
    assert not Asset.objects.exists()
    installed.get_by_role("button", name="Discard").click()

    Session.objects.all().delete()
    share(installed, "dusk.png")
    installed.get_by_label("Username").fill("ana")
    installed.get_by_label("Password").fill(PASSWORD)
    installed.get_by_role("button", name="Sign in").click()
    expect(installed).to_have_url(re.compile(r"/upload/(\?shared=)?$"))
    installed.locator("[data-shared-files]").get_by_role("button", name="Upload").click()
    expect(installed.locator("[data-title]")).to_have_text("1 file uploaded")
    assert [asset.file_name for asset in Asset.objects.all()] == ["dusk.png"]
    # They are uploaded once.
    installed.goto(f"{live_server.url}/upload/?shared=")
    expect(installed.get_by_text("The shared files could not be read.")).to_be_visible()


def test_in_the_installed_app_they_start_at_once(installed: Page):
    installed.context.add_init_script(
        """const real = matchMedia.bind(window);
        window.matchMedia = (query) => (query.includes("standalone") ? { matches: true } : real(query));"""
    )
    share(installed)
    expect(installed.locator("[data-title]")).to_have_text("1 file uploaded")
    assert Asset.objects.get().file_name == "sea “1”.png"
