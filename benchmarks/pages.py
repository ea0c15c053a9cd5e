"""Pages over real HTTP: a gunicorn with two workers, a signed-in person, and how long each answer takes."""

import gzip
import http.client
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

HTML, JSON = "text/html", "application/json"
WORKERS = 2
START_SECONDS = 60
WARM_UP = 6  # requests to each server before any is measured, so that both of its workers are warm
BLOCK = 10  # requests to one server before it is another's turn


@dataclass(frozen=True)
class Server:
    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Processor time that its processes have taken. Linux only."""
        pids = [str(self.pid), *Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]
        threads = (path for pid in pids for path in Path(f"/proc/{pid}/task").glob("*/schedstat"))
        return sum(int(path.read_text().split()[0]) for path in threads) / 1e9


@contextmanager
def served(environment: Mapping[str, str], code: Path) -> Iterator[Server]:
    """The Django site of an environment, with the modules of that folder, behind gunicorn on the loopback."""
    port = free_port()
    # Without gunicorn.conf.py, which only fits this library, so that all sites are served alike.
    command = [sys.executable, "-m", "gunicorn", "django.core.wsgi:get_wsgi_application()", "--config", os.devnull]
    options = ["--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS), "--no-control-socket", "--timeout", "300"]
    with tempfile.TemporaryFile() as log:
        variables = {**os.environ, **environment}
        process = subprocess.Popen(command + options, cwd=code, env=variables, stdout=log, stderr=log)
        try:
            wait_for(port, process)
            yield Server(port, process.pid)
        except BaseException:
            log.seek(0)
            sys.stderr.write(log.read().decode(errors="replace")[-5000:])
            raise
        finally:
            process.terminate()
            process.wait()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(port: int, process: subprocess.Popen) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("gunicorn did not start")


class Browser:
    """A person's session: a new connection for each request, compressed answers, cookies kept."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}

    def sign_in(self, path: str, username: str, password: str) -> None:
        """Through the form that a person would fill in."""
        self.post(path, {**self.token(path), "username": username, "password": password})
        if "sessionid" not in self.cookies:
            raise RuntimeError(f"{username} could not sign in at {path}")

    def token(self, path: str) -> dict[str, str]:
        """What a form on that page sends so that it is believed."""
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(path).decode())
        return {"csrfmiddlewaretoken": found[1]} if found else {}

    def get(self, path: str, accept: str = HTML) -> bytes:
        return self._ask("GET", path, {"Accept": accept})

    def post(self, path: str, fields: Mapping[str, object], accept: str = HTML) -> bytes:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": accept}
        return self._ask("POST", path, headers, urlencode(fields, doseq=True))

    def _ask(self, method: str, path: str, headers: dict[str, str], body: str | None = None) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            connection.request(method, path, body, {"Accept-Encoding": "gzip", "Cookie": cookies, **headers})
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path} answered {answer.status}: {content[:500]!r}")
        for line in answer.headers.get_all("Set-Cookie", []):
            self.cookies.update({name: morsel.value for name, morsel in SimpleCookie(line).items()})
        return gzip.decompress(content) if answer.headers.get("Content-Encoding") == "gzip" else content


@dataclass
class Timing:
    """What each answer of one asker took, in milliseconds: of the clock, and of the server's processor."""

    ask: Callable[[], object]
    cpu: Callable[[], float]
    times: list[float] = field(default_factory=list)
    cpu_times: list[float] = field(default_factory=list)

    def add(self, count: int) -> None:
        for _ in range(count):
            before, started = self.cpu(), time.perf_counter()
            self.ask()
            self.times.append((time.perf_counter() - started) * 1000)
            self.cpu_times.append((self.cpu() - before) * 1000)

    def forget(self) -> None:
        self.times, self.cpu_times = [], []

    def figures(self) -> dict[str, float]:
        ordered = sorted(self.times)
        return {
            "p50": median(ordered),
            "p95": ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))],
            "least": ordered[0],
            "cpu": median(self.cpu_times),
            "samples": len(ordered),
        }


def measure(timings: Sequence[Timing], *, blocks: int, seconds: float) -> None:
    """Ask in blocks by turns: whatever else the machine does hits all alike.

    One that is slow drops out when it has used up its seconds; one that needs them all at once has been asked once.
    """
    for timing in timings:
        timing.add(1)
        if sum(timing.times) < seconds * 1000:
            timing.add(WARM_UP if sum(timing.times) < seconds * 50 else 1)
            timing.forget()
    for _ in range(blocks):
        for timing in timings:
            left = seconds * 1000 - sum(timing.times)
            each = sum(timing.times) / len(timing.times) if timing.times else 0
            if left > 0:
                timing.add(min(BLOCK, int(left / each) + 1) if each else BLOCK)


def per_second(ask: Callable[[], object], *, clients: int, seconds: float) -> float:
    """Answers a second to so many clients at once."""
    end = time.perf_counter() + seconds
    counts = [0] * clients

    def keep_asking(number: int) -> None:
        while time.perf_counter() < end:
            ask()
            counts[number] += 1

    threads = [threading.Thread(target=keep_asking, args=(number,)) for number in range(clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - started)
