import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from assets.models import Asset
from assets.worker.run import run_until
from tests.browser.hands import drop_on
from tests.support import factories
from tests.support.factories import a_picture, a_stored_file, an_asset

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
HOW = "browser tests need Chromium: apt-get install chromium (or brew install chromium), or name one with CHROMIUM"

expect.set_options(timeout=10_000)

# Playwright's own event loop runs in the tests' thread.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker("browser")
            item.add_marker(pytest.mark.django_db(transaction=True))
            if CHROMIUM is None and not os.environ.get("REQUIRE_ALL_TESTS"):
                item.add_marker(pytest.mark.skip(reason=HOW))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": FLAGS}


@pytest.fixture
def running_worker(segmind) -> Iterator[None]:
    """The worker, in a thread of the tests."""
    stopping = threading.Event()
    thread = threading.Thread(target=run_until, args=[stopping])
    thread.start()
    yield
    stopping.set()
    thread.join()


@pytest.fixture
def troubles() -> list[str]:
    """What went wrong in the page; a test that brings it about clears it."""
    return []


def is_trouble(line: ConsoleMessage) -> bool:
    """htmx writes an error for a search that a later one has replaced, too."""
    return line.type in ("error", "warning") and not line.text.startswith(("htmx:afterRequest,", "htmx:sendAbort,"))


@pytest.fixture
def page(page, live_server, troubles):
    """A page that fails the test for any console error, failed answer or policy violation."""
    page.on("console", lambda line: troubles.append(line.text) if is_trouble(line) else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("response", lambda r: troubles.append(f"{r.status} {r.url}") if r.status >= 400 else None)
    page.context.set_default_timeout(10_000)
    press_once_loaded(page)
    yield page
    assert troubles == []


def press_once_loaded(page: Page) -> None:
    """As a person does. On a busy machine, a test would be quicker than the scripts that wait for the key."""
    press = page.keyboard.press

    def press_then(key: str, **options: float) -> None:
        page.wait_for_load_state()
        press(key, **options)

    page.keyboard.press = press_then


@pytest.fixture
def sign_in(page, live_server) -> Callable[[str], None]:
    """Signs in through the form, as a new account of that name."""

    def as_user(username: str) -> None:
        factories.a_user(username)
        page.goto(live_server.url)
        page.get_by_label("Username").fill(username)
        page.get_by_label("Password").fill(factories.PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{live_server.url}/")

    return as_user


@pytest.fixture
def drop(page) -> Callable[..., None]:
    """Drops files and folders of this machine onto the page, as the system does."""
    return lambda *paths, at=(300, 500): drop_on(page, *paths, at=at)


@pytest.fixture
def clipboard(page: Page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    return lambda: page.evaluate("navigator.clipboard.readText()")


@pytest.fixture
def open_asset(page: Page, ana, live_server):
    """Opens the page of a new asset of Ana's, and returns the asset."""

    def opened(*, url: str = "", size: tuple[int, int] = (1600, 1200), query: str = "", **fields) -> Asset:
        file = a_stored_file(
            content=a_picture(size=size), width=size[0], height=size[1], **({"url": url} if url else {})
        )
        asset = an_asset(owner=ana, stored_file=file, **fields)
        page.goto(f"{live_server.url}{asset.get_absolute_url()}{query}")
        page.evaluate("document.querySelector('.zoom img').decode()")
        return asset

    return opened
