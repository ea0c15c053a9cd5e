"""Copying the URL of an asset, in every form of it."""

import json
import re

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import Page, expect

from assets.models import Use, User

WITH_ADDRESS = "https://images.segmind.com/assets/ana%40example.com/images/1.png"


@pytest.fixture
def ana(sign_in):
    sign_in("ana")
    return get_user_model().objects.get()


def test_c_copies_the_url_and_that_counts_as_use(page: Page, open_asset, clipboard):
    asset = open_asset()
    with page.expect_response(re.compile("/use/")):
        page.keyboard.press("c")
    expect(page.get_by_text("URL copied")).to_be_visible()
    assert clipboard() == asset.stored_file.url
    assert Use.objects.filter(asset=asset, user=asset.owner).exists()


def test_every_form_has_a_preview_and_is_copied_by_a_click(page: Page, open_asset, clipboard):
    asset = open_asset(title='The "best" one')
    forms = page.get_by_role("group", name="Copy as")
    expect(forms.get_by_label("Markdown").last).to_have_value(re.compile(r"^!\[The"))
    forms.get_by_text("JSON", exact=True).first.click()
    expect(forms.get_by_role("textbox")).to_have_count(1)
    forms.get_by_role("button", name="Copy JSON").click()
    expect(page.get_by_text("JSON copied")).to_be_visible()
    copied = json.loads(clipboard())
    assert (copied["title"], copied["url"]) == ('The "best" one', asset.stored_file.url)


def test_of_an_email_address_in_a_url_a_person_is_told_once(page: Page, open_asset, clipboard, live_server):
    asset = open_asset(url=WITH_ADDRESS)
    page.evaluate("navigator.clipboard.writeText('nothing yet')")
    page.get_by_role("button", name="Copy", exact=True).click()
    notice = page.get_by_role("dialog", name="This URL contains an e-mail address")
    expect(notice).to_be_visible()
    expect(notice.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(notice).to_be_hidden()
    assert clipboard() == "nothing yet"
    assert not Use.objects.exists()

    # A card says the same, and every other form of the URL.
    page.goto(live_server.url)
    page.get_by_role("button", name="Copy URL").click()
    with page.expect_response(re.compile("/addresses/")):
        notice.get_by_role("button", name="Copy anyway").click()
    expect(page.get_by_text("URL copied")).to_be_visible()
    assert clipboard() == WITH_ADDRESS
    assert User.objects.get(pk=asset.owner_id).has_seen_email_notice
    page.get_by_role("button", name="Copy URL").click()
    expect(notice).to_be_hidden()
    page.goto(f"{live_server.url}{asset.get_absolute_url()}")
    page.get_by_role("button", name="Copy Markdown").click()
    expect(page.get_by_text("Markdown copied")).to_be_visible()


def test_code_with_such_a_url_is_not_copied_unasked_either(page: Page, open_asset):
    open_asset(url=WITH_ADDRESS)
    page.get_by_role("link", name="Request to").first.click()
    page.get_by_role("button", name="Copy curl").click()
    expect(page.get_by_role("dialog", name="This URL contains an e-mail address")).to_be_visible()


def test_nor_is_a_selection_with_one(page: Page, open_asset, clipboard, live_server):
    asset = open_asset(title="With an address", url=WITH_ADDRESS)
    page.goto(live_server.url)
    page.get_by_role("checkbox", name="Select With an address").check()
    page.keyboard.press("c")
    page.locator("#dialog").get_by_role("button", name="Copy").first.click()
    notice = page.get_by_role("dialog", name="This URL contains an e-mail address")
    notice.get_by_role("button", name="Copy anyway").click()
    expect(page.get_by_text("URL copied")).to_be_visible()
    assert clipboard() == asset.stored_file.url
    expect(page.locator("#dialog")).to_be_visible()
