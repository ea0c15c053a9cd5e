"""Uploads to the web process as it is shipped: its open files, its connections, its log."""

import resource
import secrets
import socket
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import pytest
from django.test import Client

from assets.models import Asset
from tests.browser.site import Site
from tests.support.factories import a_file_of
from tests.uploads.test_form_guard import FORM, body_of, file_part
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
    """Of a signed-in person."""
    client = Client()
    client.force_login(ana)
    token = secrets.token_hex(16)
    return {
        "Cookie": f"sessionid={client.cookies['sessionid'].value}; csrftoken={token}",
        "X-CSRFToken": token,
        "Accept": "application/json",
        "Content-Type": FORM,
    }


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
