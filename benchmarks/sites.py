"""Installations that are served and signed in to, and the address of each case's page in them."""

import html
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from benchmarks import administration, spread
from benchmarks.installations import BEFORE, LIBRARY, PASSWORD, WAGTAIL, Installation
from benchmarks.pages import JSON, Browser, Server, served

ME = "person0"


@dataclass
class Site:
    """A served installation, and the address of each case's page in it. Cases `admin: …` are an administrator's."""

    installation: Installation
    server: Server
    browser: Browser
    pages: dict[str, str]
    administrator: Browser

    def ask(self, case: str) -> None:
        asking = self.administrator if case.startswith("admin: ") else self.browser
        answer = asking.get(self.pages[case])
        if case == WALK:
            self.pages[case] = FOLLOWING[self.installation.program](self.pages[case], answer.decode())

    def own(self, count: int) -> list[str]:
        """Ids of so many entries of the person who is signed in."""
        found: list[str] = []
        address = "/?" + urlencode({"q": "by:me"})
        while len(found) < count and address:
            page = json.loads(self.browser.get(address, JSON))
            found += [asset["id"] for asset in page["assets"]]
            address = page["next"]
        return found[:count]

    def change(self, ids: list[str], action: str) -> None:
        """Tag these entries, or take the tag away again, as the library's page does."""
        fields = {"id": ids, "action": action, "tags": "tagged at once", "confirmed": "1"}
        changed = json.loads(self.browser.post("/assets/bulk/", {**self.browser.token("/"), **fields}, JSON))["changed"]
        assert changed == len(ids), f"{action} changed {changed} of {len(ids)}"

    def queries(self, cases: str) -> dict[str, int]:
        """How many queries each page makes whose case the regular expression finds."""
        wanted = {case: page for case, page in self.pages.items() if re.search(cases, case) and case != WALK}
        name = administration.ADMINISTRATOR if self.installation.is_library else ME
        asked = ["-m", "benchmarks.queries", "--administrator", name, *wanted.values()]
        counts = json.loads(self.installation.run(*asked))
        return {case: counts[page] for case, page in wanted.items()}


@contextmanager
def opened(installation: Installation) -> Iterator[Site]:
    with served(installation.environment, installation.code) as server:
        browser, administrator = Browser(server.port), Browser(server.port)
        browser.sign_in("/admin/login/" if installation.program == WAGTAIL else "/accounts/login/", ME, PASSWORD)
        if installation.is_library:
            administrator.sign_in("/accounts/login/", administration.ADMINISTRATOR, PASSWORD)
            pages = library_pages(installation.size, browser) | administration.pages(administrator)
        else:
            pages = wagtail_pages(installation.size) if installation.program == WAGTAIL else {FIRST_PAGE: "/"}
        yield Site(installation, server, browser, pages, administrator)


FIRST_PAGE, WALK = "first page", "page after page"


def _following_entries(address: str, page: str) -> str:
    following = re.search('href="([^"]+)"[^>]* hx-target="#more"', page)
    return html.unescape(following[1]) if following else "/"


def _following_images(address: str, page: str) -> str:
    return f"/admin/images/?p={int(address.rpartition('=')[2]) + 1}"


FOLLOWING = {LIBRARY: _following_entries, BEFORE: _following_entries, WAGTAIL: _following_images}
SEARCHES = {
    "search: a word of 20 assets": spread.FEW,
    "search: a rare word (1 in 10,000)": spread.RARE,
    "search: a common word (10 %)": spread.COMMON,
    "search: three words": " ".join(spread.THREE_WORDS),
}
QUALIFIERS = (
    "type:image", "type:png", "tag:{tag}", "by:person3", "by:me", 'in:"{collection}"', "is:private", "is:mine",
    "is:stored", "is:waiting", "is:failed", "is:verified", "is:favourite", "is:trashed", "after:7d", "before:{hours}h",
    "fits:seedance-2.0", "fits:seedance-2.0/reference_images", "fits:seedance-2.0/reference_videos", "fits:esrgan",
    "size:>5mb", "is:wide", "is:tall", "is:square", "width:>=1024",
    "type:video by:person3 tag:{tag}", f"-{spread.COMMON}",
)  # fmt: skip
ORDERS = ("oldest", "name", "size", "used")


def library_pages(size: int, browser: Browser) -> dict[str, str]:
    known = spread.Spread(size)
    values = {
        "tag": known.tags[20],
        "collection": known.collections[5][0],
        # Of the entries nine tenths are newer than that.
        "hours": int(size * 0.9 * spread.SECONDS_BETWEEN / 3600),
    }
    searches = {**SEARCHES, **{re.sub("{.*?}", "…", text): text.format(**values) for text in QUALIFIERS}}
    newest = json.loads(browser.get("/", JSON))["assets"]
    return {
        FIRST_PAGE: "/",
        WALK: "/",
        "deep page": deep_page(browser, f"before:{values['hours']}h"),
        "detail": next(urlsplit(asset["page"]).path for asset in newest if asset["kind"] == "image"),
        **{case: "/?" + urlencode({"q": text}) for case, text in searches.items()},
        **{f"sorted by {order}": f"/?sort={order}" for order in ORDERS},
    }


def deep_page(browser: Browser, old: str) -> str:
    """The page of the whole library that begins where the second page of a search for old entries does."""
    following = json.loads(browser.get("/?" + urlencode({"q": old}), JSON))["next"]
    return "/?" + urlencode({"after": parse_qs(urlsplit(following).query)["after"][0]})


def wagtail_pages(size: int) -> dict[str, str]:
    return {
        FIRST_PAGE: "/admin/images/",
        WALK: "/admin/images/?p=2",
        "deep page": f"/admin/images/?p={size * 9 // 10 // 30}",
        "detail": f"/admin/images/{size // 2}/",
        **{case: "/admin/images/?" + urlencode({"q": text}) for case, text in SEARCHES.items()},
    }
