"""The pictures of the README, taken of the application itself: `make screenshots`.

Starts it in a temporary folder, with the sandbox and a worker, uploads drawn pictures through the browser, and looks at
the library, the upload tray, an entry and the activity page, in light and dark.
"""

import io
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import django
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.site import ROOT, Site

SIZE = {"width": 1280, "height": 800}
SHARPNESS = 1.5
QUALITY = 80
SCHEMES = ("light", "dark")
TAGS = {
    "Harbour at dusk": "sea, evening",
    "Noon over the bay": "sea",
    "Ridge in the morning": "mountains, hero",
    "Green valley": "mountains",
    "Amber bottle, front": "product, packshot",
    "Rose bottle": "product, packshot",
    "Blue vase": "product",
}


def main() -> None:
    with TemporaryDirectory() as folder, running(Path(folder)) as (site, worker):
        files = drawn(Path(folder, "drawn"))
        with sync_playwright() as playwright:
            chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            take(browser, site, worker, *files)
            browser.close()


@contextmanager
def running(folder: Path) -> Iterator[tuple[Site, subprocess.Popen]]:
    """The application and its worker; this process shares its library."""
    site = Site(
        {
            "DJANGO_SETTINGS_MODULE": "segmind_site.settings",
            "ENV_FILE": os.devnull,
            "DEBUG": "true",
            "SECRET_KEY": "only-for-screenshots",
            "SEGMIND_API_KEY": "",
            "DATABASE_URL": f"sqlite:///{folder / 'library.sqlite3'}",
            "MEDIA_ROOT": str(folder / "media"),
            "SEGMIND_RATE_WINDOW_SECONDS": "20",
            "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
        }
    )
    os.environ |= site.environment
    django.setup()
    from django.core.management import call_command

    from tests.support import factories

    call_command("migrate", verbosity=0)
    factories.a_user("ana", first_name="Ana", last_name="Müller")
    site.start()
    worker = subprocess.Popen([sys.executable, "manage.py", "worker"], cwd=ROOT, env=site.environment)
    try:
        yield site, worker
    finally:
        worker.send_signal(signal.SIGCONT)
        worker.terminate()
        worker.wait()
        site.kill()


def drawn(folder: Path) -> tuple[list[Path], list[Path]]:
    """The files of the library, and those that are uploaded while somebody looks."""
    from docs import pictures

    return _kept(folder / "first", pictures.pictures()), _kept(folder / "then", pictures.more_pictures())


def _kept(folder: Path, files: Iterable[tuple[str, bytes]]) -> list[Path]:
    folder.mkdir(parents=True)
    for name, content in files:
        Path(folder, name).write_bytes(content)
    return sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)


def take(browser: Browser, site: Site, worker: subprocess.Popen, first: list[Path], then: list[Path]) -> None:
    from tests.browser.hands import drop_on, sign_in_at, slow_down

    page = browser.new_page(viewport=SIZE, device_scale_factor=SHARPNESS, reduced_motion="reduce")
    page.set_default_timeout(60_000)
    sign_in_at(page, site.url)
    drop_on(page, *first)
    expect(page.locator("[data-title]")).to_have_text(f"{len(first)} files stored", timeout=180_000)
    page.get_by_role("button", name="Close and clear the uploads").click()
    until_there_are_previews(page, site.url)
    with_words()
    page.goto(site.url)
    shoot(page, "library")

    page.get_by_role("link", name="Harbour at dusk", exact=True).click()
    page.wait_for_load_state("networkidle")
    shoot(page, "entry")

    page.goto(site.url)
    slow_down(page, 200_000)
    drop_on(page, *then)
    expect(page.locator(".tray-row", has_text="Stored").first).to_be_visible()
    # What comes up now waits; for a while nobody misses the worker.
    worker.send_signal(signal.SIGSTOP)
    expect(page.locator(".tray-row progress:visible").first).to_be_visible()
    shoot(page, "tray")
    slow_down(page, 100_000_000)
    expect(page.locator(".tray-row progress:visible")).to_have_count(0)
    page.goto(f"{site.url}/activity/")
    shoot(page, "activity")


def until_there_are_previews(page: Page, address: str) -> None:
    for _ in range(60):
        page.goto(address)
        if not page.locator(".card .kind").count():
            return
        page.wait_for_timeout(1000)


def with_words() -> None:
    """What people would have said of them by now."""
    from assets.models import Asset

    for title, tags in TAGS.items():
        Asset.objects.get(title=title).label(tags=tags.split(", "), collections=["Autumn campaign/Web"])


def shoot(page: Page, name: str) -> None:
    for banner in page.locator(".sandbox").all():
        banner.evaluate("(element) => element.hidden = true")
    taken = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.wait_for_timeout(300)
        taken.append(page.screenshot())
    for scheme, content in zip(SCHEMES, taken, strict=True):
        path = ROOT / "docs" / f"{name}-{scheme}.webp"
        Image.open(io.BytesIO(content)).convert("RGB").save(path, quality=QUALITY, method=4)
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
