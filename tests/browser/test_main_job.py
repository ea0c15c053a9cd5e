"""The main job, as a person does it: sign in, upload, see the URL, search, copy."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from playwright.sync_api import Page, expect

from assets.models import StoredFile
from tests.support.factories import a_file_of, a_picture, a_request, an_asset


def test_a_picture_goes_from_the_browser_to_the_clipboard_as_a_url(page: Page, sign_in, segmind, running_worker):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    content = a_picture(size=(1200, 800), format="JPEG")
    sign_in("ana")
    page.get_by_role("link", name="Upload", exact=True).click()
    page.get_by_label("Choose files").set_input_files(
        [{"name": 'sea "at" noon.jpg', "mimeType": "image/jpeg", "buffer": content}]
    )
    expect(page.get_by_role("list", name="Files")).to_contain_text('sea "at" noon.jpg')
    page.get_by_label("Tags").fill("summer, blue")
    expect(page.locator("[data-saved]")).to_have_text("Saved")

    # The row refreshes itself until the URL and the preview are there.
    copy = page.get_by_role("button", name="Copy URL of sea")
    expect(copy).to_be_visible()
    copy.click()
    expect(page.get_by_text("URL copied")).to_be_visible()
    url = page.evaluate("navigator.clipboard.readText()")
    assert segmind.stored[url.removeprefix(segmind.address)] == ("image/jpeg", content)

    page.get_by_role("combobox", name="Search").fill("NOON blue")
    page.get_by_role("combobox", name="Search").press("Enter")
    expect(page.locator(".card")).to_have_count(1)
    expect(page.locator(".card img")).to_be_visible()
    assert page.evaluate("document.querySelector('.card img').decode().then(() => true)")
    page.get_by_role("link", name='sea "at" noon', exact=True).click()
    expect(page.get_by_label("Segmind URL")).to_have_value(url)
    expect(page.get_by_text("1200 × 800")).to_be_visible()


def test_an_open_detail_page_shows_the_url_as_soon_as_it_is_there(page: Page, sign_in, segmind, live_server):
    sign_in("ana")
    asset = an_asset(owner=get_user_model().objects.get(), state="queued")
    page.goto(f"{live_server.url}/assets/{asset.pk}/")
    expect(page.get_by_text("The file is stored on this server")).to_be_visible()
    StoredFile.objects.mark_stored({asset.stored_file_id: "https://images.segmind.com/1.png"}, timezone.now())
    expect(page.get_by_label("Segmind URL")).to_have_value("https://images.segmind.com/1.png")


def test_refused_files_are_named_beside_the_ones_that_were_taken(page: Page, sign_in, segmind, running_worker):
    sign_in("ana")
    page.goto(page.url + "upload/")
    page.get_by_label("Choose files").set_input_files(
        [
            {"name": "fine.pdf", "mimeType": "application/pdf", "buffer": a_file_of(2000)},
            {"name": "empty.png", "mimeType": "image/png", "buffer": b""},
            {"name": "program.png", "mimeType": "image/png", "buffer": b"MZ" + bytes(300_000)},
        ]
    )
    problems = page.get_by_role("region", name="2 files need attention")
    expect(problems).to_contain_text("The file is empty")
    expect(problems).to_contain_text("Unsupported file type: application/x-dosexec")
    expect(page.get_by_role("button", name="Copy URL of fine")).to_be_visible()


def test_a_refresh_leaves_the_focus_where_it_is(page: Page, sign_in, live_server):
    sign_in("ana")
    asset = an_asset(title="slow one", state="queued")
    page.goto(live_server.url)
    page.get_by_role("link", name="slow one").focus()
    StoredFile.objects.mark_stored({asset.stored_file_id: "https://images.segmind.com/1.png"}, timezone.now())
    expect(page.get_by_role("button", name="Copy URL of slow one")).to_be_visible()
    expect(page.get_by_role("link", name="slow one")).to_be_focused()


def test_a_result_with_a_long_name_fits_a_phone(page: Page, sign_in, segmind, running_worker):
    page.set_viewport_size({"width": 360, "height": 800})
    sign_in("ana")
    page.goto(page.url + "upload/")
    page.get_by_label("Choose files").set_input_files(
        [{"name": "x" * 200 + ".pdf", "mimeType": "application/pdf", "buffer": a_file_of(500)}]
    )
    expect(page.get_by_role("heading", name="1 file stored")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("link", name="x" * 200).click()
    page.get_by_role("button", name="Move to trash").click()
    expect(page.get_by_text(re.compile("Moved .* to trash"))).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("width", [360, 768, 1280, 1920])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_is_wider_than_the_screen(page: Page, sign_in, live_server, width, scheme):
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    sign_in("ana")
    owner = get_user_model().objects.get()
    owner.role = "administrator"
    owner.save()
    asset = an_asset(owner=owner, title="x" * 200, file_name="y" * 255, description="z" * 300, tags=("long " * 10,))
    a_request(outcome="unavailable", message="w" * 300)
    an_asset(owner=owner, title="z" * 200, state="failed")
    for address in ["/", "/upload/", "/trash/", "/activity/", "/accounts/password/", asset.get_absolute_url()]:
        page.goto(live_server.url + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


class TestWithoutJavaScript:
    @pytest.fixture
    def browser_context_args(self, browser_context_args):
        return {**browser_context_args, "java_script_enabled": False}

    def test_the_whole_job_can_be_done(self, page: Page, sign_in, segmind, work, live_server):
        sign_in("ana")
        page.get_by_role("link", name="Upload", exact=True).click()
        page.get_by_label("Choose files").set_input_files(
            [{"name": "plain.png", "mimeType": "image/png", "buffer": a_picture()}]
        )
        page.get_by_role("button", name="Upload").click()
        expect(page.get_by_text("Waiting")).to_be_visible()
        work()
        page.get_by_label("Search").first.fill("plain")
        page.get_by_label("Search").first.press("Enter")
        page.wait_for_url(f"{live_server.url}/?q=plain")
        page.get_by_role("link", name="plain").click()
        expect(page.get_by_label("Segmind URL")).to_have_value(re.compile(re.escape(segmind.address)))
        page.get_by_text("Edit", exact=True).click()
        page.get_by_label("Title").fill("Renamed")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("heading", name="Renamed")).to_be_visible()
        page.get_by_role("button", name="Move to trash").click()
        page.goto(live_server.url + "/trash/")
        page.get_by_role("link", name="Renamed").click()
        page.get_by_role("button", name="Restore").click()
        expect(page.get_by_text("Restored “Renamed”")).to_be_visible()
