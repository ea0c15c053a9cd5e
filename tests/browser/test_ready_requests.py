"""From a selection to a request that needs only the key."""

import json
import re

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import Page, expect

from assets.models import Asset, SegmindModel
from tests.support.factories import a_stored_file, an_asset

pytestmark = pytest.mark.browser


@pytest.fixture
def ana(sign_in):
    sign_in("ana")
    return get_user_model().objects.get()


@pytest.fixture
def assets(ana) -> list[Asset]:
    voice = an_asset(owner=ana, title="Voice", stored_file=a_stored_file(media_type="audio/mpeg", duration=9.0))
    return [*(an_asset(owner=ana, title=f"Picture {number}") for number in range(6)), voice]


def body(clipboard) -> dict:
    return json.loads(clipboard())


def test_six_pictures_and_a_voice_become_a_request(page: Page, assets, clipboard, live_server):
    page.goto(live_server.url)
    page.locator("body").press("Control+a")
    page.locator("#selection summary").click()
    page.get_by_role("button", name="Use with a model").click()
    page.get_by_role("link", name="One request to Seedance 2.0", exact=True).click()
    page.get_by_label("Prompt").fill("Image 1 speaks with audio 1’s voice")
    expect(page.get_by_text("Still to fill in")).to_have_count(0)
    page.get_by_role("group", name="Copy as").get_by_text("JSON", exact=True).first.click()
    with page.expect_response(re.compile("/copied/")):
        page.get_by_role("button", name="Copy JSON").click()
    found = body(clipboard)
    assert found["prompt"] == "Image 1 speaks with audio 1’s voice"
    assert len(found["reference_images"]) == 6
    assert found["reference_audios"] == [assets[6].stored_file.url]
    assert SegmindModel.objects.get(slug="seedance-2.0").use_count == 1

    # Another order and another input, by keyboard; the prompt, the format and the focus stay.
    second = page.get_by_role("button", name="Move “Picture 4” up")
    second.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".request-asset").first).to_contain_text("Picture 4")
    expect(second).to_be_focused()
    page.get_by_label("Input for “Picture 0”").select_option("last_frame_url")
    expect(page.get_by_text("Sources disagree")).to_be_visible()
    expect(page.get_by_label("Prompt")).to_have_value(re.compile("^Image 1"))
    page.get_by_role("button", name="Copy JSON").click()
    expect(page.get_by_text("JSON copied").last).to_be_visible()
    assert body(clipboard)["last_frame_url"] == assets[0].stored_file.url


class TestWithoutJavaScript:
    @pytest.fixture
    def browser_context_args(self, browser_context_args):
        return {**browser_context_args, "java_script_enabled": False}

    def test_a_request_and_a_script_are_made(self, page: Page, assets, live_server):
        page.goto(live_server.url)
        for asset in assets[:2]:
            page.get_by_label(f"Select {asset.title}", exact=True).check(force=True)
        page.locator("#selection summary").click()
        page.get_by_role("button", name="Use with a model").click()
        page.get_by_role("link", name="One request to Seedance 2.0", exact=True).click()
        page.get_by_label("Prompt").fill("Dance")
        page.get_by_label("Input for “Picture 0”").select_option("Leave out")
        page.get_by_role("button", name="Update request").click()
        expect(page.locator("#text-body")).to_have_value(re.compile('"prompt": "Dance"'))
        expect(page.locator("#text-body")).not_to_have_value(re.compile(assets[0].stored_file.url))
        page.goto(f"{live_server.url}/models/esrgan/batch/?all=1&q=type:image")
        page.get_by_label("Requests per minute").fill("12")
        page.get_by_role("button", name="Update script").click()
        expect(page.locator("#batch-text")).to_have_value(re.compile("RATE = 12"))
