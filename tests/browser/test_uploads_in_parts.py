"""A large file in the tray goes on from the last byte that the server has, whatever comes between."""

from collections.abc import Iterator

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from playwright.sync_api import Page, Request, Response, expect

from assets.models import Asset, ResumableUpload
from tests.browser.hands import drop_on, sign_in_at, slow_down
from tests.browser.site import Site
from tests.browser.tray import a_folder, row, wait_for
from tests.support import factories
from tests.support.factories import a_file_of

MEGABYTE = 1_000_000


class Line:
    """What goes over the line: the offsets that the server confirms, and those from which the page sends."""

    def __init__(self, page: Page) -> None:
        self.confirmed = 0
        self.sent_from: list[int] = []
        self.sent_again: list[int] = []
        page.on("request", self._note_request)
        page.on("response", self._note_response)

    def _note_request(self, request: Request) -> None:
        if request.method == "PATCH":
            offset = int(request.headers["upload-offset"])
            self.sent_from.append(offset)
            if offset < self.confirmed:
                self.sent_again.append(offset)

    def _note_response(self, response: Response) -> None:
        if response.ok and "upload-offset" in response.headers:
            self.confirmed = max(self.confirmed, int(response.headers["upload-offset"]))


@pytest.fixture
def site(transactional_db) -> Iterator[Site]:
    site = Site({"DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}"})
    site.start()
    yield site
    site.kill()


def test_a_film_survives_a_restart_a_sign_out_and_a_closed_page(context, site, tmp_path):
    content = a_file_of(80 * MEGABYTE)
    film = a_folder(tmp_path, {"film.pdf": content}) / "film.pdf"
    factories.a_user("ana")
    page = context.new_page()
    sign_in_at(page, site.url)
    slow_down(page, 40 * MEGABYTE)
    line = Line(page)
    drop_on(page, film)
    wait_for(page, lambda: line.confirmed == 16 * MEGABYTE)
    site.kill()
    expect(page.locator("[data-pause]")).to_contain_text("Can’t reach the server")
    site.start()
    wait_for(page, lambda: line.confirmed >= 32 * MEGABYTE)

    Session.objects.all().delete()
    expect(page.locator("[data-pause]")).to_contain_text("You are signed out.")
    sign_in_at(context.new_page(), site.url)
    wait_for(page, lambda: line.confirmed >= 48 * MEGABYTE)

    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(row(page, "film.pdf")).to_contain_text("Add the file again, and it goes on from where it was.")
    drop_on(page, film)
    expect(page.locator("[data-title]")).to_have_text("1 file uploaded", timeout=30_000)
    assert line.sent_again == []
    assert ResumableUpload.objects.count() == 1
    asset = Asset.objects.get()
    assert (asset.file_name, asset.size) == ("film.pdf", len(content))
