import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.webkitgtk.webdriver import WebDriver

from tests.browser.conftest import CHROMIUM
from tests.browser.conftest import browser_type_launch_args as browser_type_launch_args
from tests.browser.conftest import running_worker as running_worker
from tests.engines import firefox, webkit
from tests.engines.chromium import ChromiumHands
from tests.engines.hands import Hands

NEEDS = {
    "chromium": ([CHROMIUM], "chromium"),
    "firefox": ([firefox.PROGRAM], "firefox-esr"),
    "webkit": ([webkit.DRIVER, webkit.BROWSER, shutil.which("Xvfb")], "webkit2gtk-driver xvfb"),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker("browser")
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """A screen that nobody sees."""
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1600x1200x24", "-nolisten", "tcp"]
    process = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    with os.fdopen(reader) as number:
        yield f":{number.readline().strip()}"
    process.terminate()
    process.wait()


@pytest.fixture(scope="session")
def running_firefox(tmp_path_factory) -> Iterator[firefox.Firefox]:
    with firefox.Firefox(tmp_path_factory.mktemp("firefox")) as process:
        yield process


@pytest.fixture(scope="session")
def running_webkit(display) -> Iterator[WebDriver]:
    with webkit.start_webkit(display) as driver:
        yield driver


@pytest.fixture(params=NEEDS)
def engine(request) -> str:
    """Its name. Without it the test is skipped, or fails with REQUIRE_ALL_TESTS."""
    programs, packages = NEEDS[request.param]
    if not all(programs):
        leave = pytest.fail if os.environ.get("REQUIRE_ALL_TESTS") else pytest.skip
        leave(f"needs another browser (Debian: apt-get install {packages})")
    return request.param


@pytest.fixture
def hands(engine, request, live_server) -> Iterator[Hands]:
    """A browser, which fails the test for any error or warning in its console."""
    browser = start(engine, request.getfixturevalue)
    yield browser
    console = browser.console
    browser.close()
    assert console == []


def start(engine: str, fixture) -> Hands:
    if engine == "chromium":
        return ChromiumHands(fixture("page"))
    if engine == "firefox":
        return firefox.FirefoxHands(fixture("running_firefox"))
    return webkit.WebKitHands(fixture("running_webkit"))
