"""What thousands of files cost a browser: a folder dropped over the library, in a real Chromium. Linux only.

    python -m benchmarks.browser [--files 3000] [--form 500] [--without-worker]

The library is served as it is shipped, with a worker that sends to a loopback server. From the drop until the tray says
that every file was received, the page notes each task that keeps it busy for 50 ms or more. Memory is what JavaScript
uses, and what the process of the page has for itself. Then a form brings hundreds of files in one request, as a program
or a browser without JavaScript sends them.
"""

import argparse
import contextlib
import os
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import CDPSession, Page, sync_playwright

from benchmarks.receiving import BOUNDARY, Uploader, web
from benchmarks.sink import Sink
from benchmarks.worker import installation, worker

DEADLINE = 900  # seconds
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
# `at`: in seconds after the drop.
NOTE_LONG_TASKS = """() => {
  const start = performance.now();
  window.longTasks = [];
  new PerformanceObserver((list) => {
    const add = ({ startTime, duration }) => longTasks.push({ at: (startTime - start) / 1000, duration });
    list.getEntries().forEach(add);
  }).observe({ type: "longtask" });
}"""


def draw_photos(folder: Path, count: int) -> None:
    """Photos of 20 to 100 kB, all different."""
    folder.mkdir()
    for number in range(count):
        size = random.randint(120, 270), 120
        noise = Image.frombytes("RGB", size, os.urandom(3 * size[0] * size[1]))
        noise.save(folder / f"photo {number:04}.jpg", quality=92)


def proportional_memory(pid: int) -> float:
    """Megabytes that a process has for itself, with its part of what it shares."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1000


class Watched:
    """A page, and what it costs."""

    def __init__(self, page: Page, devtools: CDPSession) -> None:
        self.page = page
        self.devtools = page.context.new_cdp_session(page)
        self.devtools.send("Performance.enable")
        processes = devtools.send("SystemInfo.getProcessInfo")["processInfo"]
        self.renderers = [process["id"] for process in processes if process["type"] == "renderer"]
        self.heap = self.memory = 0.0

    def measure_memory(self) -> None:
        metrics = self.devtools.send("Performance.getMetrics")["metrics"]
        (heap,) = (metric["value"] / 1e6 for metric in metrics if metric["name"] == "JSHeapUsedSize")
        self.heap = max(self.heap, heap)
        self.memory = max(self.memory, max(proportional_memory(pid) for pid in self.renderers))

    def drop(self, path: Path) -> None:
        event = {"x": 300, "y": 300, "data": {"items": [], "files": [str(path)], "dragOperationsMask": 1}}
        for step in ("dragEnter", "dragOver"):
            self.devtools.send("Input.dispatchDragEvent", {"type": step, **event})
        self.page.wait_for_selector("[data-drop-zones]:not([hidden])")
        self.page.evaluate(NOTE_LONG_TASKS)
        self.devtools.send("Input.dispatchDragEvent", {"type": "drop", **event})


@contextlib.contextmanager
def library_page(port: int, cookies: str) -> Iterator[Watched]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        address = f"http://127.0.0.1:{port}/"
        pairs = (cookie.split("=", 1) for cookie in cookies.split("; "))
        context.add_cookies([{"name": name, "value": value, "url": address} for name, value in pairs])
        page = context.new_page()
        page.goto(address)
        yield Watched(page, browser.new_browser_cdp_session())
        browser.close()


def received() -> int:
    from assets.models import Asset

    return Asset.objects.count()


def measure_drop(watched: Watched, photos: Path, count: int) -> None:
    before = received()
    started = time.perf_counter()
    watched.drop(photos)
    while (arrived := received() - before) < count:
        if time.perf_counter() - started > DEADLINE:
            raise RuntimeError(f"only {arrived} of {count} files arrived")
        watched.page.wait_for_timeout(1000)
        watched.measure_memory()
    seconds = time.perf_counter() - started
    watched.page.wait_for_timeout(2000)
    watched.measure_memory()
    print_drop(watched, count, seconds)


def print_drop(watched: Watched, count: int, seconds: float) -> None:
    late = [task["duration"] for task in watched.page.evaluate("longTasks") if task["at"] > 1]
    page = watched.page
    print(f"{count} files dropped: received after {seconds:.1f} s ({count / seconds:.0f} a second)")
    print(f"long tasks after the first second: {sum(late) / 1000:.1f} s in {len(late)}, ", end="")
    print(f"the longest {max(late, default=0):.0f} ms")
    print(f"memory at most: {watched.heap:.0f} MB of JavaScript, {watched.memory:.0f} MB of the page’s process")
    cards, rows = page.locator("[data-asset]").count(), page.locator(".tray-row").count()
    print(f"on the page: {cards} cards, {rows} rows", flush=True)


def measure_form(uploader: Uploader, photos: Path, count: int) -> None:
    part = '--{}\r\nContent-Disposition: form-data; name="files"; filename="{}"\r\n\r\n'
    files = sorted(photos.iterdir())[:count]
    body = b"".join(part.format(BOUNDARY, path.name).encode() + path.read_bytes() + b"\r\n" for path in files)
    seconds = uploader.send(body + f"--{BOUNDARY}--\r\n".encode())
    print(f"a form of {count} files: received after {seconds:.1f} s ({1000 * seconds / count:.1f} ms a file)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=3000, help="dropped over the library (%(default)s)")
    parser.add_argument("--form", type=int, default=500, help="in the form (%(default)s)")
    parser.add_argument("--without-worker", action="store_true", help="receive only, and send nothing")
    options = parser.parse_args()
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="browser-", dir="."))).resolve()
        stack.enter_context(installation(folder))
        port, _ = stack.enter_context(web())
        uploader = Uploader(port)
        if options.form:
            draw_photos(folder / "form", options.form)
            measure_form(uploader, folder / "form", options.form)
        if options.files:
            draw_photos(folder / "photos", options.files)
            if not options.without_worker:
                sink = stack.enter_context(Sink())
                stack.enter_context(worker(sink))
            watched = stack.enter_context(library_page(port, uploader.cookies))
            measure_drop(watched, folder / "photos", options.files)


if __name__ == "__main__":
    main()
