"""The page of an asset as people use it: its neighbours, favourites, the trash, and what changes meanwhile."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from playwright.sync_api import Page, expect

from assets.models import Favourite, StoredFile
from tests.browser.hands import during_the_next_refresh
from tests.support.factories import a_picture, a_stored_file, an_asset

WITH_ADDRESS = "https://images.segmind.com/assets/ana%40example.com/images/1.png"


@pytest.fixture
def ana(sign_in):
    sign_in("ana")
    return get_user_model().objects.get()


# --- Neighbours, favourites, trash ---


def test_j_and_k_lead_through_the_search(page: Page, ana, live_server):
    now = timezone.now()
    for number in range(3):
        an_asset(owner=ana, title=f"Sea {number}", created_at=now - timedelta(minutes=number))
        an_asset(owner=ana, title=f"Land {number}", created_at=now - timedelta(minutes=number, seconds=30))
    page.goto(f"{live_server.url}/?q=sea")
    page.get_by_role("link", name="Sea 1").click()
    for key, title in [("", "Sea 1"), ("j", "Sea 2"), ("k", "Sea 1"), ("k", "Sea 0")]:
        if key:
            page.keyboard.press(key)
        expect(page.get_by_role("heading", name=title)).to_be_visible()
        expect(page.get_by_role("button", name=f"Zoom: {title}")).to_be_visible()  # its scripts have run
    expect(page.get_by_role("link", name="Previous")).to_have_count(0)
    page.get_by_role("combobox", name="Search").focus()
    page.keyboard.press("j")
    expect(page.get_by_role("heading", name="Sea 0")).to_be_visible()
    page.get_by_role("link", name="Results").click()
    expect(page).to_have_url(re.compile(r"/\?q=sea(#card-[0-9a-f-]+)?$"))
    expect(page.locator(".card")).to_have_count(3)


def test_arrow_keys_do_the_same_but_move_a_picture_that_is_zoomed(page: Page, open_asset):
    older = an_asset(owner=open_asset(title="Newest").owner, title="Older", created_at=timezone.now() - timedelta(1))
    page.reload()
    page.keyboard.press("+")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", name="Newest")).to_be_visible()
    page.keyboard.press("0")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", name=older.title)).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("heading", name="Newest")).to_be_visible()


def test_on_a_phone_what_most_come_for_is_within_reach(page: Page, open_asset, clipboard):
    page.set_viewport_size({"width": 360, "height": 740})
    asset = open_asset(title="Mine")
    bar = page.locator("#phone-bar")
    assert page.evaluate("document.querySelector('.stage').getBoundingClientRect().width") == 360
    expect(page.get_by_role("navigation", name="Main").last).to_be_hidden()
    bar.get_by_role("button", name="Copy URL").click()
    expect(page.get_by_text("URL copied")).to_be_visible()
    assert clipboard() == asset.stored_file.url
    with page.expect_response(re.compile("favourite")):
        bar.get_by_role("button", name="Favourite: Mine").click()
    bar.get_by_role("link", name="Share: Mine").click()
    expect(page.get_by_role("dialog")).to_contain_text("Share")


def test_f_makes_it_a_favourite_and_delete_moves_it_to_the_trash_from_where_it_comes_back(page: Page, open_asset):
    asset = open_asset(title="Mine", query="?q=mine")
    with page.expect_response(re.compile("favourite")):
        page.keyboard.press("f")
    expect(page.get_by_role("button", name="Favourite: Mine")).to_have_attribute("aria-pressed", "true")
    assert Favourite.objects.filter(asset=asset).exists()
    page.keyboard.press("Delete")
    expect(page).to_have_url(re.compile(r"/\?q=mine$"))
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone: ")).to_be_visible()


def test_the_help_is_one_key_away(page: Page, open_asset):
    open_asset()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("on an asset’s page")


@pytest.mark.parametrize("width", [360, 768, 1280, 1920])
def test_everything_that_can_be_pressed_is_large_enough_and_fits(page: Page, open_asset, width):
    page.set_viewport_size({"width": width, "height": 800})
    asset = open_asset(title="x" * 200, description="z" * 300, tags=("long " * 10,), url=WITH_ADDRESS)
    an_asset(stored_file=asset.stored_file, title="y" * 200)
    page.reload()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    small = page.evaluate(
        "Array.from(document.querySelectorAll('main button, main .asset-nav a, main summary'))"
        ".filter((b) => b.checkVisibility() && b.getBoundingClientRect().height < 43).map((b) => b.outerHTML)"
    )
    assert small == []


class TestWithoutJavaScript:
    @pytest.fixture
    def browser_context_args(self, browser_context_args):
        return {**browser_context_args, "java_script_enabled": False}

    def test_all_of_it_is_there_without_scripts(self, page: Page, ana, live_server):
        asset = an_asset(owner=ana, title="Plain", content=a_picture(size=(300, 200)))
        following = an_asset(owner=ana, title="Older plain", created_at=timezone.now() - timedelta(days=1))
        address = f"{live_server.url}{asset.get_absolute_url()}"
        page.goto(address + "?q=plain")
        assert page.locator(".zoom").get_attribute("href") == f"{asset.get_absolute_url()}original/"
        expect(page.get_by_role("group", name="Copy as").get_by_role("textbox")).to_have_count(3)
        expect(page.get_by_role("textbox", name="Markdown")).to_have_value(re.compile("Plain"))
        expect(page.get_by_role("button", name="Copy", exact=True)).to_be_hidden()
        page.get_by_role("button", name="Favourite").click()
        expect(page.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "true")
        page.get_by_text("Edit", exact=True).click()
        page.get_by_label("Title").fill("Plainer")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("heading", name="Plainer")).to_be_visible()
        expect(page).to_have_url(address + "?q=plain")
        page.get_by_role("link", name="Next").click()
        expect(page.get_by_role("heading", name=following.title)).to_be_visible()
        page.goto(address + "copy/")
        expect(page.get_by_role("group", name="Copy as").get_by_role("textbox")).to_have_count(3)


# --- Refreshing ---


def test_a_late_response_leaves_out_what_is_gone(page: Page, ana, live_server):
    asset = an_asset(owner=ana, state="queued")
    page.goto(f"{live_server.url}{asset.get_absolute_url()}")
    during_the_next_refresh(page, "document.getElementById('history').remove()")
    StoredFile.objects.mark_stored({asset.stored_file_id: "https://images.segmind.com/1.png"}, timezone.now())
    expect(page.locator("#facts")).to_contain_text("Markdown")
    expect(page.locator("#history")).to_have_count(0)


def test_a_late_response_does_not_reach_another_page(page: Page, ana, live_server):
    asset = an_asset(owner=ana, state="queued")
    page.goto(f"{live_server.url}{asset.get_absolute_url()}")
    during_the_next_refresh(page, "document.querySelector('main').replaceChildren('Another page')")
    with page.expect_event("requestfinished", lambda request: "/assets/cards/" in request.url):
        pass
    expect(page.locator("main")).to_have_text("Another page")


def test_a_refresh_leaves_the_chosen_format_and_the_focus(page: Page, ana, live_server):
    file = a_stored_file(state="queued", url="https://images.segmind.com/1.png")
    asset = an_asset(owner=ana, stored_file=file)
    page.goto(live_server.url + asset.get_absolute_url())
    forms = page.get_by_role("group", name="Copy as")
    forms.get_by_text("HTML", exact=True).first.click()
    chosen = forms.get_by_role("radio", name="HTML")
    StoredFile.objects.mark_stored({file.pk: "https://images.segmind.com/2.png"}, timezone.now())
    expect(page.get_by_label("Segmind URL")).to_have_value("https://images.segmind.com/2.png")
    expect(chosen).to_be_checked()
    expect(chosen).to_be_focused()
