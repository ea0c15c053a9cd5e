"""The upload tray in a browser: its rows, files to drop, and waiting for what the page does."""

import re
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page


def row(page: Page, name: str):
    return page.locator(".tray-row", has=page.locator(".tray-name", has_text=re.compile(f"^{re.escape(name)}$")))


def a_folder(root: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def wait_for(page: Page, condition: Callable[[], bool], seconds: float = 30) -> None:
    """Until something that the page does has reached the database."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        page.wait_for_timeout(50)
