"""Export a library to an archive: a consistent snapshot of the rows, then the files."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO

from django.db import connection, transaction

from assets.transfer import archive, export_rows, files
from assets.transfer.archive import ArchiveError, Manifest, TableManifest
from assets.transfer.schema import TABLES

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


@dataclass
class ExportResult:
    """What was written: the rows of each table, the number of files, and a sentence about each missing file."""

    rows: dict[str, int] = field(default_factory=dict)
    files: int = 0
    left_out: list[str] = field(default_factory=list)


def export_library(path: Path, *, with_files: bool, now: datetime) -> ExportResult:
    """Write the whole library to a new archive, which appears under its name only once it is complete.

    Only its owner can read it, since it contains private assets. Raises ArchiveError.
    """
    if path.exists():
        raise ArchiveError(f"{path} already exists. Choose another name, or delete it first.")
    part = path.with_name(f"{path.name}.part")
    result = ExportResult()
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
            _write_tables(target, result, path.parent, with_files=with_files, now=now)
            _write_files(target, result, path.parent, with_files=with_files)
            archive.write_end(target)
            target.flush()
            os.fsync(target.fileno())
        part.rename(path)
    except OSError as error:
        raise ArchiveError(f"{path} cannot be written: {error.strerror}.") from None
    finally:
        part.unlink(missing_ok=True)
    return result


def _write_tables(target: BinaryIO, result: ExportResult, folder: Path, *, with_files: bool, now: datetime) -> None:
    # The manifest with the hashes comes first, so the tables wait in a file beside the archive, where there is space.
    with tempfile.TemporaryFile(dir=folder) as buffered:
        members = list(_buffer_tables(buffered, with_files=with_files))
        tables = [table for table, _ in members]
        result.rows = {table.name: table.rows for table in tables}
        exported_at = now.astimezone(UTC).isoformat()
        manifest = Manifest(archive.VERSION, get_application_version(), exported_at, with_files, tables).as_json()
        archive.write_member(target, archive.MANIFEST, BytesIO(manifest), len(manifest))
        buffered.seek(0)
        for table, size in members:
            archive.write_member(target, table.member_name, buffered, size)


def _write_files(target: BinaryIO, result: ExportResult, folder: Path, *, with_files: bool) -> None:
    with tempfile.TemporaryFile(dir=folder) as file_list:
        for file in files.open_all(left_out=result.left_out) if with_files else ():
            archive.write_member(target, file.name, file.content, file.size)
            file_list.write(archive.format_file_line(file.sha256, file.name))
            result.files += 1
        size = file_list.tell()
        file_list.seek(0)
        archive.write_member(target, archive.FILE_LIST, file_list, size)


def get_application_version() -> str:
    try:
        return version("segmind-asset-library")
    except PackageNotFoundError:  # run from a folder, without having been installed
        return "unknown"


def _buffer_tables(target: IO[bytes], *, with_files: bool) -> Iterator[tuple[TableManifest, int]]:
    """Write the members of all tables one after the other; yields each table and the size of its member."""
    with _snapshot():
        for table in TABLES:
            start = target.tell()
            hashing = _HashingWriter(target)
            rows = archive.write_rows(hashing, export_rows.read_rows(table, with_files=with_files))
            yield (
                TableManifest(table.name, rows, hashing.sha256.hexdigest(), list(table.columns)),
                target.tell() - start,
            )


class _HashingWriter(BytesIO):
    """Writes through to a file and hashes what is written."""

    def __init__(self, target: IO[bytes]) -> None:
        super().__init__()
        self._target, self.sha256 = target, hashlib.sha256()

    def write(self, data: "ReadableBuffer") -> int:
        self.sha256.update(data)
        return self._target.write(data)


@contextmanager
def _snapshot() -> Iterator[None]:
    """Everything read within is from the same moment, without making anybody wait."""
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    # Django would begin IMMEDIATE, which locks out everybody who writes.
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")
