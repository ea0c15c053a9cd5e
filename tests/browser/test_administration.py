"""The admin in a browser: people found by typing, actions on a whole list, charts on a phone."""

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from playwright.sync_api import Page, expect

from assets.models import Asset
from tests.support.factories import a_user, an_asset, many_assets

ASSETS = "/admin/assets/asset/"


@pytest.fixture
def as_root(sign_in):
    cache.clear()
    sign_in("root")
    get_user_model().objects.update(role="administrator")


def choose(page: Page, name: str) -> None:
    """Find a person by typing, and choose them."""
    page.locator(".select2-selection").first.click()
    page.locator(".select2-search__field").fill(name)
    page.locator(".select2-results__option", has_text=name).click()


def act(page: Page, title: str) -> None:
    page.get_by_label("Action:").select_option(label=title)
    page.get_by_role("button", name="Go").click()


def test_assets_get_an_owner_found_by_typing(page: Page, as_root, live_server):
    ana, ben = a_user("ana"), a_user("ben")
    an_asset(owner=ana, title="the plan")
    page.goto(live_server.url + ASSETS)
    page.get_by_label("Select the plan").check()
    act(page, "Change owner")
    choose(page, "ben")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#content")).to_contain_text("the plan (ana)")
    page.get_by_role("button", name="Change owner").click()
    expect(page.locator(".messagelist")).to_contain_text("Changed the owner of 1 asset")
    assert Asset.objects.get().owner == ben


def test_all_assets_of_a_list_are_moved_to_the_trash(page: Page, as_root, live_server):
    many_assets(60, owner=a_user("ana"))
    page.goto(live_server.url + ASSETS)
    page.locator("#action-toggle").check()
    page.get_by_role("button", name="Select all 60 assets").click()
    expect(page.locator(".actions")).to_contain_text("All 60 are selected")
    act(page, "Move to trash")
    page.get_by_role("button", name="Move to trash").click()
    expect(page.locator(".messagelist")).to_contain_text("Moved 60 assets to trash")
    assert Asset.objects.trashed().count() == 60


def test_a_list_is_filtered_by_a_person_found_by_typing(page: Page, as_root, live_server):
    an_asset(owner=a_user("ana"), title="of ana")
    an_asset(owner=a_user("ben"), title="of ben")
    page.goto(f"{live_server.url}{ASSETS}?kind__exact=image")
    page.get_by_text("Owner", exact=True).first.click()
    choose(page, "ben")
    page.locator("details", has_text="Owner").get_by_role("button", name="Show").click()
    expect(page.locator("details", has_text="Owner")).to_contain_text("ben")
    expect(page.locator("#result_list")).to_contain_text("of ben")
    expect(page.locator("#result_list")).not_to_contain_text("of ana")
    assert "kind__exact=image" in page.url


def test_a_stored_url_is_copied_from_the_list(page: Page, as_root, live_server):
    asset = an_asset(owner=a_user("ana"), title="of ana")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{live_server.url}/admin/assets/storedfile/")
    row = page.get_by_role("row", name="of ana")
    for cell in ("ana", "Stored", "Unchecked", "Open URL"):
        expect(row.get_by_text(cell).or_(row.get_by_label(cell)).first).to_be_in_viewport()
    row.get_by_role("button", name="Copy URL").click()
    expect(page.get_by_role("status")).to_have_text("URL copied")
    assert page.evaluate("navigator.clipboard.readText()") == asset.stored_file.url
    assert page.evaluate("document.querySelector('.results').scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_overview_fits_and_shows_its_charts_as_tables(page: Page, as_root, live_server, scheme, width):
    an_asset(owner=a_user("ana"))
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{live_server.url}/admin/")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    chart = page.get_by_role("figure").filter(has_text="Uploads per day")
    expect(chart.get_by_role("img", name="Uploads per day")).to_be_visible()
    chart.get_by_text("Show as table").click()
    expect(chart.get_by_role("table")).to_be_visible()
