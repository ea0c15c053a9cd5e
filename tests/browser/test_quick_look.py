"""The quick look at an asset over the list, and the way on from it."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from assets.models import Asset, Favourite, StoredFile, User
from assets.previews.render import render_preview
from assets.search import results
from tests.support.factories import a_picture, a_stored_file, an_asset
from tests.support.media import a_pdf, a_video

NOW = timezone.now()


@pytest.fixture
def ana(sign_in) -> User:
    sign_in("ana")
    return get_user_model().objects.get()


@pytest.fixture
def look(page: Page) -> Locator:
    return page.get_by_role("dialog", name=re.compile("."))


def some_assets(owner: User, count: int, **fields: object) -> list[Asset]:
    """Newest first, as in the library."""
    return [
        an_asset(owner=owner, title=f"Picture {number}", created_at=NOW - timedelta(minutes=number), **fields)
        for number in range(count)
    ]


def open_first(page: Page, address: str) -> None:
    page.goto(address)
    page.keyboard.press("ArrowRight")
    page.keyboard.press(" ")


def heading(look: Locator, title: str) -> Locator:
    return look.get_by_role("heading", name=title, exact=True)


def test_space_looks_at_a_card_and_every_key_does_what_it_says(page: Page, ana, live_server, look):
    _, second, _ = some_assets(ana, 3)
    loaded = []
    page.on("request", lambda request: loaded.append(request.url))
    page.goto(live_server.url)
    page.keyboard.press("ArrowRight")
    page.wait_for_load_state("networkidle")
    assert not [url for url in loaded if "look/look" in url or "css/look" in url]  # before it is used

    page.keyboard.press(" ")
    expect(heading(look, "Picture 0")).to_be_visible()
    expect(look.get_by_role("button", name="Previous")).to_be_disabled()
    page.keyboard.press("ArrowRight")
    expect(heading(look, "Picture 1")).to_be_visible()
    expect(look.locator("[aria-live]").last).to_have_text("Picture 1")

    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.keyboard.press("c")
    expect(page.get_by_text("URL copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == second.stored_file.url
    with page.expect_response(re.compile("favourite")):
        page.keyboard.press("f")
    expect(look.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(f"#star-{second.pk}")).to_have_attribute("aria-pressed", "true")
    assert Favourite.objects.get().asset == second

    page.keyboard.press("i")
    expect(look.get_by_role("complementary")).to_contain_text(second.stored_file.sha256)
    page.keyboard.press("x")
    expect(look.get_by_role("button", name="Select")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("t")
    page.locator("#dialog [name=tags]").fill("seen")
    page.locator("#dialog [name=tags]").press("Enter")
    expect(look.get_by_role("complementary").get_by_role("link", name="seen")).to_be_visible()

    page.keyboard.press("End")
    expect(heading(look, "Picture 2")).to_be_visible()
    page.keyboard.press("Home")
    expect(heading(look, "Picture 0")).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    expect(look).to_be_hidden()
    expect(page.get_by_role("link", name="Picture 1", exact=True)).to_be_focused()
    expect(page.get_by_role("checkbox", name="Select Picture 1")).to_be_checked()

    # The facts stay open, and Enter leads to the page, one step back from which is the list.
    page.keyboard.press(" ")
    expect(look.get_by_role("complementary")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{live_server.url}{second.get_absolute_url()}")
    page.go_back()
    expect(page).to_have_url(f"{live_server.url}/")
    expect(look).to_be_hidden()


def test_it_goes_on_over_the_end_of_a_page_and_stays_in_the_search(page: Page, ana, live_server, look, monkeypatch):
    monkeypatch.setattr(results, "PAGE_SIZE", 4)
    some_assets(ana, 10, tags=("sea",))
    an_asset(owner=ana, title="Land", created_at=NOW - timedelta(seconds=90))
    page.set_viewport_size({"width": 1280, "height": 800})
    open_first(page, f"{live_server.url}/?q=tag:sea")
    for number in range(10):
        expect(heading(look, f"Picture {number}")).to_be_visible()
        page.keyboard.press("ArrowRight")
    expect(heading(look, "Picture 9")).to_be_visible()
    expect(look.get_by_role("button", name="Next")).to_be_disabled()
    look.get_by_role("button", name="Picture 7").click()
    expect(heading(look, "Picture 7")).to_be_visible()
    look.get_by_role("button", name="Close").click()
    expect(page.get_by_role("link", name="Picture 7", exact=True)).to_be_in_viewport()


def test_films_play_silently_and_documents_show_their_pages(page: Page, ana, live_server, look):
    film = a_stored_file(content=a_video("webm", "libvpx", frames=100), media_type="video/webm")
    an_asset(owner=ana, title="Film", stored_file=film)
    paper = a_stored_file(content=a_pdf(), media_type="application/pdf")
    render_preview(paper)
    an_asset(owner=ana, title="Paper", stored_file=paper, created_at=NOW - timedelta(minutes=1))
    damaged = a_stored_file(content=b"%PDF-1.4", media_type="application/pdf", preview_error="The PDF is damaged.")
    an_asset(owner=ana, title="Damaged", stored_file=damaged, created_at=NOW - timedelta(minutes=2))

    open_first(page, live_server.url)
    film = look.locator("video")
    expect(film).to_have_js_property("paused", False)
    expect(film).to_have_js_property("muted", True)
    page.keyboard.press("ArrowRight")
    expect(look.get_by_role("img", name="Page 1 of 1")).to_be_visible()
    expect(look.get_by_role("img", name="Page 1 of 1")).to_have_js_property("naturalWidth", 1600)
    page.keyboard.press("ArrowRight")
    expect(look.get_by_text("The PDF is damaged.").first).to_be_visible()

    # Whoever wants nothing to move, starts it.
    page.keyboard.press("Home")
    page.emulate_media(reduced_motion="reduce")
    page.keyboard.press("End")
    page.keyboard.press("Home")
    expect(heading(look, "Film")).to_be_visible()
    expect(film).to_have_js_property("readyState", 4)
    expect(film).to_have_js_property("paused", True)


def test_what_is_broken_or_failed_is_mended_first(page: Page, ana, live_server, look):
    broken = a_stored_file(content=a_picture(), link_status="broken", link_checked_at=NOW)
    an_asset(owner=ana, title="Broken one", stored_file=broken)
    failed = a_stored_file(content=a_picture(text="x"), state="failed", error="Segmind said no.")
    an_asset(owner=ana, title="Failed one", stored_file=failed, created_at=NOW - timedelta(minutes=1))
    open_first(page, live_server.url)
    expect(look).to_contain_text(re.compile(r"The file is no longer at its URL\.\s+Checked today"))
    look.get_by_role("button", name="Re-upload").click()
    expect(page.get_by_text("Re-upload started.")).to_be_visible()
    expect(look.get_by_role("button", name="Re-upload")).to_have_count(0)
    assert StoredFile.objects.get(pk=broken.pk).state == "queued"
    page.keyboard.press("ArrowRight")
    expect(look).to_contain_text("Segmind said no.")
    expect(look.get_by_role("button", name="Copy URL")).to_have_count(0)
    look.get_by_role("button", name="Retry upload").click()
    expect(page.get_by_text("added to the queue again")).to_be_visible()


class TestOnAPhone:
    @pytest.fixture
    def browser_context_args(self, browser_context_args):
        size = {"width": 360, "height": 740}
        return {**browser_context_args, "viewport": size, "has_touch": True, "is_mobile": True}

    def test_a_swipe_goes_on_and_back_closes_it(self, page: Page, ana, live_server, look):
        some_assets(ana, 2)
        page.goto(f"{live_server.url}/?q=picture")
        page.get_by_role("heading", level=1).tap()
        page.get_by_role("button", name="Quick look: Picture 0").tap()
        expect(heading(look, "Picture 0")).to_be_visible()
        swipe(page, 300, 60)
        expect(heading(look, "Picture 1")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        page.go_back()
        expect(look).to_be_hidden()
        expect(page).to_have_url(f"{live_server.url}/?q=picture")
        expect(page.locator(".card")).to_have_count(2)


def swipe(page: Page, start: int, end: int) -> None:
    devtools = page.context.new_cdp_session(page)
    for kind, points in [("touchStart", [start]), ("touchMove", [end]), ("touchEnd", [])]:
        touches = [{"x": x, "y": 300} for x in points]
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})
