"""Import an archive into this installation, empty or not: everything or nothing."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, TypeAlias

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction

from assets.delivery.run import plan_delivery
from assets.models import StoredFile
from assets.transfer import archive, files, import_lock, references, rows, version_1
from assets.transfer.archive import ArchiveError, DamagedArchiveError, Manifest, Member, Row, TableManifest
from assets.transfer.merge import MergeReport, RowWithPk, get_rules
from assets.transfer.schema import TABLES
from assets.transfer.table import Table

_INVALID = (ValueError, TypeError, OverflowError, RecursionError, ValidationError)
KnownTables: TypeAlias = dict[str, tuple[Table, TableManifest]]  # by the name of the member


@dataclass
class ImportResult:
    """`counts` (by table) and `files`: how many were new, and how many were already here."""

    manifest: Manifest
    report: MergeReport
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    files: tuple[int, int] = (0, 0)
    lacks_previews: bool = False


def import_library(path: Path, *, now: datetime, dry_run: bool = False) -> ImportResult:
    """Import everything in an archive that this installation lacks.

    The archive is verified before anything is changed; then the files are stored, and last all rows are written in one
    transaction. A `dry_run` rolls that back and stores no files.

    Raises ArchiveError and BusyError. Nothing has changed then, but there may be files without rows.
    """
    with archive.open_archive(path) as source, import_lock.importing():
        manifest = archive.read_manifest(source)
        tables = _match_tables(manifest)
        file_count = archive.verify(source, manifest)
        save = files.is_new if dry_run else files.save
        new_files = sum(save(member) for member in archive.read_members(source) if member.is_file)
        with transaction.atomic():
            report = MergeReport(now, is_dry_run=dry_run)
            result = ImportResult(manifest, report, files=(new_files, file_count - new_files))
            upgrade = version_1.get_upgrade(source, manifest)
            for table, table_manifest, member in _read_tables(source, tables):
                incoming = _parse_rows(table, table_manifest, member, upgrade)
                result.counts[table.name] = _import_table(table, incoming, report)
            if report.queued:
                plan_delivery(now)
            result.lacks_previews = StoredFile.objects.previewable().without_preview().exists()
            if dry_run:
                transaction.set_rollback(True)
    return result


def _match_tables(manifest: Manifest) -> KnownTables:
    """The tables of an archive. Raises ArchiveError if one is unknown, incomplete or out of order."""
    known = {table.name: table for table in TABLES}
    exported = version_1.get_remaining_tables(manifest)
    names = [table.name for table in exported]
    if unknown := [name for table in exported for name in _find_unknown(manifest, known.get(table.name), table)]:
        raise ArchiveError(
            f"The archive contains data that this version does not know: {', '.join(unknown)[:200]}. It was made by "
            f"version {manifest.application_version[:20]}. Nothing was changed. Update this installation first."
        )
    for table in exported:
        required = version_1.get_required_columns(manifest, known[table.name])
        if missing := sorted(required - set(table.columns)):
            raise DamagedArchiveError(f"{table.name} have no {', '.join(missing)}")
    if names != [name for name in known if name in names]:
        raise DamagedArchiveError("its tables are out of order")
    return {table.member_name: (known[table.name], table) for table in exported}


def _find_unknown(manifest: Manifest, table: Table | None, exported: TableManifest) -> list[str]:
    """The name of an unknown table, or those of unknown columns of a known one."""
    if table is None:
        return [exported.name]
    readable = version_1.get_readable_columns(manifest, table)
    return [f"{exported.name}.{column}" for column in exported.columns if column not in readable]


def _read_tables(source: BinaryIO, tables: KnownTables) -> Iterator[tuple[Table, TableManifest, Member]]:
    for member in archive.read_members(source):
        if member.name in tables:
            yield *tables[member.name], member


def _parse_rows(
    table: Table, manifest: TableManifest, member: Member, upgrade: Callable[[Table, Row], Row]
) -> Iterator[Row]:
    for number, row in enumerate(archive.read_rows(member, manifest), start=1):
        try:
            yield rows.parse_row(table, upgrade(table, row))
        except _INVALID as error:
            raise DamagedArchiveError(f"row {number} of {table.name} is invalid") from error


def _import_table(table: Table, incoming: Iterator[Row], report: MergeReport) -> tuple[int, int]:
    """Write the rows of a table; returns how many were new and how many were already here."""
    new = total = 0
    while batch := list(itertools.islice(incoming, get_rules(table.model).batch_size)):
        try:
            new += _import_batch(table, batch, report)
        except (IntegrityError, DataError) as error:
            raise ArchiveError(
                f"Rows of {table.name} conflict with rows in this library. Nothing was changed. Import again; if that "
                "fails too, the archive is damaged."
            ) from error
        except _INVALID as error:
            raise DamagedArchiveError(f"a row of {table.name} is invalid") from error
        total += len(batch)
    return new, total - new


def _import_batch(table: Table, batch: list[Row], report: MergeReport) -> int:
    """Insert the rows that are new and merge the others; returns how many were new."""
    pks = references.find_pks(table, [rows.get_reference(table, row) for row in batch])
    missing = [row for row in batch if rows.get_reference(table, row) not in pks]
    missing = get_rules(table.model).select(missing)
    _insert(table, missing, report)
    _merge(table, [(pks[key], row) for row in batch if (key := rows.get_reference(table, row)) in pks], report)
    return len(missing)


def _insert(table: Table, missing: list[Row], report: MergeReport) -> None:
    if not missing:
        return
    rules, objects = get_rules(table.model), rows.build_objects(table, missing)
    for new_object, row in zip(objects, missing, strict=True):
        rules.prepare(new_object, row, report)
    rows.insert_objects(table, objects)
    keys = {rows.get_reference(table, row) for row in missing}
    pks = references.find_pks(table, keys)
    if len(pks) != len(keys):
        raise ValueError("not the rows that were inserted")
    inserted = [(pks[rows.get_reference(table, row)], row) for row in missing]
    _add_links(table, inserted)
    rules.after_insert(inserted, report)


def _merge(table: Table, existing: list[RowWithPk], report: MergeReport) -> None:
    if existing:
        rules = get_rules(table.model)
        _add_links(table, rules.select_for_links(existing))
        rules.merge(existing, report)


def _add_links(table: Table, linked: list[RowWithPk]) -> None:
    for column in table.columns:
        if linked and table.is_many_to_many(column):
            rows.add_links(table, column, linked)
