"""A real HTTP server that plays the running of models: v2 (submit, look, fetch) and v1, as Segmind's documentation has
them. It notes every submit, because each is billed."""

import json
import threading
import uuid
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

KEY = "SG_0123456789abcdef"
PICTURE = b"\x89PNG of a model"
METRICS = {"inference_time": 0.01, "queue_time": 0.2, "total_time": 0.21}


class ModelServer:
    """Started by entering it. Submits are answered from `script`, statuses or None for a connection that is cut;
    `states` is what each job goes through."""

    def __init__(self) -> None:
        self.submitted: list[tuple[str, Any]] = []
        self.problems: list[str] = []
        self.script: deque[int | None] = deque()
        self.states: tuple[str, ...] = ("QUEUED", "PROCESSING", "COMPLETED")
        # By a text in the body of the job: where it ends.
        self.ends: dict[str, str] = {}
        self.jobs: dict[str, deque[str]] = {}
        self.looks = 0

    def __enter__(self) -> "ModelServer":
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.models = self
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def begin(self, body: str) -> str:
        pk = str(uuid.uuid4())
        end = next((state for text, state in self.ends.items() if text in body), self.states[-1])
        self.jobs[pk] = deque((*self.states[:-1], end))
        return pk


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    models: ModelServer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *args: object) -> None: ...

    def do_POST(self) -> None:
        models = self.server.models
        text = self.rfile.read(int(self.headers["content-length"])).decode()
        version = self.path.split("/")[1]
        models.submitted.append((self.path, json.loads(text)))
        status = models.script.popleft() if models.script else 200
        if self.headers["content-type"] != "application/json":
            status = 406
        if self.headers["x-api-key"] != KEY or "authorization" in self.headers:
            status = 401
        if status is None:
            self.connection.close()
            self.close_connection = True
        elif status not in (200, 202):
            self.answer(status, {"error": f"refused with {status}"})
        elif version == "v1":
            self.send(200, PICTURE, "image/png")
        else:
            self.answer(status, self.describe(models.begin(text), "QUEUED"))

    def describe(self, pk: str, state: str) -> dict[str, object]:
        base = f"{self.server.models.url}/v2/requests/{pk}"
        return {"request_id": pk, "status": state, "status_url": f"{base}/status", "response_url": base}

    def do_GET(self) -> None:
        models = self.server.models
        pk, _, part = self.path.removeprefix("/v2/requests/").partition("/")
        if self.headers["x-api-key"] != KEY:
            return self.answer(401, {"error": "Missing Authorization or x-api-key in header"})
        if pk not in models.jobs:
            return self.answer(404, {"error": f"Request {pk} not found"})
        states = models.jobs[pk]
        models.looks += 1
        state = states.popleft() if part == "status" and len(states) > 1 else states[0]
        if state == "FAILED":
            error = {"status": "FAILED", "error": "Prompt is “mandatory”", "metrics": METRICS}
            return self.answer(422, error)
        output = {"output": f"{models.url}/out.png", "metrics": {**METRICS, "cost": 0.1}} if not part else {}
        return self.answer(200, self.describe(pk, state) | output)

    def answer(self, status: int, content: object) -> None:
        self.send(status, json.dumps(content).encode(), "application/json")

    def send(self, status: int, content: bytes, media_type: str) -> None:
        self.send_response(status)
        self.send_header("content-type", media_type)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
