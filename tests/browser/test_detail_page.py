"""The page of an asset as people use it: zoom, edit in place, neighbours, copying."""

import json
import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from playwright.sync_api import Page, expect

from assets.models import Asset, Favourite, StoredFile, Use, User
from tests.browser.hands import during_the_next_refresh
from tests.support.factories import a_picture, a_stored_file, an_asset
from tests.support.media import a_sound, a_video

WITH_ADDRESS = "https://images.segmind.com/assets/ana%40example.com/images/1.png"


@pytest.fixture
def ana(sign_in):
    sign_in("ana")
    return get_user_model().objects.get()


@pytest.fixture
def clipboard(page: Page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    return lambda: page.evaluate("navigator.clipboard.readText()")


@pytest.fixture
def open_asset(page: Page, ana, live_server):
    """Opens the page of a new asset of Ana's, and returns the asset."""

    def opened(*, url: str = "", size: tuple[int, int] = (1600, 1200), query: str = "", **fields) -> Asset:
        file = a_stored_file(
            content=a_picture(size=size), width=size[0], height=size[1], **({"url": url} if url else {})
        )
        asset = an_asset(owner=ana, stored_file=file, **fields)
        page.goto(f"{live_server.url}{asset.get_absolute_url()}{query}")
        page.evaluate("document.querySelector('.zoom img').decode()")
        return asset

    return opened


def scale(page: Page) -> float:
    style = page.evaluate("document.querySelector('.zoom img').style.transform")
    return float(re.search(r"scale\(([\d.]+)\)", style)[1]) if style else 1


def place(page: Page) -> tuple[float, float]:
    style = page.evaluate("document.querySelector('.zoom img').style.transform")
    return tuple(float(number) for number in re.search(r"translate\((-?[\d.]+)px, (-?[\d.]+)px\)", style).groups())


# --- Zoom ---


def test_a_click_enlarges_and_another_shows_the_whole_again(page: Page, open_asset):
    open_asset()
    frame = page.locator(".zoom")
    frame.click()
    assert scale(page) >= 2
    expect(frame).to_have_attribute("aria-pressed", "true")
    frame.click()
    assert scale(page) == 1
    frame.dblclick()
    assert scale(page) >= 2
    page.keyboard.press("Escape")
    assert scale(page) == 1
    expect(page.locator("[data-zoom-percent]")).to_have_text("Fit")


def test_keys_and_buttons_enlarge_and_arrows_move(page: Page, open_asset):
    open_asset()
    page.keyboard.press("+")
    page.keyboard.press("+")
    assert scale(page) == pytest.approx(2.25)
    page.keyboard.press("ArrowRight")
    assert place(page)[0] < 0
    page.keyboard.press("-")
    assert scale(page) == pytest.approx(1.5)
    page.keyboard.press("0")
    assert scale(page) == 1
    page.get_by_role("button", name="Zoom in").click()
    assert scale(page) == pytest.approx(1.5)
    page.get_by_role("button", name="Zoom out").click()
    assert scale(page) == 1
    page.locator(".zoom").focus()
    page.keyboard.press("Enter")
    assert scale(page) >= 2


def test_the_wheel_enlarges_under_the_pointer_and_dragging_moves_within_the_frame(page: Page, open_asset):
    open_asset()
    box = page.locator(".zoom").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 100, y)
    for _ in range(3):
        page.mouse.wheel(0, -300)
    page.wait_for_function("document.querySelector('.zoom img').style.transform.includes('scale(3.375)')")
    assert place(page)[0] > 0  # what was under the pointer, left of the middle, still is
    before = place(page)
    page.mouse.down()
    page.mouse.move(x - 140, y + 30, steps=4)
    page.mouse.up()
    assert place(page) == (pytest.approx(before[0] - 40), pytest.approx(before[1] + 30))
    assert scale(page) > 3  # a drag is no click
    page.mouse.down()
    page.mouse.move(x + 5000, y, steps=4)
    page.mouse.up()
    edge = page.evaluate("document.querySelector('.zoom img').getBoundingClientRect().left")
    assert edge <= box["x"] + 1


def test_two_fingers_pinch(page: Page, open_asset):
    open_asset()
    box = page.locator(".zoom").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    cdp = page.context.new_cdp_session(page)

    def touch(kind: str, *distances: int) -> None:
        points = [{"x": x + sign * d, "y": y, "id": number} for d in distances for number, sign in enumerate((-1, 1))]
        cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 40)
    for distance in (60, 80, 120):
        touch("touchMove", distance)
    touch("touchEnd")
    page.wait_for_function("document.querySelector('.zoom').hasAttribute('data-zoomed')")
    assert scale(page) == pytest.approx(3, rel=0.4)


# --- Video and sound ---


@pytest.mark.parametrize("media_type", ["video/mp4", "audio/mpeg"])
def test_what_the_browser_cannot_play_is_said_and_offered_to_download(page: Page, ana, live_server, media_type):
    asset = an_asset(owner=ana, stored_file=a_stored_file(content=b"in no known format", media_type=media_type))
    page.goto(f"{live_server.url}{asset.get_absolute_url()}")
    expect(page.get_by_text("This browser can’t play this format.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download it instead").click()
    assert download.value.path().read_bytes() == b"in no known format"


@pytest.mark.parametrize(
    "media", [("video/webm", a_video("webm", "libvpx")), ("audio/mpeg", a_sound("mp3", "libmp3lame"))]
)
def test_of_what_it_can_play_nothing_is_said(page: Page, ana, live_server, media):
    media_type, content = media
    asset = an_asset(owner=ana, stored_file=a_stored_file(content=content, media_type=media_type))
    page.goto(f"{live_server.url}{asset.get_absolute_url()}")
    page.wait_for_function("document.querySelector('#stage :is(video, audio)').readyState > 0")
    expect(page.get_by_text("This browser can’t play this format.")).to_be_hidden()


# --- Edit in place ---


def test_an_edit_is_saved_without_leaving_the_page(page: Page, open_asset):
    asset = open_asset(title="Before", tags=("old",))
    page.evaluate("window.marker = 1")
    page.keyboard.press("e")
    expect(page.get_by_label("Title")).to_be_focused()
    page.get_by_label("Title").fill("After <all>")
    page.get_by_label("Tags").fill("new, old")
    page.get_by_label("Description").fill("In words")
    page.get_by_label("Description").press("Control+Enter")
    expect(page.get_by_role("heading", name="After <all>")).to_be_visible()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    expect(page.get_by_text("In words").first).to_be_visible()
    expect(page.get_by_role("region", name="History")).to_contain_text("Before After <all>")
    expect(page.locator("summary", has_text="Edit")).to_be_focused()
    assert page.evaluate("window.marker") == 1
    assert page.title().strip().startswith("After <all>")
    asset.refresh_from_db()
    assert (asset.title, asset.description) == ("After <all>", "In words")


def test_a_click_on_words_edits_them_where_they_stand(page: Page, open_asset):
    open_asset(title="Before", description="Some words")
    page.get_by_role("paragraph").filter(has_text="Some words").click()
    expect(page.get_by_label("Description")).to_be_focused()
    page.get_by_label("Visibility").select_option("Only me")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Only you can see this asset")).to_be_visible()


def test_escape_leaves_and_what_was_typed_is_still_there(page: Page, open_asset):
    open_asset(title="Before")
    page.keyboard.press("e")
    page.get_by_label("Title").fill("Half a tho")
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Before")).to_be_visible()
    expect(page.get_by_text("Unsaved changes")).to_be_visible()
    page.keyboard.press("e")
    expect(page.get_by_label("Title")).to_have_value("Half a tho")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Unsaved changes")).to_be_hidden()
    page.keyboard.press("e")
    expect(page.get_by_label("Title")).to_have_value("Before")


def test_what_cannot_be_saved_says_why_in_its_place(page: Page, open_asset, troubles):
    open_asset(title="Before")
    page.keyboard.press("e")
    page.get_by_label("Title").fill("Typed")
    page.get_by_label("Tags").fill("x" * 61)
    page.get_by_label("Tags").press("Enter")
    expect(page.get_by_text("Use at most 60")).to_be_visible()
    expect(page.get_by_label("Tags")).to_be_focused()
    expect(page.get_by_label("Title")).to_have_value("Typed")
    page.get_by_label("Tags").fill("short")
    page.get_by_label("Tags").press("Enter")
    expect(page.get_by_role("heading", name="Typed")).to_be_visible()
    assert all("400" in trouble for trouble in troubles)
    troubles.clear()


def test_without_a_connection_nothing_typed_is_lost(page: Page, open_asset, troubles):
    asset = open_asset(title="Before")
    page.keyboard.press("e")
    page.get_by_label("Title").fill("Typed")
    page.route("**/assets/**", lambda route: route.abort())
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Not saved. Can’t reach the server. Check")).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("Typed")
    page.unroute("**/assets/**")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Typed")).to_be_visible()
    asset.refresh_from_db()
    assert asset.title == "Typed"
    troubles.clear()


def test_e_in_the_library_leads_to_the_open_form(page: Page, ana, live_server):
    an_asset(owner=ana, title="In a list")
    page.goto(live_server.url)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("e")
    expect(page.get_by_label("Title")).to_be_focused()


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


# --- Copying ---


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
    page.get_by_role("group", name="Copy as").get_by_text("curl", exact=True).first.click()
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
        expect(page.get_by_role("group", name="Copy as").get_by_role("textbox")).to_have_count(7)
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
        expect(page.get_by_role("group", name="Copy as").get_by_role("textbox")).to_have_count(7)


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
    forms.get_by_text("curl", exact=True).first.click()
    chosen = forms.get_by_role("radio", name="curl")
    StoredFile.objects.mark_stored({file.pk: "https://images.segmind.com/2.png"}, timezone.now())
    expect(page.get_by_label("Segmind URL")).to_have_value("https://images.segmind.com/2.png")
    expect(chosen).to_be_checked()
    expect(chosen).to_be_focused()
