"""Two people, or one person with two tabs: nobody loses words, and nobody undoes what somebody else did."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from assets.models import Asset, Role, User
from tests.browser.hands import drop_on, sign_in_at
from tests.support.factories import PASSWORD, a_picture, a_user, an_asset


@pytest.fixture
def ana(db) -> User:
    return a_user("ana", role=Role.MANAGER)


@pytest.fixture
def ana_page(page: Page, ana, live_server) -> Page:
    sign_in_at(page, live_server.url)
    return page


@pytest.fixture
def ben_page(browser: Browser, live_server) -> Page:
    """Of another person, in another browser."""
    a_user("ben", role=Role.MANAGER)
    context = browser.new_context()
    context.set_default_timeout(10_000)
    page = context.new_page()
    sign_in_again(page, live_server.url, "ben")
    yield page
    context.close()


def sign_in_again(page: Page, address: str, username: str = "ana") -> None:
    page.goto(f"{address}/accounts/login/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{address}/")


def in_another_tab(context: BrowserContext, address: str, *, username: str = "ana", again: bool = True) -> None:
    """Signs out and, unless not `again`, in."""
    tab = context.new_page()
    tab.goto(address)
    tab.locator("header .menu > summary").click()
    tab.get_by_role("button", name="Sign out").click()
    tab.wait_for_url("**/accounts/login/**")
    if again:
        sign_in_again(tab, address, username)
    tab.close()


@pytest.fixture
def sent(ana_page) -> list[Request]:
    posts: list[Request] = []
    ana_page.on("request", lambda request: posts.append(request) if request.method == "POST" else None)
    return posts


def edit(page: Page, **fields: str) -> None:
    page.keyboard.press("e")
    for label, text in fields.items():
        page.get_by_label(label.capitalize()).fill(text)
    page.get_by_role("button", name="Save").click()


@pytest.fixture
def asset(ana) -> Asset:
    return an_asset(owner=ana, title="Sea", description="wide", tags=("blue",))


def open_asset(page: Page, live_server, asset: Asset) -> None:
    page.goto(f"{live_server.url}{asset.get_absolute_url()}")


# --- Two people ---


def test_only_what_was_changed_is_sent(ana_page, ben_page, live_server, asset, sent):
    for page in (ana_page, ben_page):
        open_asset(page, live_server, asset)
    edit(ben_page, title="Ocean", tags="blue, deep")
    expect(ben_page.get_by_role("heading", name="Ocean")).to_be_visible()
    edit(ana_page, description="deep", tags="blue, wide")
    expect(ana_page.get_by_role("heading", name="Ocean")).to_be_visible()
    body = sent[-1].post_data
    assert 'name="add_tags"' in body
    assert not any(f'name="{name}"' in body for name in ("title", "visibility", "tags", "collections"))
    asset.refresh_from_db()
    assert (asset.title, asset.description) == ("Ocean", "deep")
    assert {str(tag) for tag in asset.tags.all()} == {"blue", "deep", "wide"}


def test_both_see_both_texts_and_one_chooses(ana_page, ben_page, live_server, asset, troubles):
    for page in (ana_page, ben_page):
        open_asset(page, live_server, asset)
    edit(ben_page, title="Ben’s ocean")
    expect(ben_page.get_by_role("heading", name="Ben’s ocean")).to_be_visible()
    edit(ana_page, title="Ana’s ocean", description="deep")
    conflict = ana_page.get_by_role("group", name="Title")
    expect(conflict).to_contain_text("Ben’s ocean")
    expect(conflict).to_contain_text("by ben")
    expect(ana_page.get_by_label("Title, yours")).to_have_value("Ana’s ocean")
    ana_page.get_by_label("Title, yours").fill("Our ocean")
    ana_page.get_by_role("button", name="Save").click()
    expect(ana_page.get_by_role("heading", name="Our ocean")).to_be_visible()
    asset.refresh_from_db()
    assert (asset.title, asset.description) == ("Our ocean", "deep")
    assert all("409" in trouble for trouble in troubles)
    troubles.clear()


def test_the_other_text_can_be_taken(ana_page, ben_page, live_server, asset, troubles):
    for page in (ana_page, ben_page):
        open_asset(page, live_server, asset)
    edit(ben_page, title="Ben’s ocean")
    expect(ben_page.get_by_role("heading", name="Ben’s ocean")).to_be_visible()
    edit(ana_page, title="Ana’s ocean", description="deep")
    ana_page.get_by_role("radio", name="Now").check()
    ana_page.get_by_role("button", name="Save").click()
    expect(ana_page.get_by_text("Saved", exact=True)).to_be_visible()
    asset.refresh_from_db()
    assert (asset.title, asset.description) == ("Ben’s ocean", "deep")
    troubles.clear()


def test_the_reason_why_nothing_can_be_saved_is_beside_the_words(ana_page, live_server, asset, troubles):
    open_asset(ana_page, live_server, asset)
    User.objects.filter(username="ana").update(role=Role.VIEWER)
    edit(ana_page, title="Ocean")
    expect(ana_page.get_by_text("Not saved. You are a viewer")).to_be_visible()
    expect(ana_page.get_by_label("Title")).to_have_value("Ocean")
    troubles.clear()


# --- One person, two tabs ---


def test_a_page_from_before_signing_in_again_saves(ana_page, live_server, asset, troubles):
    open_asset(ana_page, live_server, asset)
    in_another_tab(ana_page.context, live_server.url)
    edit(ana_page, title="Ocean")
    expect(ana_page.get_by_role("heading", name="Ocean")).to_be_visible()
    ana_page.keyboard.press("f")
    expect(ana_page.locator("[data-favourite]").first).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("address", ["collections", "person"])
def test_a_plain_form_from_before_signing_in_again_saves(ana_page, live_server, address):
    ben = a_user("ben")
    User.objects.filter(username="ana").update(role=Role.ADMINISTRATOR)
    ana_page.goto(live_server.url + {"collections": "/collections/new/", "person": f"/people/{ben.pk}/"}[address])
    in_another_tab(ana_page.context, live_server.url)
    if address == "collections":
        ana_page.get_by_label("Name").fill("Trips")
        ana_page.get_by_role("button", name="Create").click()
        expect(ana_page.get_by_role("heading", name="Trips")).to_be_visible()
    else:
        ana_page.get_by_role("combobox", name="Role").select_option("manager")
        ana_page.get_by_role("button", name="Save role").click()
        expect(ana_page.get_by_text("ben’s role is now manager")).to_be_visible()


def test_a_bulk_action_from_before_signing_in_again_goes_through(ana_page, live_server, asset):
    ana_page.goto(live_server.url)
    ana_page.locator("[data-cards] [name=id]").check()
    ana_page.get_by_role("button", name="Tag", exact=True).click()
    in_another_tab(ana_page.context, live_server.url)
    ana_page.get_by_role("dialog").get_by_label("Tags").fill("deep")
    ana_page.get_by_role("dialog").get_by_role("button", name="Tag 1 asset").click()
    expect(ana_page.get_by_text("Tagged 1 asset")).to_be_visible()


def test_a_dialog_says_that_the_person_is_signed_out_and_keeps_the_words(ana_page, live_server, asset, troubles):
    ana_page.goto(live_server.url)
    ana_page.locator("[data-cards] [name=id]").check()
    ana_page.get_by_role("button", name="Tag", exact=True).click()
    dialog = ana_page.get_by_role("dialog")
    dialog.get_by_label("Tags").fill("deep")
    in_another_tab(ana_page.context, live_server.url, again=False)
    dialog.get_by_role("button", name="Tag 1 asset").click()
    expect(ana_page.get_by_text("You are signed out.")).to_be_visible()
    with ana_page.context.expect_page() as tab:
        ana_page.get_by_role("link", name="Sign in").click()
    sign_in_again(tab.value, live_server.url)
    expect(dialog.get_by_label("Tags")).to_have_value("deep")
    dialog.get_by_role("button", name="Tag 1 asset").click()
    expect(ana_page.get_by_text("Tagged 1 asset")).to_be_visible()
    troubles.clear()


def test_whoever_is_signed_out_signs_in_and_finds_their_words(ana_page, live_server, asset, troubles):
    open_asset(ana_page, live_server, asset)
    in_another_tab(ana_page.context, live_server.url, again=False)
    edit(ana_page, title="Ocean")
    expect(ana_page.get_by_text("Not saved. You are signed out.")).to_be_visible()
    with ana_page.context.expect_page() as tab:
        ana_page.get_by_role("link", name="Sign in").click()
    sign_in_again(tab.value, live_server.url)
    ana_page.get_by_role("button", name="Save").click()
    expect(ana_page.get_by_role("heading", name="Ocean")).to_be_visible()
    troubles.clear()


def test_nobody_saves_in_the_name_of_somebody_else(ana_page, live_server, asset, troubles):
    a_user("ben", role=Role.MANAGER)
    open_asset(ana_page, live_server, asset)
    in_another_tab(ana_page.context, live_server.url, username="ben")
    edit(ana_page, title="Ocean")
    expect(ana_page.get_by_text("ben has signed in in this browser")).to_be_visible()
    asset.refresh_from_db()
    assert asset.title == "Sea"
    troubles.clear()


@pytest.fixture
def without_scripts(browser: Browser, ana, live_server) -> Page:
    context = browser.new_context(java_script_enabled=False)
    context.set_default_timeout(10_000)
    page = context.new_page()
    sign_in_at(page, live_server.url)
    yield page
    context.close()


def write(page: Page) -> None:
    page.get_by_text("Edit", exact=True).click()
    page.get_by_label("Title").fill("Ocean & <more>")
    page.get_by_role("button", name="Save").click()


def test_without_scripts_the_words_are_sent_again(without_scripts, live_server, asset):
    page = without_scripts
    open_asset(page, live_server, asset)
    in_another_tab(page.context, live_server.url)
    write(page)
    expect(page.get_by_role("heading", name="Page out of date")).to_be_visible()
    expect(page.get_by_text("Ocean & <more>")).to_be_visible()
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("heading", name="Ocean & <more>")).to_be_visible()


def test_without_scripts_the_words_wait_for_signing_in(without_scripts, live_server, asset):
    page = without_scripts
    open_asset(page, live_server, asset)
    in_another_tab(page.context, live_server.url, again=False)
    write(page)
    expect(page.get_by_role("heading", name="Signed out")).to_be_visible()
    with page.context.expect_page() as tab:
        page.get_by_role("link", name="Sign in").click()
    sign_in_again(tab.value, live_server.url)
    page.get_by_role("button", name="Send again").click()
    # The token has changed with the session.
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("heading", name="Ocean & <more>")).to_be_visible()


# --- The tray ---


@pytest.fixture
def drop(ana_page, tmp_path) -> Callable[[str], None]:
    def named(name: str) -> None:
        (tmp_path / name).write_bytes(a_picture())
        drop_on(ana_page, tmp_path / name)

    return named


def test_whoever_becomes_a_viewer_is_told_and_nothing_more_is_sent(ana_page, drop, sent, troubles, tmp_path):
    drop("first.png")
    expect(ana_page.locator("[data-title]")).to_have_text("1 file uploaded")
    User.objects.filter(username="ana").update(role=Role.VIEWER)
    names = [f"{number}.png" for number in range(8)]
    for name in names:
        (tmp_path / name).write_bytes(a_picture())
    sent.clear()
    drop_on(ana_page, *[tmp_path / name for name in names])
    expect(ana_page.locator("[data-problems-title]")).to_have_text("8 files need attention")
    expect(ana_page.locator(".tray-status").first).to_contain_text("You are a viewer")
    expect(ana_page.locator("[data-pause]")).to_be_hidden()
    assert len([request for request in sent if "/states/" not in request.url]) <= 3
    troubles.clear()


def test_an_edit_in_the_tray_shows_both_texts_and_saves_on_retry(ana_page, ben_page, drop, live_server, troubles):
    drop("sea.png")
    expect(ana_page.locator("[data-title]")).to_have_text("1 file uploaded")
    row = ana_page.locator(".tray-row")
    row.get_by_role("button", name="Edit details").click()
    asset = Asset.objects.get()
    open_asset(ben_page, live_server, asset)
    edit(ben_page, title="Ben’s ocean", tags="deep")
    expect(ben_page.get_by_role("heading", name="Ben’s ocean")).to_be_visible()
    row.get_by_label("Title").fill("Ana’s ocean")
    row.get_by_label("Title").press("Tab")
    expect(row).to_contain_text("title is “Ben’s ocean” now, yours is “Ana’s ocean”")
    row.get_by_role("button", name="Retry").click()
    expect(row).not_to_contain_text("Changed meanwhile")
    open_asset(ben_page, live_server, asset)
    expect(ben_page.get_by_role("heading", name="Ana’s ocean")).to_be_visible()
    assert {str(tag) for tag in asset.tags.all()} == {"deep"}
    assert all("409" in trouble for trouble in troubles)
    troubles.clear()


def test_the_sentence_of_a_server_that_restarts_is_shown(ana_page, live_server, asset, troubles):
    open_asset(ana_page, live_server, asset)
    answer = {"status": 502, "content_type": "text/html", "body": "<h1>Bad Gateway</h1>"}
    ana_page.route("**/assets/**", lambda route: route.fulfill(**answer), times=1)
    edit(ana_page, title="Ocean")
    expect(ana_page.get_by_text("Not saved. The server is restarting.")).to_be_visible()
    ana_page.get_by_role("button", name="Save").click()
    expect(ana_page.get_by_role("heading", name="Ocean")).to_be_visible()
    troubles.clear()
