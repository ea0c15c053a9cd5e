"""From an installation to an archive: a consistent picture of the rows, then the files."""

import hashlib
import itertools
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from io import BytesIO
from pathlib import Path
from typing import IO, Any, BinaryIO
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Collate

from assets.models import StoredFile
from assets.transfer import archive, files
from assets.transfer.archive import ArchiveError, Manifest, TableEntry
from assets.transfer.schema import TABLES, Table

BATCH = 500
# Orders text by its bytes, so that either database engine writes the same archive.
_BY_BYTES = {"postgresql": "C", "sqlite": "BINARY"}


@dataclass
class Exported:
    """What was written: rows by table, files, and what is missing of them in words."""

    rows: dict[str, int] = field(default_factory=dict)
    files: int = 0
    left_out: list[str] = field(default_factory=list)


def export_library(path: Path, *, with_files: bool, now: datetime) -> Exported:
    """Write everything to a new archive; nothing is there under that name before it is complete.

    Readable by its owner alone: private entries are in it. Raises ArchiveError.
    """
    if path.exists():
        raise ArchiveError(f"{path} is there already. Name another file, or remove it first.")
    part = path.with_name(f"{path.name}.part")
    exported = Exported()
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
            _write(target, exported, path.parent, with_files=with_files, now=now)
            target.flush()
            os.fsync(target.fileno())
        part.rename(path)
    except OSError as error:
        raise ArchiveError(f"{path} cannot be written: {error.strerror}.") from None
    finally:
        part.unlink(missing_ok=True)
    return exported


def _write(target: BinaryIO, exported: Exported, folder: Path, *, with_files: bool, now: datetime) -> None:
    # Spooled beside the archive: where there is room for it, there is room for its tables once more.
    with tempfile.TemporaryFile(dir=folder) as spooled:
        entries = list(_spool_tables(spooled, with_files=with_files))
        exported.rows = {entry.name: entry.rows for entry, _ in entries}
        at = now.astimezone(UTC).isoformat()
        tables = [entry for entry, _ in entries]
        manifest = Manifest(archive.VERSION, application_version(), at, with_files, tables).as_json()
        archive.write_member(target, archive.MANIFEST, BytesIO(manifest), len(manifest))
        spooled.seek(0)
        for entry, size in entries:
            archive.write_member(target, entry.member, spooled, size)
    with tempfile.TemporaryFile(dir=folder) as listed:
        for kept in files.kept(left_out=exported.left_out) if with_files else ():
            archive.write_member(target, kept.name, kept.content, kept.size)
            listed.write(archive.file_line(kept.sha256, kept.name))
            exported.files += 1
        size = listed.tell()
        listed.seek(0)
        archive.write_member(target, archive.FILE_LIST, listed, size)
    archive.write_end(target)


def application_version() -> str:
    try:
        return version("segmind-asset-library")
    except PackageNotFoundError:  # run from a folder, without having been installed
        return "unknown"


def _spool_tables(spooled: IO[bytes], *, with_files: bool) -> Iterator[tuple[TableEntry, int]]:
    """Write the members of all tables behind each other: what the manifest says of each, and its size."""
    with _snapshot():
        for table in TABLES:
            start = spooled.tell()
            hashed = _Hashed(spooled)
            rows = archive.write_rows(hashed, _rows(table, with_files=with_files))
            entry = TableEntry(table.name, rows, hashed.sha256.hexdigest(), list(table.columns))
            yield entry, spooled.tell() - start


class _Hashed(BytesIO):
    """Writes through to a file, and hashes what is written."""

    def __init__(self, target: IO[bytes]) -> None:
        super().__init__()
        self._target, self.sha256 = target, hashlib.sha256()

    def write(self, data: Any) -> int:
        self.sha256.update(data)
        return self._target.write(data)


@contextmanager
def _snapshot() -> Iterator[None]:
    """All that is read within is of one moment, and nobody has to wait for it."""
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    # Django would begin IMMEDIATE, which is for those who write, and hold up all others.
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def _rows(table: Table, *, with_files: bool) -> Iterator[dict[str, Any]]:
    """The rows of a table as the archive has them, in an order that depends on nothing but them."""
    single = [column for column in table.columns if not table.is_list(column)]
    paths = [path for column in single for path in _paths(table, column)]
    rows = table.model._default_manager.filter(**table.only).order_by(*_order(table)).values_list("pk", *paths)
    for batch in _batches(rows.iterator(chunk_size=BATCH)):
        lists = {
            column: _lists(table, column, [pk for pk, *_ in batch]) for column in table.columns if table.is_list(column)
        }
        for pk, *values in batch:
            left = iter(values)
            row = {column: _value(table, column, left) for column in single}
            row |= {column: lists[column].get(pk, []) for column in lists}
            if table.model is StoredFile:
                row |= files.carried_names(row, with_files=with_files)
            yield {column: row[column] for column in table.columns}


def _paths(table: Table, column: str) -> list[str]:
    """The columns, over however many tables, that a value of the archive is made of."""
    if not table.is_link(column):
        return [column]
    target = table.target(column)
    return [f"{column}__{path}" for name in target.key for path in _paths(target, name)]


def _value(table: Table, column: str, left: Iterator[Any]) -> Any:
    """The next value, of as many columns as `_paths()` names."""
    if table.is_link(column):
        target = table.target(column)
        key = [_value(target, name, left) for name in target.key]
        return key[0] if len(key) == 1 else None if None in key else key
    value = next(left)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, dict | list):  # PostgreSQL keeps the names in an order of its own
        return json.loads(json.dumps(value, sort_keys=True))
    return str(value) if isinstance(value, UUID) else value


def _lists(table: Table, column: str, pks: list[Any]) -> dict[Any, list[Any]]:
    """The keys that a many-to-many field of these rows leads to, by row."""
    target = table.target(column)
    paths = [path for name in target.key for path in _paths(target, name)]
    own = table.field(column).m2m_field_name()
    other = table.field(column).m2m_reverse_field_name()
    links = table.field(column).remote_field.through._default_manager.filter(**{f"{own}__in": pks})
    found: dict[Any, list[Any]] = {}
    for pk, *values in links.values_list(own, *(f"{other}__{path}" for path in paths)):
        left = iter(values)
        key = [_value(target, name, left) for name in target.key]
        found.setdefault(pk, []).append(key if any(key[:-1]) else key[-1])
    return {pk: sorted(keys, key=_as_list) for pk, keys in found.items()}


def _as_list(reference: Any) -> list[Any]:
    return reference if isinstance(reference, list) else [reference]


def _order(table: Table) -> list[Any]:
    paths = table.order or [path for column in table.key for path in _paths(table, column)]
    return [_by_bytes(table, path) for path in paths]


def _by_bytes(table: Table, path: str) -> Any:
    # Hashes are ordered alike everywhere, and by an index that a collation would put out of use.
    is_text = path in ("name", "path", "key", "username", "user__username", "object_pk", "url")
    if path == "private_to__username":
        return Collate(F(path), _BY_BYTES[connection.vendor]).asc(nulls_first=True)
    return Collate(F(path), _BY_BYTES[connection.vendor]) if is_text else path


def _batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    rows = iter(rows)
    while batch := list(itertools.islice(rows, BATCH)):
        yield batch
