"""A real HTTP server that plays Segmind Storage: it checks what arrives to the letter, and fails as it is told.

Written from Segmind's documentation, not from our client: its own parser, its own idea of the contract.
"""

import base64
import hashlib
import io
import json
import mmap
import re
import socket
import struct
import tempfile
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support.replies import Reply, drips, stored

KEY = "SG_0123456789abcdef"
CREDITS_PATH = "/v1/get-user-credits"
HISTORY_PATH = "/inference-request/request-history"
MODELS_PATH, DIRECTORY_PATH = "/inference-model-information/list", "/llms.txt"
# A larger body is one file that goes alone: it is decoded as it comes, and kept on the disk.
LARGE_BODY = 50_000_000
BEGINNING = re.compile(rb'\s*\{\s*"data_urls"\s*:\s*\[\s*"data:([a-z]+/[a-z0-9.+-]+);base64,')
PIECE = 1024 * 1024
DATA_URL = re.compile(r"data:([a-z]+/[a-z0-9.+-]+);base64,([A-Za-z0-9+/]+={0,2})")


@dataclass
class Received:
    """One request as it came in; of a large body only its file is kept."""

    headers: dict[str, str]
    body: bytes
    at: float
    files: list[tuple[str, bytes]] = field(default_factory=list)

    @property
    def hashes(self) -> list[str]:
        return [hashlib.sha256(content).hexdigest() for _, content in self.files]


class SegmindServer:
    """Started by entering it. `script` holds how the next requests are answered; then it stores, as it should."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.violations: list[str] = []
        self.script: deque[Reply] = deque()
        self.always: Reply | None = None
        # Faults that come before the body has been read.
        self.early_faults: deque[Callable[[Handler], None]] = deque()
        self.stored: dict[str, tuple[str, bytes]] = {}
        self.answer_name = "file_urls"
        # How the host of the stored files behaves, and what it was asked.
        self.host_status = 200
        self.ranges = True
        self.asked: list[tuple[str, str, str]] = []
        self.asked_at: list[float] = []
        self.folder = "/assets"
        # Called before a stored file is served.
        self.on_serve: Callable[[Handler], None] = lambda handler: None
        # Stored files that have another fate than to be served.
        self.overrides: dict[str, Callable[[Handler], None]] = {}
        self.history: Reply = lambda handler, received: handler.answer(200, {"data": []})
        self.credits: Reply = lambda handler, received: handler.answer(200, {"credits": 12.5})
        # Its lists of models, by their paths.
        self.lists: dict[str, Reply] = {}
        self.arrived = threading.Event()
        self.released = threading.Event()

    def __enter__(self) -> "SegmindServer":
        self._server = _Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.segmind = self  # type: ignore[attr-defined]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def upload_url(self) -> str:
        return f"{self.address}/upload-asset"

    @property
    def credits_url(self) -> str:
        return f"{self.address}{CREDITS_PATH}"

    @property
    def history_url(self) -> str:
        return f"{self.address}{HISTORY_PATH}"

    def has_a_narrow_line(self) -> None:
        """From now on little is under way to the server at any time, as on a slow line."""
        self._server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024)
        self._server.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1000)

    def answers(self, *replies: Reply) -> None:
        self.script.extend(replies)

    def keep(self, media_type: str, content: bytes) -> str:
        """Serve a file from now on; its URL."""
        path = f"{self.folder}/{uuid.uuid4()}"
        self.stored[path] = (media_type, content)
        return self.address + path

    def kill(self, url: str, *, status: int = 404) -> None:
        """From now on the URL answers this status."""
        self.overrides[url.removeprefix(self.address)] = lambda handler: handler.send(status, b"", {})

    def change(self, url: str, content: bytes, media_type: str = "text/html") -> None:
        self.stored[url.removeprefix(self.address)] = (media_type, content)

    def hang(self, url: str) -> None:
        """From now on the URL takes requests and says nothing."""
        self.overrides[url.removeprefix(self.address)] = lambda handler: handler.stall()

    def drip(self, url: str) -> None:
        """From now on the URL answers one byte of a header at a time, for ever."""
        self.overrides[url.removeprefix(self.address)] = lambda handler: drips(handler, None)

    def revive(self, url: str) -> None:
        del self.overrides[url.removeprefix(self.address)]

    @property
    def contents(self) -> list[str]:
        """SHA-256 of every file that was stored, in the order of storing."""
        return [hashlib.sha256(content).hexdigest() for _, content in self.stored.values()]


class _Server(ThreadingHTTPServer):
    request_queue_size = 100

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of the play."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def segmind(self) -> SegmindServer:
        return self.server.segmind  # type: ignore[attr-defined]

    def log_message(self, *args: Any) -> None:
        pass

    def do_POST(self) -> None:
        length = self.headers.get("content-length")
        if length is None or "transfer-encoding" in self.headers:
            self.violate("the body has no exact Content-Length")
            return self.answer(411, {"error": "length required"})
        if self.segmind.early_faults:
            return self.segmind.early_faults.popleft()(self)
        headers = {name.lower(): value for name, value in self.headers.items()}
        if int(length) > LARGE_BODY:
            received = Received(headers, b"", time.monotonic())
            self.check_headers(received)
            if not self.take_large(received, int(length)):
                return None
            self.segmind.received.append(received)
        else:
            body = self.rfile.read(int(length))
            received = Received(headers, body, time.monotonic())
            if len(body) != int(length):
                return None  # the client hung up: nothing was asked
            self.segmind.received.append(received)
            self.check_headers(received)
            self.check_body(received)
        self.segmind.arrived.set()
        script = self.segmind.script
        reply = script.popleft() if script else self.segmind.always or stored
        reply(self, received)
        return None

    def do_HEAD(self) -> None:
        self.serve(with_body=False)

    def do_GET(self) -> None:
        if self.path == CREDITS_PATH:
            headers = {name.lower(): value for name, value in self.headers.items()}
            return self.segmind.credits(self, Received(headers, b"", time.monotonic()))
        if self.path.startswith(f"{HISTORY_PATH}?"):
            headers = {name.lower(): value for name, value in self.headers.items()}
            return self.segmind.history(self, Received(headers, b"", time.monotonic()))
        if reply := self.segmind.lists.get(self.path):
            if "x-api-key" in self.headers:
                self.violate("the key was sent for a public list")
            return reply(self, Received({}, b"", time.monotonic()))
        return self.serve(with_body=True)

    def serve(self, *, with_body: bool) -> None:
        """A stored file, as a host of files serves it: HEAD, and ranges, unless `ranges` is off."""
        self.segmind.asked_at.append(time.monotonic())
        self.segmind.asked.append((self.command, self.path, self.headers.get("range", "")))
        if "x-api-key" in self.headers:
            self.violate("the key was sent to the host of the files")
        self.segmind.on_serve(self)
        if self.segmind.host_status != 200:
            return self.send(self.segmind.host_status, b"", {"location": "/elsewhere"})
        if fate := self.segmind.overrides.get(self.path):
            return fate(self)
        found = self.segmind.stored.get(self.path)
        if found is None:
            return self.send(404, b"", {})
        media_type, content = found
        status, headers = 200, {"content-type": media_type}
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("range", ""))
        if asked and self.segmind.ranges:
            status = 206
            content = content[int(asked[1]) : int(asked[2]) + 1]
        return self.send(status, content, headers, with_body=with_body)

    def take_large(self, received: Received, length: int) -> bool:
        """Decode the one file of a large body; False where the client hung up before its end."""
        piece = self.rfile.read(1024)
        left = length - len(piece)
        beginning = BEGINNING.match(piece)
        if beginning is None:
            self.violate(f"body: {piece[:60]!r}")
            return False
        text, end = piece[beginning.end() :], b""
        with tempfile.TemporaryFile() as content:
            while left:
                piece = self.rfile.read(min(left, PIECE))
                if not piece:
                    return False
                left -= len(piece)
                if end:
                    end += piece
                    continue
                text, quote, rest = (text + piece).partition(b'"')
                end += quote + rest
                whole = len(text) - len(text) % 4
                content.write(base64.b64decode(text[:whole], validate=True))
                text = text[whole:]
            if text or b"".join(end.split()) != b'"]}':
                self.violate(f"the end of the body: {text[:20]!r}{end[:20]!r}")
            content.flush()
            kept: Any = mmap.mmap(content.fileno(), 0, access=mmap.ACCESS_READ)
        received.files.append((beginning[1].decode(), kept))
        return True

    def check_headers(self, received: Received) -> None:
        """The contract, to the letter."""
        headers = received.headers
        expected = {
            "accept": "application/json, text/plain, */*",
            "x-api-key": KEY,
            "content-type": "application/json",
        }
        for name, value in expected.items():
            if headers.get(name) != value:
                self.violate(f"{name}: {headers.get(name)!r}")
        for name in ("authorization", "cookie", "expect"):
            if name in headers:
                self.violate(f"{name} was sent")
        if self.path != "/upload-asset":
            self.violate(f"path {self.path}")

    def check_body(self, received: Received) -> None:
        document = json.loads(received.body)
        if list(document) != ["data_urls"] or not document["data_urls"]:
            self.violate(f"body: {list(document)}")
        for data_url in document["data_urls"]:
            match = DATA_URL.fullmatch(data_url)
            if match is None:
                self.violate(f"data URL {data_url[:60]!r}")
            else:
                received.files.append((match[1], base64.b64decode(match[2], validate=True)))

    def violate(self, what: str) -> None:
        self.segmind.violations.append(what)

    def store(self, media_type: str, content: bytes) -> str:
        return self.segmind.keep(media_type, content)

    def answer(self, status: int, document: object, headers: dict[str, str] | None = None) -> None:
        self.send(status, json.dumps(document).encode(), {"content-type": "application/json", **(headers or {})})

    def send(self, status: int, body: bytes, headers: dict[str, str], *, with_body: bool = True) -> None:
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            if with_body:
                self.wfile.write(body)
        except OSError:
            pass  # the client has hung up

    def reset(self) -> None:
        """RST instead of a polite end."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.rfile = self.wfile = io.BytesIO()  # type: ignore[assignment]
        self.close_connection = True

    def stall(self) -> None:
        self.segmind.released.wait(30)
        self.close_connection = True

    def hang_up(self) -> None:
        self.close_connection = True
