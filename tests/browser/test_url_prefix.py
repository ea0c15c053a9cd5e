"""The library below a path of a host that it shares, behind a proxy that takes the path off and one that does not."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
import requests
from django.core.management import call_command
from playwright.sync_api import Page, expect

from assets.models import Asset, User
from tests.browser.hands import sign_in_at
from tests.browser.site import Site
from tests.support.caddy import CADDYFILE, Caddy
from tests.support.factories import PASSWORD, a_picture, a_request, a_user, an_asset
from tests.worker.test_worker import database_url

TAKES_OFF = """
{
	admin off
}
{$SITE_ADDRESS} {
	redir /library /library/
	handle_path /library/* {
		reverse_proxy {$WEB_ADDRESS}
	}
	respond "Another application"
}
"""
# Addresses in pages: of links and forms, of what a page loads, and of what its scripts ask for.
ADDRESSES = re.compile(r"""\b(?:(?:href|src|action|poster|hx-get|hx-post)=["']|data-[a-z-]+=["'](?=/))([^"'\s]+)""")
# Of what scripts and styles load.
IMPORTS = re.compile(r"""(?:\bfrom|\bimport|\bimport\(|\burl\()\s*["']?(\.{0,2}/[\w./-]+)["')]""")
# A form to sign out, and what only answers to a form.
NOT_FOLLOWED = re.compile(r"/accounts/logout/|/admin/(jsi18n|logout)/|/admin/autocomplete/$")


@pytest.fixture(params=["takes it off", "leaves it"])
def library(request, transactional_db, segmind, tmp_path) -> Iterator[str]:
    """Its address, at the proxy."""
    site = Site({"DATABASE_URL": database_url(), "URL_PREFIX": "/library"})
    site.start()
    config = CADDYFILE
    if request.param == "takes it off":
        config = tmp_path / "Caddyfile"
        config.write_text(TAKES_OFF)
    with Caddy(site.port, tmp_path, config) as proxy:
        yield f"http://127.0.0.1:{proxy.port}/library"
    site.kill()


class Visitor:
    """Signed in, follows every link of every page."""

    def __init__(self, library: str) -> None:
        self.library = library
        self.seen: set[str] = set()
        self.outside: set[str] = set()
        self.broken: dict[str, int] = {}
        self.session = requests.Session()
        self.session.get(f"{library}/accounts/login/")
        form = {"username": "ana", "password": PASSWORD, "csrfmiddlewaretoken": self.session.cookies["csrftoken"]}
        answer = self.session.post(f"{library}/accounts/login/", form)
        assert answer.url == f"{library}/"

    def visit(self, *addresses: str) -> None:
        waiting = list(addresses)
        while waiting:
            address = urldefrag(waiting.pop())[0]
            # One page of each kind.
            kind = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+|(?<==)[^&]*", "*", address.removeprefix(self.library))
            if kind in self.seen or NOT_FOLLOWED.search(address):
                continue
            self.seen.add(kind)
            waiting += self._links_of(address)

    def _links_of(self, address: str) -> Iterator[str]:
        answer = self.session.get(address)
        # Not every address in a form takes GET.
        if answer.status_code not in (200, 405):
            self.broken[address] = answer.status_code
        kind = answer.headers.get("content-type", "")
        pattern = ADDRESSES if "html" in kind else IMPORTS if "javascript" in kind or "css" in kind else None
        for found in pattern.findall(answer.text) if pattern else ():
            yield from self._follow(urljoin(answer.url, found.replace("&amp;", "&")))

    def _follow(self, address: str) -> Iterator[str]:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or parts.netloc != urlsplit(self.library).netloc:
            return
        if not address.startswith(f"{self.library}/"):
            self.outside.add(address)
        elif "&" not in parts.query:
            yield address


# Where the library learns its path is what differs, and seen below. Its links are the same then.
@pytest.mark.parametrize("library", ["takes it off"], indirect=True)
def test_every_link_stays_in_the_library(library, work):
    ana = a_user("ana", role="administrator")
    for state in ("stored", "queued", "failed"):
        an_asset(owner=ana, state=state, tags=("sea",))
    a_request(outcome="unavailable")
    call_command("make_previews")
    work()
    visitor = Visitor(library)
    visitor.visit(f"{library}/", f"{library}/upload/tray/")
    assert visitor.outside == set()
    assert visitor.broken == {}
    assert {"/tags/*/", "/people/*/", "/admin/assets/asset/*/change/", "/assets/*/preview/"} <= visitor.seen


def test_what_the_library_says_of_itself_has_the_path(library, segmind, work):
    ana = a_user("ana")
    asset = an_asset(owner=ana, content=a_picture())
    call_command("make_previews")
    work()
    visitor = Visitor(library)
    get = visitor.session.get
    [described] = get(f"{library}/", headers={"accept": "application/json"}).json()["assets"]
    assert described["page"] == f"/library/assets/{asset.pk}/"
    assert described["preview"] == f"/library/assets/{asset.pk}/preview/"
    form = {"csrfmiddlewaretoken": visitor.session.cookies["csrftoken"]}
    visitor.session.post(f"{library}/assets/{asset.pk}/trash/", form, allow_redirects=False)
    paths = {cookie.name: cookie.path for cookie in visitor.session.cookies}
    assert paths == dict.fromkeys(("sessionid", "csrftoken", "messages"), "/library")
    assert get(f"{library}/nothing/").status_code == 404
    assert get(f"{library}/upload", allow_redirects=False).headers["location"] == "/library/upload/"
    assert get(f"{library}/healthz").content == b"ok"
    part = get(f"{library}/assets/{asset.pk}/original/", headers={"range": "bytes=0-9"})
    assert (part.status_code, len(part.content)) == (206, 10)
    assert requests.get(f"{library}/trash/").url == f"{library}/accounts/login/?next=/library/trash/"


def test_the_main_job_is_done_there(page: Page, library, segmind, running_worker, tmp_path):
    a_user("ana")
    picture = Path(tmp_path, "harbour.png")
    picture.write_bytes(a_picture())
    sign_in_at(page, library)
    page.get_by_role("link", name="Upload", exact=True).click()
    page.wait_for_url(f"{library}/upload/")
    page.get_by_label("Choose files").set_input_files(picture)
    expect(page.get_by_role("button", name="Copy URL of harbour")).to_be_visible()
    page.get_by_role("link", name="Asset Library").click()
    page.wait_for_url(f"{library}/")
    page.get_by_role("combobox", name="Search").fill("harb")
    expect(page).to_have_url(f"{library}/?q=harb")
    page.get_by_role("link", name="harbour").first.click()
    page.get_by_text("Edit", exact=True).click()
    page.get_by_label("Title").fill("Harbour at dawn")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Harbour at dawn")).to_be_visible()
    page.get_by_role("button", name="Move to trash").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone: ")).to_be_visible()
    assert Asset.objects.get().owner == User.objects.get()
    page.locator(".header-actions summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{library}/accounts/login/")
