"""One asset."""

from django.core.files.base import ContentFile
from playwright.sync_api import expect

from assets.models import Asset
from tests.browser.screens.tour import Tour, screen


@screen
def copying_an_asset(tour: Tour) -> None:
    tour.go(f"{tour.assets['picture'].get_absolute_url()}copy/")


@screen
def video_that_cannot_be_played(tour: Tour) -> None:
    file, content = tour.assets["video"].stored_file, b"in no known format"
    file.size = len(content)
    file.original.save("film.webm", ContentFile(content))
    tour.open("video")
    expect(tour.page.get_by_text("This browser can’t play")).to_be_visible()


@screen
def editing(tour: Tour) -> None:
    tour.open("picture")
    tour.page.locator("summary", has_text="Edit").click()
    expect(tour.page.get_by_label("Title")).to_be_visible()


@screen
def enlarged_picture(tour: Tour) -> None:
    tour.open("picture")
    tour.page.locator(".zoom").click()


@screen
def two_edits_of_one_asset(tour: Tour) -> None:
    """A choice for each field."""
    version = tour.facts("picture")["version"]
    theirs = {"title": "theirs " * 20, "description": "x" * 300, "visibility": "private"}
    Asset.objects.filter(pk=tour.assets["picture"].pk).update(**theirs)
    tour.open("picture")
    words = {"title": "Mine", "description": "My own", "visibility": "team"}
    tour.send(tour.assets["picture"].get_absolute_url(), version=version, **words)
    expect(tour.page.get_by_role("group", name="Title")).to_be_visible()
