"""WebKitGTK in its own small browser, through WebDriver."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service
from selenium.webdriver.webkitgtk.webdriver import WebDriver

from tests.engines.hands import MODIFIERS, Hands

DRIVER = shutil.which("WebKitWebDriver")
# Where distributions put it: in no folder of the PATH.
BROWSER = next(Path("/usr").glob("lib*/**/webkit2gtk-4.*/MiniBrowser"), None)

# WebDriver does not read the console, so that each page is told to keep its lines, by the first script that is run.
KEEP_LINES = """
    if (!window.hasKeptLines) {
      const keep = (text) => sessionStorage.setItem("lines", (sessionStorage.getItem("lines") ?? "") + text + "\\n");
      for (const level of ["error", "warn"]) {
        const write = console[level];
        console[level] = (...parts) => { keep(parts.join(" ")); write(...parts); };
      }
      addEventListener("error", ({ message }) => message && keep(message));
      addEventListener("unhandledrejection", ({ reason }) => keep(String(reason)));
      window.hasKeptLines = true;
    }
"""


@contextmanager
def start_webkit(display: str) -> Iterator[WebDriver]:
    options = Options()
    options.binary_location = str(BROWSER)
    options.add_argument("--automation")
    driver = webdriver.WebKitGTK(options=options, service=Service(DRIVER, env={"DISPLAY": display}))
    yield driver
    driver.quit()


class WebKitHands(Hands):
    """A window that all tests share, since another one takes seconds to start. Each test leaves it signed out."""

    def __init__(self, driver: WebDriver) -> None:
        self._driver = driver
        self.resize(1280, 900)

    def close(self) -> None:
        self.run("sessionStorage.clear(); localStorage.clear()")
        self._driver.delete_all_cookies()
        self._driver.get("about:blank")

    @property
    def console(self) -> list[str]:
        return self.run("return (sessionStorage.getItem('lines') ?? '').split('\\n').filter(Boolean)")

    def open(self, address: str) -> None:
        with self._leave_page():
            self._driver.get(address)

    def reload(self) -> None:
        with self._leave_page():
            self._driver.refresh()

    @contextmanager
    def _leave_page(self) -> Iterator[None]:
        """The driver may take the end of an earlier navigation for that of this one."""
        self.run("window.isLeft = true")
        yield
        self.wait_for("!window.isLeft")

    def run(self, script: str) -> Any:
        script = f"const done = arguments[0]; {KEEP_LINES}; (async () => {{ {script} }})().then(done, done);"
        return self._driver.execute_async_script(script)

    def _find(self, selector: str) -> Any:
        return self._driver.find_element(By.CSS_SELECTOR, selector)

    def click(self, selector: str, *held: str) -> None:
        chain = webdriver.ActionChains(self._driver, duration=0)
        self.run(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{ block: 'nearest' }})")
        for key in held:
            chain.key_down(key)
        chain.click(self._find(selector))
        for key in held:
            chain.key_up(key)
        chain.perform()

    def press(self, *keys: str) -> None:
        chain = webdriver.ActionChains(self._driver, duration=0)
        held = [key for key in keys if key in MODIFIERS]
        for key in held:
            chain.key_down(key)
        chain.send_keys(*(key for key in keys if key not in MODIFIERS))
        for key in held:
            chain.key_up(key)
        chain.perform()

    def choose(self, selector: str, file: Path) -> None:
        self._find(selector).send_keys(str(file))

    def resize(self, width: int, height: int) -> None:
        self._driver.set_window_size(width, height)

    def screenshot(self, path: Path) -> None:
        self._driver.save_screenshot(str(path))
