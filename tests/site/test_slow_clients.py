"""Clients that send slowly, or nothing, in front of the web process and its proxy as they are shipped."""

import contextlib
import socket
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import pytest
from django.conf import settings as django_settings
from django.db import connection

from assets.models import Asset
from segmind_site.slow_clients import PacedSocket, Patience, SlowClientError
from tests.browser.site import Site, form_headers
from tests.support.caddy import CADDYFILE, Caddy, find_caddy
from tests.support.factories import a_file_of, a_picture
from tests.worker.test_worker import database_url, until

pytestmark = [pytest.mark.slow, pytest.mark.any_database]

STALL_SECONDS = 4
BOUNDARY = "x" * 30
PART = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'.encode()
END = f"\r\n--{BOUNDARY}--\r\n".encode()


@pytest.fixture
def site(transactional_db) -> Iterator[Site]:
    site = Site({"DATABASE_URL": database_url(), "UPLOAD_STALL_SECONDS": str(STALL_SECONDS)})
    site.start()
    yield site
    site.kill()


@pytest.fixture
def headers(ana) -> dict[str, str]:
    return form_headers(ana, f"multipart/form-data; boundary={BOUNDARY}")


class SlowClients:
    """Connections that have sent `beginning` and then trickle: 1 KB a second each, or nothing."""

    def __init__(self, port: int, count: int, beginning: bytes, *, trickle: bool) -> None:
        self.sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]
        for client in self.sockets:
            client.sendall(beginning)
            client.setblocking(False)
        self._waiting = list(self.sockets)
        self.answers: list[str] = []
        self._thread = threading.Thread(target=self._trickle) if trickle else None
        self._stopping = threading.Event()

    def __enter__(self) -> "SlowClients":
        if self._thread:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        if self._thread:
            self._thread.join()
        for client in self.sockets:
            client.close()

    def _trickle(self) -> None:
        while not self._stopping.wait(0.25):
            for client in self.sockets:
                try:
                    client.send(bytes(256))
                except OSError:
                    continue

    def count_open(self) -> int:
        """How many the server has neither answered nor hung up on."""
        self._waiting = [client for client in self._waiting if not self._has_ended(client)]
        return len(self._waiting)

    def _has_ended(self, client: socket.socket) -> bool:
        with contextlib.suppress(ConnectionError):
            try:
                self.answers.append(client.recv(4096).decode())
            except BlockingIOError:
                return False
        return True


def slow_uploaders(port: int, count: int, headers: dict[str, str]) -> SlowClients:
    lines = [f"Host: 127.0.0.1:{port}", "Content-Length: 20000000", *(f"{key}: {headers[key]}" for key in headers)]
    return SlowClients(
        port, count, "\r\n".join(["POST /upload/ HTTP/1.1", *lines, "", ""]).encode() + PART, trickle=True
    )


def half_sent_headers(port: int, count: int) -> SlowClients:
    return SlowClients(port, count, f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Half: ".encode(), trickle=False)


def request(port: int, method: str, path: str, headers: dict[str, str], body: object = None) -> int:
    web = HTTPConnection("127.0.0.1", port, timeout=60)
    web.request(method, path, body=body, headers=headers)
    answer = web.getresponse()
    answer.read()
    web.close()
    return answer.status


def p95_of_the_library(port: int, headers: dict[str, str]) -> float:
    seconds = []
    for _ in range(40):
        started = time.perf_counter()
        assert request(port, "GET", "/", {**headers, "Accept": "text/html"}) == 200
        seconds.append(time.perf_counter() - started)
    return statistics.quantiles(seconds, n=20)[-1]


def upload(port: int, headers: dict[str, str], content: bytes, *, bytes_per_second: float = 1e9) -> int:
    body = PART + content + END

    def paced() -> Iterator[bytes]:
        step = max(1, int(bytes_per_second / 10))
        for start in range(0, len(body), step):
            if start:
                time.sleep(0.1)
            yield body[start : start + step]

    sent = body if bytes_per_second > len(body) else paced()
    return request(port, "POST", "/upload/", {**headers, "Content-Length": str(len(body))}, sent)


def count_connections() -> int:
    """To the database; this test has one of them."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def test_sixty_slow_uploaders_and_two_hundred_half_sent_headers_do_not_stop_the_site(site, headers, tmp_path):
    with (
        Caddy(site.port, tmp_path) as proxy,
        half_sent_headers(proxy.port, 200) as silent,
        slow_uploaders(proxy.port, 60, headers) as slow,
    ):
        time.sleep(1)  # until all of them have reached a thread
        assert p95_of_the_library(proxy.port, headers) < 1
        assert upload(proxy.port, headers, a_picture()) == 200
        assert slow.count_open() == 60
        assert silent.count_open() == 200
        assert count_connections() <= django_settings.DATABASE_POOL_SIZE + 1
        # A slow but honest line takes longer than anybody may stall.
        assert upload(proxy.port, headers, a_file_of(100_000), bytes_per_second=20_000) == 200
        until(lambda: slow.count_open() == silent.count_open() == 0)
        assert sum("less than 5 kB a second, so nothing was saved" in answer for answer in slow.answers) > 50
    assert Asset.objects.count() == 2


def test_without_a_proxy_slow_clients_are_given_up_too(site, headers):
    with half_sent_headers(site.port, 20) as silent, slow_uploaders(site.port, 20, headers) as slow:
        assert p95_of_the_library(site.port, headers) < 1
        until(lambda: slow.count_open() == silent.count_open() == 0, seconds=3 * STALL_SECONDS)
        assert sum("less than 5 kB a second, so nothing was saved" in answer for answer in slow.answers) > 15
        assert p95_of_the_library(site.port, headers) < 1


def test_a_stopping_web_process_finishes_uploads_but_waits_for_nobody(site, headers):
    with slow_uploaders(site.port, 1, headers), ThreadPoolExecutor() as executor:
        content = a_file_of(100_000)
        arriving = executor.submit(upload, site.port, headers, content, bytes_per_second=25_000)
        time.sleep(1)
        site.stop()
        assert arriving.result() == 200
    assert Asset.objects.get().stored_file.original.size == len(content)


def test_a_body_that_will_be_refused_is_not_asked_for(site, headers):
    body = PART + a_picture() + END

    def ask(headers: dict[str, str]) -> socket.socket:
        lines = [f"Host: 127.0.0.1:{site.port}", "Expect: 100-continue", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        client = socket.create_connection(("127.0.0.1", site.port), timeout=10)
        client.sendall("\r\n".join(["POST /upload/ HTTP/1.1", *lines, "", ""]).encode())
        return client

    with ask({name: value for name, value in headers.items() if name != "Cookie"}) as stranger:
        answer = b"".join(iter(lambda: stranger.recv(65536), b"")).decode()
    assert answer.startswith("HTTP/1.1 4")
    assert "Connection: close" in answer
    assert "100 Continue" not in answer
    with ask(headers) as client:
        assert client.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(body)
        answer = client.recv(65536).decode()
    assert answer.startswith("HTTP/1.1 200")
    assert "Connection: keep-alive" in answer


@pytest.mark.any_database
@pytest.mark.parametrize("seconds_between_reads", [0, 0.05, 60])
@pytest.mark.parametrize("method", ["sendall", "sendfile"])
def test_only_a_client_that_takes_what_it_is_sent_gets_all_of_it(tmp_path, settings, method, seconds_between_reads):
    content = a_file_of(5_000_000)
    (tmp_path / "file").write_bytes(content)
    ours, theirs = socket.socketpair()
    ours, received, stopping = PacedSocket(fileno=ours.detach()), bytearray(), threading.Event()
    ours.sending = Patience(1)
    settings.UPLOAD_MIN_BYTES_PER_SECOND = 500_000

    def read() -> None:
        while (chunk := theirs.recv(10_000)) and not stopping.wait(seconds_between_reads):
            received.extend(chunk)

    with ours, theirs, (tmp_path / "file").open("rb") as file, ThreadPoolExecutor() as executor:
        reading = executor.submit(read)
        try:
            ours.sendall(content) if method == "sendall" else ours.sendfile(file, 0, len(content))
        except SlowClientError:
            stopping.set()
        ours.shutdown(socket.SHUT_WR)
        reading.result()
    assert stopping.is_set() == bool(seconds_between_reads)
    assert (received == content) == (not seconds_between_reads)


@pytest.mark.any_database
def test_the_caddyfile_is_valid_and_formatted(tmp_path):
    environment = {"SITE_ADDRESS": "library.example.com", "HOME": str(tmp_path)}
    for command in (["validate", "--adapter", "caddyfile", "--config", CADDYFILE], ["fmt", "--diff", CADDYFILE]):
        done = subprocess.run([find_caddy(), *command], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert not [line for line in done.stdout.splitlines() if line.startswith(("-", "+"))]
