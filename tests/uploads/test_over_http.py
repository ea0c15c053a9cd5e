"""Uploads to the web process as it is shipped: its open files, its connections, its log."""

import base64
import hashlib
import re
import resource
import socket
import struct
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path

import pytest

from assets.models import Asset
from tests.browser.site import Site, form_headers
from tests.support.factories import a_file_of
from tests.uploads.test_form_guard import FORM, body_of, file_part
from tests.uploads.test_image_check import a_jpeg_of_scans, a_png
from tests.uploads.test_resumable import BYTES
from tests.worker.test_worker import database_url, until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def site(transactional_db, tmp_path) -> Iterator[Site]:
    site = Site({"DATABASE_URL": database_url()}, tmp_path / "log")
    site.start()
    yield site
    site.kill()


@pytest.fixture
def headers(ana) -> dict[str, str]:
    return form_headers(ana, FORM)


def post(site: Site, body: bytes, headers: dict[str, str]) -> int:
    connection = HTTPConnection("127.0.0.1", site.port, timeout=120)
    connection.request("POST", "/upload/", body, headers)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.fixture
def _few_open_files() -> Iterator[None]:
    """For this process and those that it starts."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@pytest.mark.usefixtures("_few_open_files")
def test_forms_of_many_files_need_few_open_files(request, headers):
    site = request.getfixturevalue("site")
    bodies = [body_of(*(file_part(a_file_of(300)) for _ in range(200))) for _ in range(2)]
    with ThreadPoolExecutor() as threads:
        assert list(threads.map(lambda body: post(site, body, headers), bodies)) == [200, 200]
    assert Asset.objects.count() == 400


def measure_peak_memory(pid: int) -> int:
    """Of the web processes that this master has started, in bytes."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    status = "".join(Path(f"/proc/{child}/status").read_text() for child in children)
    return max(int(kilobytes) * 1024 for kilobytes in re.findall(r"VmHWM:\s+(\d+)", status))


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux’s /proc")
def test_images_that_are_hard_to_decode_cost_the_web_process_nothing(site, headers):
    large = a_png(9900, 9900)  # 294 MB of pixels
    images = [large, large[:-8], a_jpeg_of_scans(5000)] * 4
    before = measure_peak_memory(site.pid)
    with ThreadPoolExecutor(len(images)) as threads:
        statuses = threads.map(lambda image: post(site, body_of(file_part(image)), headers), images)
        slowest = max(measure_health_check(site) for _ in range(20))
        assert set(statuses) == {200, 400}
    assert measure_peak_memory(site.pid) - before < 100_000_000
    assert slowest < 5


def measure_health_check(site: Site) -> float:
    """Seconds."""
    start = time.monotonic()
    urllib.request.urlopen(f"{site.url}/healthz", timeout=60).close()
    return time.monotonic() - start


def start_upload(site: Site, headers: dict[str, str]) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", site.port), timeout=10)
    lines = ["POST /upload/ HTTP/1.1", "Host: localhost", "Content-Length: 300000000"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    client.sendall("\r\n".join([*lines, "", ""]).encode() + file_part(a_file_of(1_000_000)))
    return client


def test_a_refused_upload_is_answered_at_once_and_its_connection_closed(site, headers):
    with start_upload(site, {**headers, "Cookie": "csrftoken=none"}) as client:
        answer = b""
        while chunk := client.recv(65536):
            answer += chunk
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b'"signed_out"' in answer


def test_an_upload_that_its_sender_gives_up_is_one_line_in_the_log(site, headers):
    with start_upload(site, headers) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # so that closing resets it
    with start_upload(site, headers):
        pass
    until(lambda: site.log.read_text().count("The sender went away: /upload/") == 2)
    assert len(site.log.read_text().splitlines()) == 2


def test_an_upload_in_parts_outlives_the_server_and_the_connection(site, ana):
    """The server is killed while it receives; the sender goes on from what it says that it has."""
    content = a_file_of(24_000_000)
    headers = form_headers(ana, BYTES) | {"Tus-Resumable": "1.0.0"}
    metadata = f"filename {base64.b64encode(b'film.pdf').decode()}"
    announced = {"Upload-Length": str(len(content)), "Upload-Metadata": metadata}
    url = ask(site, "POST", "/upload/resumable/", headers | announced)["Location"]

    def offset() -> int:
        return int(ask(site, "HEAD", url, headers)["Upload-Offset"])

    confirmed = 0
    for sent in (6_000_000, 12_000_000, 18_000_000):
        with closing(HTTPConnection("127.0.0.1", site.port, timeout=20)) as connection:
            connection.putrequest("PATCH", url)
            for name, value in (headers | {"Upload-Offset": str(confirmed)}).items():
                connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(content) - confirmed))
            connection.endheaders(content[confirmed:sent])
            until(lambda least=confirmed: offset() > least)
            site.kill()
        site.start()
        assert confirmed < offset() <= sent
        confirmed = offset()
    ask(site, "PATCH", url, headers | {"Upload-Offset": str(confirmed)}, content[confirmed:])
    assert Asset.objects.get().stored_file.sha256 == hashlib.sha256(content).hexdigest()


def ask(site: Site, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> Message:
    with closing(HTTPConnection("127.0.0.1", site.port, timeout=60)) as connection:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        assert response.status < 300, response.read()
        return response.headers
