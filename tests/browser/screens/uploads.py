"""Uploading."""

import json

from playwright.sync_api import expect

from tests.browser.screens.tour import Tour, screen

TRAY = "uploads"


@screen
def upload_tray(tour: Tour) -> None:
    """A row in every state that the server can tell, and in those of files that it has not got."""
    leave_in_the_tray(tour)
    tour.go("/")
    tour.page.locator("[data-fold]").click()
    tour.page.locator(".tray-row").first.get_by_role("button", name="Edit details of").click()


@screen
def upload_tray_on_the_upload_page(tour: Tour) -> None:
    leave_in_the_tray(tour)
    tour.go("/upload/")
    expect(tour.page.locator(".tray-row").last).to_be_visible()


def leave_in_the_tray(tour: Tour) -> None:
    """What a page before this one would have left."""
    tour.go("/help/")
    states = ("queued", "sending", "picture", "broken", "failed")
    assets = [tour.facts(name) for name in states]
    uploads = [{"name": one["file_name"], "size": one["size"], "state": "received", "asset": one} for one in assets]
    uploads.append({"name": "empty.png", "size": 0, "state": "refused", "error": "The file is empty (0 bytes)."})
    uploads.append({"name": "late.mp4", "size": 9_000_000, "state": "interrupted", "error": "Not uploaded."})
    saved = json.dumps({"person": str(tour.person.pk), "isFolded": True, "uploads": uploads})
    tour.page.evaluate("([name, saved]) => sessionStorage.setItem(name, saved)", [TRAY, saved])


@screen
def refused_upload(tour: Tour) -> None:
    """What the plain form says of files that it has not taken, and of fields that are wrong."""
    tour.go("/upload/")
    tour.send("/upload/", title="t" * 300)
