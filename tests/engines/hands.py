"""What a person does in any browser, in the few words that an engine has to provide."""

import json
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Keys

from tests.support import factories

TIMEOUT = 15
# What tests/browser/ does in Chromium.
not_in_chromium = pytest.mark.parametrize("engine", ["firefox", "webkit"], indirect=True)
MODIFIERS = {Keys.CONTROL, Keys.SHIFT, Keys.ALT, Keys.META}


class Hands(ABC):
    """A browser of its own for each test."""

    @property
    @abstractmethod
    def console(self) -> list[str]:
        """Its errors and warnings."""

    @abstractmethod
    def open(self, address: str) -> None:
        """Waits until the page has loaded."""

    @abstractmethod
    def run(self, script: str) -> Any:
        """Runs the body of a function in the page; returns what it returns, or what its promise brings."""

    @abstractmethod
    def click(self, selector: str, *held: str) -> None:
        """With the mouse, in the middle of the element, while keys are held."""

    @abstractmethod
    def press(self, *keys: str) -> None:
        """Keys of `selenium.webdriver.Keys` or text. Modifiers are held until the end."""

    @abstractmethod
    def choose(self, selector: str, file: Path) -> None:
        """In the dialog of a file input."""

    @abstractmethod
    def reload(self) -> None:
        """Waits until the page has loaded."""

    @abstractmethod
    def resize(self, width: int, height: int) -> None: ...

    @abstractmethod
    def screenshot(self, path: Path) -> None: ...

    @abstractmethod
    def close(self) -> None: ...

    def wait_for(self, condition: str) -> None:
        """Waits until the expression is true in the page."""
        until = time.monotonic() + TIMEOUT
        while time.monotonic() < until:
            if self.run(f"return document.readyState === 'complete' && Boolean({condition})"):
                return
            time.sleep(0.05)
        raise AssertionError(f"It did not come true: {condition}\n{self.run('return document.body.innerText')}")

    def get(self, selector: str, name: str) -> Any:
        """A property of the element."""
        return self.run(f"return document.querySelector({json.dumps(selector)}).{name}")

    def write(self, selector: str, text: str) -> None:
        """Into a field."""
        self.click(selector)
        self.press(text)

    def sign_in(self, address: str, username: str) -> None:
        """Through the form, as a new account of that name."""
        factories.a_user(username)
        self.open(address)
        self.write("[name=username]", username)
        self.write("[name=password]", factories.PASSWORD)
        self.click("main [type=submit]")
        self.wait_for("document.querySelector('[data-library-url]')")

    def drag(self, kind: str, target: str = "main", name: str = "") -> None:
        """A drag event with a file, as Firefox and WebKit send it: WebKit names no `relatedTarget`."""
        self.run(f"""
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File(["%PDF-1.7 and so on"], {json.dumps(name)}, {{ type: "application/pdf" }}));
            const event = new DragEvent({json.dumps(kind)}, {{ dataTransfer, bubbles: true, cancelable: true }});
            document.querySelector({json.dumps(target)}).dispatchEvent(event);
        """)
