"""Files are imported from the web by their URL, and nobody looks into this network that way."""

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from assets.imports import fetch, receive
from assets.models import Asset
from tests.api.test_errors import check
from tests.support.factories import a_picture, an_asset

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]

JSON = {"accept": "application/json"}
PICTURE = a_picture()


class Handler(BaseHTTPRequestHandler):
    """Answers as the path says."""

    def log_message(self, *args: Any) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        self.server.asked.append(self.headers)
        match self.path.split("/"):
            case ["", "to", target]:
                self.respond(302, Location=bytes.fromhex(target).decode())
            case ["", "often", left] if int(left):
                self.respond(302, Location=f"/often/{int(left) - 1}")
            case ["", "missing", *_]:
                self.respond(404)
            case ["", "endless", *_]:
                self.send_response(200)
                self.end_headers()
                for _ in range(1000):
                    self.wfile.write(PICTURE)
            case ["", "huge", *_]:
                self.respond(200, **{"Content-Length": "900000000"})
            case ["", "cut", *_]:
                self.respond(200, PICTURE, **{"Content-Length": "90000"})
            case ["", "named", *_]:
                self.respond(200, PICTURE, **{"Content-Disposition": "attachment; filename*=UTF-8''caf%C3%A9.png"})
            case _:
                self.respond(200, PICTURE, **{"Content-Length": str(len(PICTURE))})

    def respond(self, status: int, content: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


class Web(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[Any] = []

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"

    def to(self, target: str) -> str:
        return self.url(f"/to/{target.encode().hex()}")

    def handle_error(self, *args: Any) -> None:
        """A reader that goes away is no error."""


@pytest.fixture
def web(settings) -> Iterator[Web]:
    settings.DEBUG = True  # which lets imports reach this machine
    with Web() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


def bring(client, *urls: str, **said: str) -> list[dict[str, Any]]:
    return client.post("/upload/by-url/", {"urls": "\n".join(urls), **said}, headers=JSON).json()["results"]


def test_files_come_from_the_web_and_remember_from_where(as_ana, web):
    urls = [web.url("/pictures/sea%20view.png?key=secret#here"), web.url("/missing/a.png")]
    came, missing = bring(as_ana, *urls, tags="sea", collection="Web")
    assert came["status"] == "received"
    asset = came["asset"]
    assert (asset["file_name"], asset["title"], asset["tags"]) == ("sea view.png", "sea view", ["sea"])
    assert asset["source_url"] == web.url("/pictures/sea%20view.png")
    assert missing["error"] == {"code": "unreachable", "message": fetch.UNREACHABLE}
    assert "Imported from" in as_ana.get(asset["page"]).content.decode()
    assert not {"Cookie", "Authorization", "Referer"} & set(web.asked[0])


def test_what_is_known_is_said(as_ana, ana, web):
    mine = an_asset(owner=ana, content=PICTURE)
    (result,) = bring(as_ana, web.url("/a.png"))
    assert (result["status"], result["asset"]["id"]) == ("known", str(mine.pk))


@pytest.mark.parametrize(
    ("path", "name"), [("/named/x", "café.png"), ("/often/3/", "127.0.0.1"), ("/a/b%2Fc.png", "c.png")]
)
def test_a_file_is_called_as_its_host_says(as_ana, web, path, name):
    assert bring(as_ana, web.url(path))[0]["file_name"] == name


def test_what_leads_inward_is_refused_like_what_is_not_there(as_ana, web, monkeypatch):
    """The name answers with an address of the Internet first, and then with one of this machine."""
    real = socket.getaddrinfo

    def resolve(host, port, *args, **options):
        addresses = ["93.184.215.14", "127.0.0.1"] if host == "two.example.com" else None
        if addresses:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]
        return real(host, port, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    inward = [
        "https://10.0.0.5/x",
        "https://two.example.com/x",
        "file:///etc/passwd",
        "https://a:b@1.1.1.1/",
        "gopher://x",
    ]
    urls = [*map(web.to, inward), web.url("/often/4"), web.url("/cut/a.png"), "https://[::ffff:127.0.0.1]/"]
    for url in urls:
        started = time.monotonic()
        (result,) = bring(as_ana, url)
        assert result["error"] == {"code": "unreachable", "message": fetch.UNREACHABLE}, url
        assert time.monotonic() - started >= fetch.REFUSAL_SECONDS
    assert not Asset.objects.exists()


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/a.png", "https://example.com:8443/a.png", "ftp://example.com/a", "javascript:alert(1)",
        "example.com/a.png", "https://", "https://exa\u200bmple.com", "https://:443/", "https://me:word@example.com/a.png",
    ],
)  # fmt: skip
def test_what_is_not_fetched_from_is_said_at_once(as_ana, url):
    (result, *_) = bring(as_ana, url)
    assert result["error"]["code"] == "url"


def test_what_is_too_large_is_read_no_further(as_ana, web, settings):
    settings.UPLOAD_MAX_FILE_BYTES = 50_000
    assert [bring(as_ana, web.url(path))[0]["error"]["code"] for path in ("/huge/a", "/endless/a")] == ["too_large"] * 2


def test_there_is_an_end_to_how_many_are_fetched_at_once(as_ana, web, monkeypatch):
    monkeypatch.setattr(receive, "_slots", threading.BoundedSemaphore(1))
    with receive._slot():
        assert bring(as_ana, web.url("/a.png"))[0]["error"]["code"] == "busy"
    assert bring(as_ana, web.url("/a.png"))[0]["status"] == "received"


def test_the_page_shows_what_came_and_what_is_wrong(as_ana, web):
    page = as_ana.post("/upload/by-url/", {"urls": f"{web.url('/a.png')}\n{web.url('/missing/b')}"})
    assert "1 file received, 1 refused" in page.content.decode()
    empty = as_ana.post("/upload/by-url/", {"urls": ""})
    assert (empty.status_code, "This field is required." in empty.content.decode()) == (400, True)
    many = "\n".join(f"https://example.com/{number}" for number in range(21))
    assert "Enter at most 20 at once." in as_ana.post("/upload/by-url/", {"urls": many}).content.decode()


def test_a_program_imports(program, program_of, ana, web):
    response = program.post(
        "/assets/by-url", {"url": web.url("/a.png"), "tags": ["sea"]}, content_type="application/json"
    )
    assert (response.status_code, response.json()["tags"]) == (202, ["sea"])
    assert response.json()["state"] == "queued"
    again = program.post("/assets/by-url", {"url": web.url("/a.png")}, content_type="application/json")
    assert again.status_code == 200
    for url, status, code in ((web.url("/missing/"), 422, "unreachable"), ("ftp://x", 422, "url")):
        check(program.post("/assets/by-url", {"url": url}, content_type="application/json"), status, code)
    reader = program_of(ana, "read")
    check(reader.post("/assets/by-url", {"url": web.url("/a")}, content_type="application/json"), 403, "scope")
