"""Collections as places: what is dragged into them, and what is changed in dialogs."""

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import Locator, Page, expect

from assets.models import Asset, Collection
from tests.support.factories import an_asset


@pytest.fixture
def launch(sign_in) -> Collection:
    """A collection with three assets, one nested in it and one beside it."""
    sign_in("ana")
    ana = get_user_model().objects.get()
    for title in ("one", "two", "three"):
        an_asset(owner=ana, title=title).set_labels(collections=["Launch"], by=ana)
    an_asset(owner=ana, title="hero").set_labels(collections=["Launch/Hero"], by=ana)
    an_asset(owner=ana, title="voice").set_labels(collections=["Voices"], by=ana)
    return Collection.objects.get(path="Launch")


def titles_in(path: str) -> set[str]:
    return set(Asset.objects.filter(collections__path=path).values_list("title", flat=True))


def drag(page: Page, source: Locator, target: Locator) -> None:
    """Slowly enough for the target to show itself."""
    source.hover()
    page.mouse.down()
    target.hover()
    page.wait_for_timeout(300)  # what knows the targets is loaded with the first drag
    target.hover(position={"x": 9, "y": 9})
    expect(page.locator("[data-drop-target]")).to_have_count(1)
    page.mouse.up()


def test_the_selected_assets_are_dragged_into_a_collection_and_back(page: Page, live_server, launch):
    page.goto(f"{live_server.url}/collections/Launch/")
    for title in ("one", "two"):
        page.get_by_label(f"Select {title}").check(force=True)
    drag(page, page.get_by_role("link", name="one", exact=True), page.locator(".cover", has_text="Hero"))
    expect(page.get_by_text("Added 2 assets to “Launch/Hero”")).to_be_visible()
    assert titles_in("Launch/Hero") == {"hero", "one", "two"}
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("link", name="Search everywhere")).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone")).to_be_visible()
    assert titles_in("Launch/Hero") == {"hero"}


def test_a_collection_is_dragged_into_another_and_back_to_the_top(page: Page, live_server, launch):
    page.goto(f"{live_server.url}/collections/")
    card = page.locator(".cover", has_text="Voices")
    drag(page, card, page.locator(".cover", has_text="Launch"))
    expect(page.get_by_text("“Voices” moved to “Launch”.")).to_be_visible()
    assert Collection.objects.filter(path="Launch/Voices").exists()
    page.goto(f"{live_server.url}/collections/Launch/")
    drag(page, card, page.locator(".breadcrumbs").get_by_role("link", name="Collections"))
    expect(page.get_by_text("“Voices” moved to the top level.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("“Voices” moved to “Launch”.")).to_be_visible()


def test_a_place_is_searched_and_changed_where_it_is(page: Page, live_server, launch):
    page.goto(f"{live_server.url}/collections/Launch/")
    page.get_by_role("combobox", name="Search").fill("two")
    expect(page.get_by_label("Select one")).to_have_count(0)
    expect(page).to_have_url(f"{live_server.url}/collections/Launch/?q=two")
    expect(page.get_by_role("link", name="Search everywhere")).to_have_attribute("href", "/?q=two")
    page.get_by_role("link", name="two", exact=True).click()
    page.locator("main").get_by_role("link", name="Launch").first.click()
    expect(page).to_have_url(f"{live_server.url}/collections/Launch/?q=two")
    page.locator("summary", has_text="Settings of Launch").click()
    page.get_by_role("link", name="Edit name and description").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Spring, 50% off?")
    dialog.get_by_label("Description").fill("For the shop.")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("Enter at most 1")).to_be_visible()
    dialog.get_by_label("Name").fill("Spring 50% off?")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Spring 50% off?")).to_be_visible()
    expect(page.get_by_text("For the shop.")).to_be_visible()
    page.get_by_role("combobox", name="Search").fill("")
    # What edits the search is loaded with the first look at it.
    page.wait_for_load_state("networkidle")
    page.keyboard.press("Backspace")
    expect(page).to_have_url(f"{live_server.url}/")
