"""Chromium, through Playwright."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page
from selenium.webdriver import Keys

from tests.engines.hands import MODIFIERS, TIMEOUT, Hands

NAMES = {
    Keys.CONTROL: "Control",
    Keys.SHIFT: "Shift",
    Keys.TAB: "Tab",
    Keys.ENTER: "Enter",
    Keys.ESCAPE: "Escape",
    Keys.ARROW_DOWN: "ArrowDown",
    Keys.ARROW_RIGHT: "ArrowRight",
}


class ChromiumHands(Hands):
    def __init__(self, page: Page) -> None:
        self._page = page
        self._lines: list[str] = []
        page.on("console", lambda line: self._lines.append(line.text) if line.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self._lines.append(str(error)))

    def close(self) -> None:
        self._page.close()

    @property
    def console(self) -> list[str]:
        return self._lines

    def open(self, address: str) -> None:
        self._page.goto(address)

    def reload(self) -> None:
        self._page.reload()

    def run(self, script: str) -> Any:
        return self._page.evaluate(f"async () => {{ {script} }}")

    def wait_for(self, condition: str) -> None:
        """Unlike a script, it goes on in the page that follows."""
        expression = f"() => document.readyState === 'complete' && Boolean({condition})"
        self._page.wait_for_function(expression, timeout=1000 * TIMEOUT)

    def click(self, selector: str, *held: str) -> None:
        self._page.locator(selector).first.click(modifiers=[NAMES[key] for key in held])

    def press(self, *keys: str) -> None:
        held = "".join(f"{NAMES[key]}+" for key in keys if key in MODIFIERS)
        for letter in "".join(key for key in keys if key not in MODIFIERS):
            self._page.keyboard.press(held + NAMES.get(letter, letter))

    def choose(self, selector: str, file: Path) -> None:
        self._page.locator(selector).first.set_input_files(file)

    def resize(self, width: int, height: int) -> None:
        self._page.set_viewport_size({"width": width, "height": height})

    def screenshot(self, path: Path) -> None:
        self._page.screenshot(path=path)
