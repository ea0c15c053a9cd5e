"""People in the browser: an invitation from the link to the library."""

from assets.models import Role
from tests.support.factories import PASSWORD, a_user, an_administrator, an_asset


def sign_in(page, address: str, username: str) -> None:
    page.goto(address)
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(address)


def test_somebody_is_invited_and_comes_in(page, live_server, browser):
    an_administrator()
    sign_in(page, f"{live_server.url}/people/", "root")
    page.get_by_label("Username").fill("ida")
    page.get_by_label("Role").select_option("Manager")
    page.get_by_role("button", name="Create link").click()
    link = page.get_by_label("One-time link for ida").input_value()
    guest = browser.new_context().new_page()
    guest.goto(link)
    guest.wait_for_url("**/set-password/")
    guest.go_back()
    assert "#" not in guest.url
    guest.go_forward()
    guest.get_by_label("New password", exact=True).fill("quite another password")
    guest.get_by_label("New password confirmation").fill("quite another password")
    guest.get_by_role("button", name="Save and sign in").click()
    guest.wait_for_url(f"{live_server.url}/")
    guest.locator("header [data-menu] summary").click()
    guest.get_by_text("Signed in as ida, manager").wait_for()
    guest.context.close()


def test_a_file_that_a_viewer_drops_opens_no_tray(page, live_server):
    a_user("vera", role=Role.VIEWER)
    an_asset(title="Bird")
    sign_in(page, f"{live_server.url}/", "vera")
    page.evaluate(
        """() => {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File(["x"], "x.png", { type: "image/png" }));
            document.body.dispatchEvent(new DragEvent("dragenter", { bubbles: true, dataTransfer }));
        }"""
    )
    page.keyboard.press("j")
    page.get_by_role("link", name="Bird").click()
    page.wait_for_url("**/assets/**")
    assert page.locator("[data-upload-tray]").count() == 0
    page.keyboard.press("e")
    page.keyboard.press("Delete")
    assert page.get_by_text("Bird").first.is_visible()
