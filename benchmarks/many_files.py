"""A thousand small files by the command line, beside a `curl` for each file and the upload page in a real Chromium.

    python -m benchmarks.many_files [--count 1000] [--kilobytes 100] [--curl 200] [--database postgres:///bench]

The library is served as it is shipped, with production settings, and nothing is sent to Segmind meanwhile. Everything
goes over the loopback, one way after the other, with new pictures each time. Of `curl`, so many files are sent, and the
time for all is computed from them. Processor time is that of the library and of what was started (of Chromium,
at least a part): on a busy machine, it says more. The command line needs the packages of `clients/python`.
"""

import argparse
import contextlib
import math
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from benchmarks.browser import FLAGS, received
from benchmarks.installations import HERE
from benchmarks.pages import Server
from benchmarks.receiving import Uploader, web
from benchmarks.worker import client_environment, installation

DEADLINE = 900  # seconds
PRODUCTION = {"DEBUG": "false", "SECURE_SSL_REDIRECT": "false", "API_REQUESTS_PER_MINUTE": "1000000"}
BYTES_PER_PIXEL = 3


def draw_pictures(folder: Path, count: int, size: int) -> list[Path]:
    """PNGs of noise, which does not get smaller by packing it."""
    folder.mkdir()
    width = math.isqrt(size // BYTES_PER_PIXEL)
    paths = [folder / f"picture {number:05}.png" for number in range(count)]
    for path in paths:
        noise = Image.frombytes("RGB", (width, width), os.urandom(BYTES_PER_PIXEL * width * width))
        noise.save(path, compress_level=0)
    return paths


@dataclass(frozen=True)
class Cost:
    """Of one way to send so many files."""

    seconds: float
    cpu_seconds: float
    count: int

    @property
    def per_file(self) -> float:
        return self.seconds / self.count

    def report(self, way: str) -> None:
        total, cpu = f"{self.seconds:.1f} s", 1000 * self.cpu_seconds / self.count
        print(f"{way}: {self.count:,} files in {total}: {1000 * self.per_file:.1f} ms a file, ", end="")
        print(f"{cpu:.1f} ms of processor time", flush=True)


class Library:
    """A running one, and a person with a token."""

    def __init__(self, port: int, pid: int) -> None:
        self.server = Server(port, pid)
        from django.utils import timezone

        from assets.accounts import tokens
        from assets.models import User

        self.port, self.url = port, f"http://127.0.0.1:{port}"
        self.uploader = Uploader(port)
        person = User.objects.get(username="bench")
        scopes = ["read", "upload"]
        _, self.token = tokens.create(person, name="Benchmark", scopes=scopes, days=1, now=timezone.now())

    def measure(self, send: Callable[[], float], count: int) -> Cost:
        """`send` returns how many seconds it took."""
        before = self._cpu_seconds()
        seconds = send()
        return Cost(seconds, self._cpu_seconds() - before, count)

    def _cpu_seconds(self) -> float:
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        return self.server.cpu_seconds() + ended.ru_utime + ended.ru_stime

    def send_by_curl(self, paths: list[Path]) -> float:
        started = time.perf_counter()
        for path in paths:
            options = ["--fail", "--silent", "--show-error", "--output", os.devnull]
            header = f"Authorization: Bearer {self.token}"
            command = ["curl", *options, "--header", header, "--form", f"file=@{path}", f"{self.url}/api/v1/assets"]
            subprocess.run(command, check=True)
        return time.perf_counter() - started

    def send_by_command_line(self, folder: Path, state: Path) -> float:
        environment = client_environment(self.url, self.token, state)
        command = [sys.executable, "-m", "segmind_assets", "upload", str(folder)]
        started = time.perf_counter()
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - started

    def send_by_browser(self, paths: list[Path]) -> float:
        """From choosing them on the upload page until the last one is received."""
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            page = browser.new_page()
            pairs = (cookie.split("=", 1) for cookie in self.uploader.cookies.split("; "))
            page.context.add_cookies([{"name": name, "value": value, "url": self.url} for name, value in pairs])
            page.goto(f"{self.url}/upload/", wait_until="networkidle")
            before, started = received(), time.perf_counter()
            page.set_input_files("[data-upload-input]", paths)
            while received() - before < len(paths):
                if time.perf_counter() - started > DEADLINE:
                    raise RuntimeError(f"only {received() - before} of {len(paths)} files arrived")
                page.wait_for_timeout(100)
            seconds = time.perf_counter() - started
            browser.close()
        return seconds


@contextlib.contextmanager
def served_library(folder: Path, database: str) -> Iterator[Library]:
    with installation(folder, database):
        os.environ |= PRODUCTION
        command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
        subprocess.run(command, cwd=HERE, check=True)
        with web() as (port, pid):
            yield Library(port, pid)


def measure(library: Library, folder: Path, options: argparse.Namespace) -> None:
    size, count = options.kilobytes * 1000, options.count
    # Both web processes have done everything once before anything is measured.
    library.send_by_curl(draw_pictures(folder / "first", 10, size))
    draw_pictures(folder / "by command line", count, size)
    line = library.measure(lambda: library.send_by_command_line(folder / "by command line", folder / "state"), count)
    line.report("the command line")
    some = draw_pictures(folder / "by curl", min(options.curl, count), size)
    curl = library.measure(lambda: library.send_by_curl(some), len(some))
    curl.report("curl, one after the other")
    print(f"all {count:,} by curl would take {curl.per_file * count:.1f} s: ", end="")
    print(f"the command line is {curl.per_file / line.per_file:.1f} × as fast")
    if options.browser:
        chosen = draw_pictures(folder / "by browser", count, size)
        browser = library.measure(lambda: library.send_by_browser(chosen), count)
        browser.report("the upload page in Chromium")
        print(f"the command line is {browser.per_file / line.per_file:.1f} × as fast")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000, help="files (%(default)s)")
    parser.add_argument("--kilobytes", type=int, default=100, help="of each file (%(default)s)")
    parser.add_argument("--curl", type=int, default=200, help="files that are sent by curl (%(default)s)")
    parser.add_argument("--without-browser", dest="browser", action="store_false")
    parser.add_argument("--database", default="", help="an empty one, instead of SQLite")
    options = parser.parse_args()
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    # In the folder of the project, whose disk is the one that counts; /tmp may be memory.
    with tempfile.TemporaryDirectory(prefix="many-files-", dir=".") as name:
        folder = Path(name).resolve()
        with served_library(folder, options.database) as library:
            measure(library, folder, options)


if __name__ == "__main__":
    main()
