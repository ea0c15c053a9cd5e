"""Plays the history of a key: what was run, in pages, as the official SDK describes it, or with faults."""

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.support.segmind_server import KEY, Handler, Received, SegmindServer

Fault = Callable[[Handler, "History"], bool]
MAX_DAYS = 31


def fails(status: int, **headers: str) -> Fault:
    def fault(handler: Handler, history: "History") -> bool:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        handler.answer(status, {"error": f"No, with {KEY}"}, names)
        return True

    return fault


class History:
    """`faults` are for the next requests: one that answers returns True. `now` is this server's clock."""

    def __init__(self, segmind: SegmindServer) -> None:
        self.rows: list[dict[str, Any]] = []
        self.asked: list[dict[str, str]] = []
        self.faults: list[Fault] = []
        self.envelope: Callable[[list[Any]], Any] = lambda rows: {"data": rows, "total": 12345}
        self.now = lambda: datetime.now(UTC)
        self.max_per_page = 100
        self._segmind = segmind
        segmind.history = self.answer

    def add(self, *outputs: str | None, ago: timedelta = timedelta(hours=2), **fields: Any) -> str:
        """A request, with a row for each output. Returns its id."""
        request_id = fields.pop("request_id", str(uuid.uuid4()))
        row = {
            "request_id": request_id,
            "model_name": "seedance-2.0",
            "model_status": "COMPLETED",
            "credits_deduction": 0.12,
            "request_body": {"prompt": "a boat at dawn", "seed": 7},
            "latency_ms": 5120,
            "model_created": (self.now() - ago).isoformat(),
            "error": None,
        }
        self.rows += [row | {"generation_url": output} | fields for output in outputs or (None,)]
        return request_id

    def make(self, content: bytes, media_type: str = "image/png", **fields: Any) -> tuple[str, str]:
        """A request with an output that is at Segmind; its id and the URL."""
        url = self._segmind.keep(media_type, content)
        return self.add(url, **fields), url

    def answer(self, handler: Handler, received: Received) -> None:
        if received.headers.get("x-api-key") != KEY:
            handler.violate("the history was asked without the key")
        query = dict(parse_qsl(urlsplit(handler.path).query))
        self.asked.append(query)
        if self.faults and self.faults.pop(0)(handler, self):
            return
        first, last = (datetime.fromisoformat(query[name]).date() for name in ("from_date", "to_date"))
        if (last - first).days >= MAX_DAYS:
            return handler.answer(400, {"error": "The window is longer than 31 days"})
        rows = [row for row in self.rows if first <= self._day(row, last) <= last]
        rows.sort(key=lambda row: str(row.get("model_created")) if isinstance(row, dict) else "")
        size = min(int(query["per_page"]), self.max_per_page)
        start = (int(query["page"]) - 1) * size
        self.send(handler, rows[start : start + size])

    def send(self, handler: Handler, rows: list[Any]) -> None:
        body = json.dumps(self.envelope(rows)).encode()
        handler.send_response_only(200)
        handler.send_header("date", format_datetime(self.now(), usegmt=True))
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def _day(self, row: Any, default: Any) -> Any:
        try:
            return datetime.fromisoformat(row["model_created"]).date()
        except (TypeError, KeyError, ValueError):
            return default
