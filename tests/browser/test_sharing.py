"""A link from the library to somebody without an account."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from assets.models import Share, User
from tests.browser.test_every_screen import violations
from tests.shares.steps import a_picture_of
from tests.support.factories import many_assets


@pytest.fixture
def outside(browser: Browser, troubles) -> Iterator[Page]:
    """Another browser, in which nobody is signed in."""
    context = browser.new_context()
    page = context.new_page()
    page.on("console", lambda line: troubles.append(line.text) if line.type in ("error", "warning") else None)
    page.on("response", lambda r: troubles.append(f"{r.status} {r.url}") if r.status >= 400 else None)
    context.set_default_timeout(10_000)
    yield page
    context.close()


def test_pictures_are_shared_with_a_client_who_looks_at_them_by_keyboard(page, live_server, sign_in, outside):
    sign_in("ana")
    ana = User.objects.get(username="ana")
    for title in ("Harbour", "Ridge", "Dunes"):
        a_picture_of(ana, title)
    page.goto(live_server.url)
    for title in ("Harbour", "Ridge"):
        page.get_by_label(f"Select {title}").check(force=True)
    page.locator("[formaction*=shares]").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Share 2 assets")).to_be_visible()
    dialog.get_by_label("Title").fill("")
    dialog.get_by_role("button", name="Create link").click()
    dialog.get_by_label("Title").fill("For Jo")
    dialog.get_by_label("Password").fill("open sesame")
    expect(dialog.get_by_label("Last day")).to_be_hidden()
    dialog.get_by_role("button", name="Create link").click()
    link = dialog.get_by_label("Link", exact=True).input_value()
    expect(dialog.get_by_role("button", name="Copy")).to_be_focused()

    outside.goto(link)
    outside.get_by_label("Password").fill("open sesame")
    outside.keyboard.press("Enter")
    expect(outside.get_by_role("heading", name="For Jo")).to_be_visible()
    expect(outside.get_by_text("2 assets")).to_be_visible()
    expect(outside.get_by_text("Dunes")).to_have_count(0)
    assert violations(outside) == []
    first = outside.get_by_role("link", name="Ridge")
    first.focus()
    outside.keyboard.press("Enter")
    lightbox = outside.get_by_role("dialog", name="Ridge")
    expect(lightbox.get_by_text("1 of 2")).to_be_visible()
    expect(lightbox.get_by_role("button", name="Previous")).to_be_disabled()
    outside.keyboard.press("ArrowRight")
    expect(outside.get_by_role("dialog", name="Harbour")).to_be_visible()
    assert violations(outside) == []
    outside.keyboard.press("Escape")
    expect(outside.get_by_role("link", name="Harbour")).to_be_focused()
    assert Share.objects.get().views == 1


def test_a_large_share_goes_on_while_one_scrolls_and_works_without_scripts(
    page, live_server, sign_in, outside, browser
):
    sign_in("ana")
    ana = User.objects.get(username="ana")
    a_picture_of(ana, "First")
    many_assets(99, owner=ana)
    page.goto(f"{live_server.url}/shares/new/?all=1")
    page.get_by_role("button", name="Create link").click()
    link = page.get_by_label("Link", exact=True).input_value()

    outside.goto(link)
    expect(outside.locator("[data-open]")).to_have_count(60)
    outside.locator("[data-open]").last.scroll_into_view_if_needed()
    expect(outside.locator("[data-open]")).to_have_count(100)
    expect(outside.get_by_role("link", name="Show more")).to_have_count(0)

    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.goto(link)
    plain.get_by_role("link", name="Show more").click()
    expect(plain.locator("[data-open]")).to_have_count(40)
    plain.locator("[data-open]").last.click()
    expect(plain.get_by_role("link", name=re.compile("100 assets"))).to_be_visible()
    plain.context.close()
