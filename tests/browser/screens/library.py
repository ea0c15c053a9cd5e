"""Looking around, searching and selecting."""

from django.conf import settings as django_settings
from playwright.sync_api import expect

from assets.models import Asset, SavedSearch
from tests.browser.screens.tour import Tour, screen


@screen
def empty_library(tour: Tour) -> None:
    Asset.objects.all().delete()
    tour.go("/")


@screen
def library_in_rows(tour: Tour) -> None:
    tour.go("/")
    tour.page.get_by_role("button", name="List").click()
    expect(tour.page.get_by_role("table")).to_be_visible()


@screen
def quick_look(tour: Tour) -> None:
    """Of a broken link, with its facts."""
    tour.go("/?q=is:broken")
    tour.page.get_by_role("link", name="broken", exact=True).press(" ")
    expect(tour.page.get_by_role("button", name="Re-upload")).to_be_visible()
    tour.page.keyboard.press("i")
    expect(tour.page.get_by_role("complementary", name="Facts")).to_be_visible()


@screen
def selection(tour: Tour) -> None:
    tour.go("/")
    tour.page.get_by_label("Select picture").check(force=True)
    expect(tour.page.get_by_text("1 selected")).to_be_visible()


@screen
def selection_of_all(tour: Tour) -> None:
    tour.go("/")
    tour.page.keyboard.press("Control+a")
    tour.page.keyboard.press("Control+a")
    expect(tour.page.get_by_text("All 12 assets selected")).to_be_attached()


@screen
def choosing_a_model(tour: Tour) -> None:
    tour.go("/")
    tour.page.get_by_label("Select picture").check(force=True)
    tour.page.locator("#selection summary").click()
    tour.page.get_by_role("button", name="Use with a model").click()
    expect(tour.page.get_by_role("heading", name="Use 1 asset with a model")).to_be_visible()


@screen
def request_to_a_model(tour: Tour) -> None:
    """With one that fits, one that does not, one without a URL, and one that no input takes."""
    names = ("picture", "audio", "queued", "paper", "x" * 200)
    ids = "&".join(f"id={tour.assets[name].pk}" for name in names)
    tour.go(f"/models/seedance-2.0/request/?{ids}")
    tour.page.get_by_text("More parameters").click()


@screen
def script_for_a_model(tour: Tour) -> None:
    tour.go("/models/seedance-2.0/batch/?all=1&q=type:image")


@screen
def open_menus(tour: Tour) -> None:
    tour.go("/")
    tour.page.locator("details.menu").evaluate_all("all => all.forEach((menu) => (menu.open = true))")


@screen
def suggestions(tour: Tour) -> None:
    tour.go("/?q=tag:sea+-type:png+pier")
    tour.page.get_by_role("combobox", name="Search").press_sequentially(" by:")
    expect(tour.page.get_by_role("option", name="Me")).to_be_visible()


@screen
def saved_searches(tour: Tour) -> None:
    for owner, name in ((tour.person, "Sea, wide"), (tour.person, "x" * 60), (None, "Of the team")):
        SavedSearch.objects.create(owner=owner, name=name, text="tag:sea wide:")
    tour.go("/searches/")
    tour.page.locator(".saved summary").first.click()


@screen
def saved_search_with_changes(tour: Tour) -> None:
    saved = SavedSearch.objects.create(owner=tour.person, name="Sea, wide", text="tag:sea")
    tour.go(f"/?q=type:image&saved={saved.pk}")
    tour.page.locator("summary", has_text="Save as new").click()


@screen
def bulk_in_a_dialog(tour: Tour) -> None:
    selection(tour)
    tour.page.get_by_role("button", name="Tag", exact=True).click()
    expect(tour.page.get_by_role("dialog")).to_be_visible()


@screen
def bulk_as_a_page(tour: Tour) -> None:
    tour.go("/")
    tour.send("/assets/bulk/", action="trash", id=str(tour.assets["picture"].pk))


@screen
def titles_of_many(tour: Tour) -> None:
    tour.go("/")
    names = {"title_how": "set", "title_text": "Sea {n:03}", "description_how": "replace", "description_find": ""}
    tour.send("/assets/bulk/", action="edit", confirmed="1", id=str(tour.assets["picture"].pk), **names)


@screen
def many_urls_to_copy(tour: Tour) -> None:
    tour.go("/")
    tour.send("/assets/bulk/", action="copy", all="1")


@screen
def notices(tour: Tour) -> None:
    """Something was moved to the trash, and can be had back."""
    tour.open("picture")
    tour.page.get_by_role("button", name="Move to trash").click()
    expect(tour.page.get_by_role("button", name="Undo")).to_be_visible()


@screen
def style_guide(tour: Tour) -> None:
    """There while developing; everything else is shown as in production."""
    django_settings.DEBUG = True
    tour.go("/styleguide/")
    expect(tour.page.locator(".tray-row").last).to_be_visible()


@screen
def keys_in_a_dialog(tour: Tour) -> None:
    tour.go("/")
    tour.page.keyboard.press("?")
    expect(tour.page.get_by_role("dialog")).to_be_visible()


@screen
def one_tag(tour: Tour) -> None:
    tour.go("/tags/sea/")
    tour.page.get_by_text("Settings of sea").locator("..").click()
    tour.page.get_by_role("link", name="Rename").click()
    expect(tour.page.get_by_role("dialog").get_by_label("Name", exact=True)).to_be_visible()


@screen
def one_collection(tour: Tour) -> None:
    tour.go("/collections/")
    tour.page.get_by_role("link", name="Trips").first.click()
    expect(tour.page.locator("main").get_by_role("link", name="2024")).to_be_visible()


@screen
def changing_a_cover(tour: Tour) -> None:
    tour.go("/collections/Trips/2024/")
    tour.page.get_by_text("Settings of 2024").locator("..").click()
    tour.page.get_by_role("link", name="Change cover").click()
    expect(tour.page.get_by_role("dialog")).to_be_visible()
