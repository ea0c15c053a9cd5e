"""Many assets at once, tags and the trash, as a person does it: with a dialog, and without JavaScript."""

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import Page, expect

from assets.models import Asset, Tag
from tests.support.factories import an_asset


def test_names_complete_while_they_are_typed_and_commas_separate_them(page: Page, sign_in, live_server):
    sign_in("ana")
    asset = an_asset(owner=get_user_model().objects.get(), tags=("seaside", "harbour"))
    page.goto(f"{live_server.url}{asset.get_absolute_url()}")
    page.locator("summary", has_text="Edit").click()
    field = page.get_by_label("Tags")
    field.fill("")
    field.press_sequentially("blue, sea")
    expect(page.locator("datalist option[value='blue, seaside']")).to_have_count(1)


def test_a_dialog_is_cancelled_with_its_button(page: Page, sign_in, live_server):
    sign_in("ana")
    an_asset(owner=get_user_model().objects.get(), title="one")
    page.goto(live_server.url)
    page.get_by_label("Select one").check(force=True)
    for action, way_back in (("Tag", "Cancel"), ("Export as CSV or JSON", "Cancel")):
        if action != "Tag":
            page.locator("#selection summary").click()
        page.get_by_role("button", name=action, exact=True).click()
        page.get_by_role("dialog").get_by_role("button", name=way_back).click()
        expect(page.get_by_role("dialog")).to_be_hidden()


def test_the_selection_is_tagged_in_a_dialog(page: Page, sign_in, live_server):
    sign_in("ana")
    owner = get_user_model().objects.get()
    for title in ("one", "two", "three"):
        an_asset(owner=owner, title=title)
    page.goto(live_server.url)
    for title in ("one", "two"):
        page.get_by_label(f"Select {title}").check(force=True)
    page.get_by_role("button", name="Tag", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Tags")).to_be_focused()
    page.keyboard.type("sea")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Tagged 2 assets “sea”")).to_be_visible()
    expect(dialog).to_be_hidden()
    assert Asset.objects.filter(tags__name="sea").count() == 2
    expect(page.get_by_role("navigation", name="Main").get_by_role("link", name="sea")).to_be_visible()
    expect(page.get_by_text("2 selected")).to_be_visible()
    page.get_by_role("button", name="Tag", exact=True).click()
    # What was added last is offered before anything is typed.
    expect(dialog.locator("datalist option[value='sea']")).to_have_count(1)
    dialog.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone: Tagged 2 assets “sea”")).to_be_visible()
    assert not Tag.objects.exists()


def test_titles_of_a_selection_are_edited_with_a_preview_and_undone(page: Page, sign_in, live_server):
    sign_in("ana")
    ana = get_user_model().objects.get()
    for title in ("IMG 1", "IMG 2"):
        an_asset(owner=ana, title=title)
    page.goto(f"{live_server.url}/?sort=oldest")
    for title in ("IMG 1", "IMG 2"):
        page.get_by_role("checkbox", name=f"Select {title}").check()
    page.locator("#selection summary").click()
    page.get_by_role("button", name="Edit titles and descriptions").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Title", exact=True).select_option(label="Set to…")
    dialog.get_by_label("New title").press_sequentially("Harbour {n:02}")
    expect(dialog.get_by_role("insertion")).to_have_text(["Harbour 01", "Harbour 02"])
    expect(dialog.get_by_label("New title")).to_be_focused()
    dialog.get_by_role("button", name="Edit 2 assets").click()
    expect(page.get_by_role("link", name="Harbour 02")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="IMG 2")).to_be_visible()


def test_cancel_closes_the_dialog(page: Page, sign_in, live_server):
    sign_in("ana")
    an_asset(owner=get_user_model().objects.get(), title="one")
    page.goto(live_server.url)
    page.get_by_label("Select one").check(force=True)
    page.get_by_role("button", name="Tag", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_label("Select one")).to_be_checked()


class TestWithoutJavaScript:
    @pytest.fixture
    def browser_context_args(self, browser_context_args):
        return {**browser_context_args, "java_script_enabled": False}

    def test_assets_are_chosen_tagged_copied_trashed_and_deleted(self, page: Page, sign_in, live_server):
        sign_in("ana")
        owner = get_user_model().objects.get()
        assets = [an_asset(owner=owner, title=title) for title in ("one", "two", "three")]
        page.goto(live_server.url)

        def choose(*titles: str) -> None:
            for title in titles:
                page.get_by_label(f"Select {title}").check(force=True)

        choose("one", "two")
        page.get_by_role("button", name="Tag", exact=True).click()
        page.get_by_label("Tags").fill("sea, blue")
        page.get_by_role("button", name="Tag 2 assets").click()
        expect(page.get_by_text("Tagged 2 assets “sea”, “blue”")).to_be_visible()

        choose("three")
        page.get_by_role("button", name="Copy URLs").click()
        expect(page.get_by_label("One per line")).to_have_value(assets[2].stored_file.url)
        page.get_by_role("link", name="Back").click()

        page.goto(f"{live_server.url}/tags/")
        page.get_by_role("link", name="blue", exact=True).first.click()
        page.locator("summary", has_text="Settings of blue").click()
        page.get_by_role("link", name="Rename").click()
        page.get_by_label("Name", exact=True).fill("SEA")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("heading", name="Merge “blue” into “sea”?")).to_be_visible()
        page.get_by_role("button", name="Merge").click()
        assert [tag.name for tag in Tag.objects.all()] == ["sea"]

        page.goto(f"{live_server.url}/?q=tag:sea")
        choose("one")
        page.get_by_role("button", name="Move to trash").click()
        expect(page.get_by_text("Moved 1 asset to trash")).to_be_visible()
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_text("Undone: Moved 1 asset to trash")).to_be_visible()
        page.goto(f"{live_server.url}/?q=tag:sea")
        choose("one")
        page.get_by_role("button", name="Move to trash").click()
        page.goto(f"{live_server.url}/trash/")
        page.get_by_role("button", name="Empty trash").click()
        expect(page.get_by_text("This cannot be undone")).to_be_visible()
        page.get_by_role("button", name="Delete 1 asset permanently").click()
        expect(page.get_by_text("Deleted 1 asset permanently")).to_be_visible()
        assert set(Asset.objects.values_list("title", flat=True)) == {"two", "three"}
