"""Rows of this installation as an archive has them: references as keys, in an order that depends only on the rows."""

import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.db.models import F
from django.db.models.expressions import Combinable, OrderBy
from django.db.models.functions import Collate

from assets.audit import owners
from assets.audit.log import LogEntry
from assets.models import StoredFile
from assets.transfer import files
from assets.transfer.archive import Row
from assets.transfer.references import Pk
from assets.transfer.schema import related_table
from assets.transfer.table import Table

BATCH_SIZE = 500
# Orders text by its bytes, so that both database engines write the same archive.
_BINARY_COLLATIONS = {"postgresql": "C", "sqlite": "BINARY"}
# Hashes are left out: they sort the same everywhere, and a collation would disable their index.
_OPTIONAL_PATHS = ("private_to__username", "owner__username")
_TEXT_PATHS = ("name", "path", "key", "username", "user__username", "object_pk", "url", "request_id", "run__request_id")


def read_rows(table: Table, *, with_files: bool) -> Iterator[Row]:
    columns = [column for column in table.columns if not table.is_many_to_many(column)]
    paths = [path for column in columns for path in _expand(table, column)]
    rows = table.model._default_manager.filter(**table.filters).order_by(*_order(table)).values_list("pk", *paths)
    for batch in _split(rows.iterator(chunk_size=BATCH_SIZE)):
        archived = _read_batch(table, columns, batch)
        if table.model is LogEntry:
            owners.to_archive(archived)
        for row in archived:
            if table.model is StoredFile:
                row |= files.get_archived_names(row, with_files=with_files)
            yield {column: row[column] for column in table.columns}


def _read_batch(table: Table, columns: Sequence[str], batch: Sequence[Sequence[Pk]]) -> list[Row]:
    """Rows with their references: `columns` from the values of the batch, many-to-many fields from their own tables."""
    pks = [pk for pk, *_ in batch]
    lists = {column: _read_lists(table, column, pks) for column in table.columns if column not in columns}
    rows = []
    for pk, *values in batch:
        remaining = iter(values)
        row = {column: _take_value(table, column, remaining) for column in columns}
        rows.append(row | {column: lists[column].get(pk, []) for column in lists})
    return rows


def _expand(table: Table, column: str) -> list[str]:
    """The columns to select for a column: those of the key, if it refers to another table."""
    if not table.is_foreign_key(column):
        return [column]
    target = related_table(table, column)
    return [f"{column}__{path}" for part in target.key for path in _expand(target, part)]


def _take_value(table: Table, column: str, remaining: Iterator[object]) -> object:
    """The archived value of a column; takes as many values as `_expand()` selected."""
    if table.is_foreign_key(column):
        target = related_table(table, column)
        key = [_take_value(target, part, remaining) for part in target.key]
        if len(key) == 1:
            return key[0]
        return None if None in key else key
    value = next(remaining)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict | list):  # PostgreSQL does not keep the order of keys
        return json.loads(json.dumps(value, sort_keys=True))
    return str(value) if isinstance(value, UUID | Decimal) else value


def _read_lists(table: Table, column: str, pks: Sequence[Pk]) -> dict[Pk, list[object]]:
    """The references in a many-to-many field, by row."""
    field, target = table.many_to_many(column), related_table(table, column)
    own, other = field.m2m_field_name(), field.m2m_reverse_field_name()
    paths = [f"{other}__{path}" for part in target.key for path in _expand(target, part)]
    links = table.through(column)._default_manager.filter(**{f"{own}__in": pks})
    lists: dict[Pk, list[object]] = {}
    for pk, *values in links.values_list(own, *paths):
        remaining = iter(values)
        key = [_take_value(target, part, remaining) for part in target.key]
        lists.setdefault(pk, []).append(key if any(key[:-1]) else key[-1])
    return {pk: sorted(references, key=_as_strings) for pk, references in lists.items()}


def _as_strings(reference: object) -> list[str]:
    return [str(part) for part in reference] if isinstance(reference, list) else [str(reference)]


def _order(table: Table) -> list[str | Combinable | OrderBy]:
    paths = table.order or [path for column in table.key for path in _expand(table, column)]
    return [_order_by_bytes(path) for path in paths]


def _order_by_bytes(path: str) -> str | Combinable | OrderBy:
    if path in _OPTIONAL_PATHS:
        return Collate(F(path), _BINARY_COLLATIONS[connection.vendor]).asc(nulls_first=True)
    return Collate(F(path), _BINARY_COLLATIONS[connection.vendor]) if path in _TEXT_PATHS else path


def _split(rows: Iterable[Sequence[Pk]]) -> Iterator[list[Sequence[Pk]]]:
    rows = iter(rows)
    while batch := list(itertools.islice(rows, BATCH_SIZE)):
        yield batch
