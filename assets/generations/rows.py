"""Reads pages of the generation history, whose shape is known from the official SDK's words alone.

So nothing is taken for granted: rows are looked for under several names, a field of a wrong type is left out, a row
without an id is skipped, and both are counted. Nothing that looks like a key is passed on.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit, urlunsplit

from assets.text.shorten import shorten

ROWS = ("data", "rows", "requests", "items", "results", "history", "generations")
MADE_AT = ("model_created", "created_at", "request_created", "createdAt", "created", "timestamp", "model_updated")
OUTPUTS = ("generation_url", "generation_urls", "output_url", "output_urls")
PROMPTS = ("prompt", "text_prompt", "positive_prompt", "text", "instruction")
MAX_DEPTH = 8
MAX_URL = 2000
MAX_INPUTS = 200
MAX_OUTPUTS = 200
MAX_PROMPT = 20_000
MAX_TEXT = 5000
MAX_PARAMETERS = 50_000
MAX_ERROR = 500
MAX_LATENCY = 10**12
MIN_EPOCH_MILLISECONDS = 1e11
# The largest cost that the table takes.
MAX_COST = Decimal(100_000)
KEY = re.compile(r"SG_[0-9a-zA-Z]{8,}")
# What is said in confidence, or to a program of somebody's own.
SECRET = re.compile(r"(api.?key|token$|secret|passw|authori[sz]ation|webhook|callback)", re.IGNORECASE)
WEB_URL = re.compile(r"https?://[!-~]+", re.IGNORECASE)
# A NUL and halves of characters, which databases refuse.
UNWRITABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True)
class Row:
    """A request. `has_body`: the history has its inputs, which may come later than the rest."""

    request_id: str
    model: str = ""
    status: str = ""
    cost: Decimal | None = None
    made_at: datetime | None = None
    latency_ms: int | None = None
    email: str = ""
    error: str = ""
    prompt: str = ""
    parameters: dict[str, object] = field(default_factory=dict)
    inputs: tuple[tuple[str, str], ...] = ()
    outputs: tuple[str, ...] = ()
    has_body: bool = False


@dataclass(frozen=True)
class Page:
    """`unread`: rows, or fields of rows, that made no sense. `size`: all rows, whatever they are."""

    rows: tuple[Row, ...]
    unread: int
    size: int


def read_page(document: object, key: str = "") -> Page | None:
    """None if there is no list of rows in it. `key` is removed wherever it occurs."""
    found = _find_rows(document, MAX_DEPTH)
    if found is None:
        return None
    readers = [_RowReader(row, key) for row in found if isinstance(row, dict)]
    rows = [row for reader in readers if (row := reader.read())]
    unread = len(found) - len(rows) + sum(reader.problems for reader in readers)
    return Page(tuple(rows), unread, len(found))


def without_query(url: str) -> str:
    """Whatever comes after the path may be a key to the file."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path, "", ""))


def _find_rows(document: object, depth: int) -> list[object] | None:
    if isinstance(document, list):
        return document
    if not isinstance(document, dict) or depth == 0:
        return None
    names = sorted(document, key=lambda name: ROWS.index(name) if name in ROWS else len(ROWS))
    lists = [document[name] for name in names if isinstance(document[name], list)]
    usable = [found for name in names if name in ROWS and isinstance(found := document[name], list)]
    usable += [found for found in lists if any(isinstance(row, dict) for row in found)]
    if usable:
        return usable[0]
    nested = (_find_rows(document[name], depth - 1) for name in names if isinstance(document[name], dict))
    return next((found for found in nested if found is not None), None)


class _RowReader:
    """Reads one row, and counts what of it made no sense."""

    def __init__(self, row: Mapping[str, object], key: str) -> None:
        self._row = row
        self._key = key
        self.problems = 0

    def read(self) -> Row | None:
        request_id = self._row.get("request_id") or self._row.get("id")
        if isinstance(request_id, bool) or not isinstance(request_id, str | int) or not str(request_id).strip():
            self.problems = 0
            return None
        body = self._read_body()
        parameters = body or {}
        return Row(
            request_id=self._clean_line(str(request_id), 200),
            model=self._text("model_name", 200) or self._text("model", 200),
            status=self._text("model_status", 20).upper() or self._text("status", 20).upper(),
            cost=self._cost(),
            made_at=self._moment(),
            latency_ms=self._latency(),
            email=self._email(),
            error=self._error(),
            prompt=self._clean(_find_prompt(parameters), MAX_PROMPT),
            parameters=self._parameters(parameters),
            inputs=tuple((name, url) for name, url in _find_inputs(parameters) if self._is_harmless(name + url)),
            outputs=tuple(filter(self._is_harmless, self._outputs())),
            has_body=body is not None,
        )

    def _clean(self, text: str, length: int) -> str:
        text = text.replace(self._key, "[key]") if self._key else text
        return shorten(KEY.sub("[key]", UNWRITABLE.sub("", text)).strip(), length)

    def _clean_line(self, text: str, length: int) -> str:
        return self._clean("".join(letter for letter in text if letter.isprintable()), length)

    def _is_harmless(self, text: str) -> bool:
        return not KEY.search(text) and not (self._key and self._key in text)

    def _text(self, name: str, length: int) -> str:
        value = self._row.get(name)
        if value is not None and not isinstance(value, str):
            self.problems += 1
        return self._clean_line(value, length) if isinstance(value, str) else ""

    def _cost(self) -> Decimal | None:
        value = self._row.get("credits_deduction")
        if value is None:
            return None
        try:
            cost = Decimal(str(value))
            if not isinstance(value, bool) and 0 <= cost < MAX_COST:
                return cost.quantize(Decimal("0.000001"))
        except InvalidOperation:
            pass
        self.problems += 1
        return None

    def _moment(self) -> datetime | None:
        values = [value for name in MADE_AT if (value := self._row.get(name)) is not None]
        moments = [moment for value in values if (moment := parse_moment(value))]
        self.problems += bool(values) and not moments
        return moments[0] if moments else None

    def _latency(self) -> int | None:
        value = self._row.get("latency_ms")
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < MAX_LATENCY
        return int(value) if is_number and isinstance(value, int | float) else None

    def _email(self) -> str:
        user = self._row.get("user")
        nested = user.get("email") if isinstance(user, dict) else user
        values = (self._row.get("user_email"), self._row.get("email"), nested)
        return next((self._clean_line(value, 254) for value in values if isinstance(value, str) and "@" in value), "")

    def _error(self) -> str:
        value = self._row.get("error")
        text = value if isinstance(value, str) else json.dumps(value) if value else ""
        return self._clean(text, MAX_ERROR)

    def _read_body(self) -> dict[str, object] | None:
        body = self._row.get("request_body")
        if body is None:
            body = self._row.get("parameters")
        if isinstance(body, str):
            body = _parse_json(body)
        if body is not None and not isinstance(body, dict):
            self.problems += 1
        return body if isinstance(body, dict) else None

    def _parameters(self, body: Mapping[str, object]) -> dict[str, object]:
        """All but the prompt, until it is too much to keep."""
        kept: dict[str, object] = {}
        left = MAX_PARAMETERS
        for name, value in body.items():
            clean = self._clean_value(name, value, MAX_DEPTH)
            left -= len(json.dumps(clean)) + len(name)
            if name != "prompt" and clean is not None and left >= 0:
                kept[self._clean(name, 100)] = clean
        return kept

    def _clean_value(self, name: str, value: object, depth: int) -> object:
        if isinstance(value, str):
            return self._clean_text(name, value)
        if isinstance(value, float) and not math.isfinite(value):
            return str(value)
        if not isinstance(value, list | dict):
            return value
        if depth == 0:
            return "…"
        if isinstance(value, list):
            return [self._clean_value(name, each, depth - 1) for each in value]
        return {self._clean(key, 100): self._clean_value(key, each, depth - 1) for key, each in value.items()}

    def _clean_text(self, name: str, text: str) -> str:
        if SECRET.search(name):
            return "[left out]"
        if text.startswith("data:"):
            return f"[a file in the request, {len(text):,} characters]"
        return self._clean(without_query(text) if WEB_URL.fullmatch(text) else text, MAX_TEXT)

    def _outputs(self) -> Iterator[str]:
        seen: set[str] = set()
        for name in OUTPUTS:
            value = self._row.get(name)
            urls = list(_strings(value, MAX_DEPTH))
            self.problems += bool(value) and not urls
            for url in map(str.strip, urls):
                if WEB_URL.fullmatch(url) and len(url) <= MAX_URL and url not in seen and len(seen) < MAX_OUTPUTS:
                    seen.add(url)
                    yield url


def _strings(value: object, depth: int) -> Iterator[str]:
    """All texts in a value, which may itself be JSON in a text."""
    if isinstance(value, str):
        inner = _parse_json(value) if value.lstrip()[:1] in ("[", "{") else None
        if inner is None or depth == 0:
            yield value
        else:
            yield from _strings(inner, depth - 1)
    elif isinstance(value, list | dict) and depth:
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each, depth - 1)


def _find_prompt(body: Mapping[str, object]) -> str:
    values = (body.get(name) for name in PROMPTS)
    texts = ("\n".join(_only_texts(value)) if isinstance(value, list) else value for value in values)
    return next((text for text in texts if isinstance(text, str) and text.strip() and not WEB_URL.fullmatch(text)), "")


def _only_texts(values: Iterable[object]) -> list[str]:
    return [value for value in values if isinstance(value, str)]


def _find_inputs(body: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """The URLs among the inputs, each with the name of the input, and once."""
    seen: set[str] = set()
    for name, value in body.items():
        if SECRET.search(name):
            continue
        for text in map(str.strip, _strings(value, MAX_DEPTH)):
            if WEB_URL.fullmatch(text) and len(text) <= MAX_URL and (url := without_query(text)) not in seen:
                seen.add(url)
                yield "".join(filter(str.isprintable, UNWRITABLE.sub("", name)))[:100], text
                if len(seen) == MAX_INPUTS:
                    return


def _parse_json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def parse_moment(value: object) -> datetime | None:
    """ISO 8601, an HTTP date, or seconds or milliseconds since 1970; without a zone, UTC is meant."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000 if value > MIN_EPOCH_MILLISECONDS else value, UTC)
        if not isinstance(value, str):
            return None
        moment = _parse_date(value.strip().removesuffix(" UTC"))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _parse_date(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return parsedate_to_datetime(text)
