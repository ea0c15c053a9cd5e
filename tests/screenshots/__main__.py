"""Takes the pictures of the documentation, from the running application: `make screenshots`.

Starts the application in a temporary folder, with the sandbox and a worker, uploads drawn pictures through the browser,
and photographs the library, the upload tray, the page of an asset and the activity page, in light and dark.
"""

import io
import itertools
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

FOLDER = ROOT / "docs" / "images"
VIEWPORT = {"width": 1280, "height": 800}
PIXEL_RATIO = 1.5
QUALITY = 80
COLOR_SCHEMES = ("light", "dark")
COLLECTIONS = ("Autumn campaign/Web", "Autumn campaign/Print", "Launch/Hero", "Product shots")
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
    with TemporaryDirectory() as name, run_site(Path(name)) as (site, worker):
        from tests.screenshots.files import library_files, upload_files  # needs Django's settings

        library = write_files(Path(name, "library"), library_files())
        uploads = write_files(Path(name, "uploads"), upload_files())
        with sync_playwright() as playwright:
            chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            take_screenshots(browser, site, worker, library, uploads)
            browser.close()


@contextmanager
def run_site(folder: Path) -> Iterator[tuple[Site, subprocess.Popen]]:
    """The application and its worker. This process uses the same database."""
    site = Site(
        {
            "DJANGO_SETTINGS_MODULE": "segmind_site.settings",
            "ENV_FILE": os.devnull,
            "DEBUG": "true",
            "SECRET_KEY": "only-for-screenshots-but-long-enough",
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
        worker.kill()
        worker.wait()
        site.kill()


def write_files(folder: Path, files: Iterable[tuple[str, bytes]]) -> list[Path]:
    folder.mkdir()
    paths = []
    for name, content in files:
        path = folder / name
        path.write_bytes(content)
        paths.append(path)
    return paths


def take_screenshots(
    browser: Browser, site: Site, worker: subprocess.Popen, library: list[Path], uploads: list[Path]
) -> None:
    from tests.browser.hands import drop_on, sign_in_at, slow_down

    page = browser.new_page(viewport=VIEWPORT, device_scale_factor=PIXEL_RATIO, reduced_motion="reduce")
    page.set_default_timeout(60_000)
    sign_in_at(page, site.url)
    drop_on(page, *library)
    expect(page.locator("[data-title]")).to_have_text(f"{len(library)} files stored", timeout=180_000)
    page.get_by_role("button", name="Close and clear uploads").click()
    wait_for_previews(page, site.url)
    add_tags()
    page.goto(site.url)
    save_screenshot(page, "library")

    page.get_by_role("link", name="Harbour at dusk", exact=True).click()
    page.wait_for_load_state("networkidle")
    save_screenshot(page, "asset")

    page.goto(site.url)
    slow_down(page, 200_000)
    drop_on(page, *uploads)
    expect(page.locator(".tray-row", has_text="Stored").first).to_be_visible()
    # Without the worker, the rest stays in the queue.
    worker.send_signal(signal.SIGSTOP)
    expect(page.locator(".tray-row progress:visible").first).to_be_visible()
    save_screenshot(page, "tray")
    slow_down(page, 100_000_000)
    expect(page.locator(".tray-row progress:visible")).to_have_count(0)
    page.goto(f"{site.url}/activity/")
    save_screenshot(page, "activity")


def wait_for_previews(page: Page, url: str) -> None:
    for _ in range(60):
        page.goto(url)
        if not page.locator(".card .kind").count():
            return
        page.wait_for_timeout(1000)


def add_tags() -> None:
    from assets.models import Asset, Tag

    for (title, tags), path in zip(TAGS.items(), itertools.cycle(COLLECTIONS), strict=False):
        Asset.objects.get(title=title).set_labels(tags=tags.split(", "), collections=[path])
    Tag.objects.refresh_use_counts(after="", limit=100)


def save_screenshot(page: Page, name: str) -> None:
    for banner in page.locator(".sandbox").all():
        banner.evaluate("(element) => element.hidden = true")
    taken = {}
    for scheme in COLOR_SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.wait_for_timeout(300)
        taken[scheme] = page.screenshot()
    for scheme, content in taken.items():
        path = FOLDER / f"{name}-{scheme}.webp"
        Image.open(io.BytesIO(content)).convert("RGB").save(path, quality=QUALITY, method=4)
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
