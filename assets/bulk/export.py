"""Assets as CSV or JSON, written row by row, however many there are."""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from django.http import HttpRequest

from assets.models import Asset
from assets.text.file_names import without_reordering
from assets.web.responses import asset_json

COLUMNS = (
    "id", "title", "file_name", "kind", "media_type", "size", "width", "height", "duration", "state", "url",
    "link_status", "error", "owner", "tags", "collections", "visibility", "description", "created_at", "trashed_at",
    "sha256", "page",
)  # fmt: skip
# What a spreadsheet takes for a formula: at the start of a cell, whatever blanks and quotation marks precede it, and of
# what becomes a cell of its own where semicolons, tabs or line breaks divide them.
_BLANKS = r"\x00-\x08\x0b\x0c\x0e- \"'\x85\xa0\xad\u1680\u2000-\u200f\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
_FORMULA = re.compile(rf"(\A[{_BLANKS}\t\r\n]*[=+\-@＝＋－＠]|\A[\t\r\n]|(?<=[;\t\r\n])[{_BLANKS}]*[=+\-@＝＋－＠])")

Row = Mapping[str, object]


def asset_row(request: HttpRequest, asset: Asset) -> Row:
    """Everything known about an asset, with absolute URLs."""
    row = asset_json(asset)
    return row | {name: request.build_absolute_uri(str(row[name])) for name in ("page", "preview") if row[name]}


def write_csv(rows: Iterable[Row], columns: Sequence[str]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(columns)
    for row in rows:
        yield writer.writerow([_csv_value(row[column]) for column in columns])


class _Echo:
    """A file that returns what is written to it."""

    def write(self, text: str) -> str:
        return text


def _csv_value(value: object) -> object:
    """Text that a spreadsheet would take for a formula gets an apostrophe."""
    if isinstance(value, list):
        value = ", ".join(value)
    return _FORMULA.sub(r"'\1", without_reordering(value)) if isinstance(value, str) else value


def write_json(rows: Iterable[Row], key: str) -> Iterator[str]:
    """An object with the rows under that key."""
    yield f'{{"{key}": ['
    for number, row in enumerate(rows):
        yield f"{',' if number else ''}\n{json.dumps(row, ensure_ascii=False)}"
    yield "\n]}\n"


FORMATS: dict[str, tuple[str, Callable[[Iterable[Row]], Iterator[str]]]] = {
    "csv": ("text/csv; charset=utf-8", partial(write_csv, columns=COLUMNS)),
    "json": ("application/json", partial(write_json, key="assets")),
}
