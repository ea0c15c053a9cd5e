"""From an archive into this installation, empty or living: everything, or nothing."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction

from assets.delivery.run import plan_delivery
from assets.models import StoredFile
from assets.transfer import archive, files, references, rows, version_1
from assets.transfer.archive import ArchiveError, Manifest, TableEntry, damaged
from assets.transfer.merge import Arrival, rules_of
from assets.transfer.rows import Row
from assets.transfer.schema import TABLES, Table

_SENSELESS = (ValueError, TypeError, OverflowError, RecursionError, ValidationError)


@dataclass
class Imported:
    """What came of an import: by table, how many rows were new and how many were here already; the same of files."""

    manifest: Manifest
    arrival: Arrival
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    files: tuple[int, int] = (0, 0)
    lacks_previews: bool = False


def import_library(path: Path, *, now: datetime, dry_run: bool = False) -> Imported:
    """Bring in all that an archive has and this installation has not.

    The archive is read as a whole before anything is changed; then files are put in their places, and last all rows
    are written in one transaction. A `dry_run` takes that back, and places no files.

    Raises ArchiveError, with nothing changed but for files that nothing leads to.
    """
    with archive.opened(path) as source:
        manifest = archive.read_manifest(source)
        tables = _known_tables(manifest)
        carried = archive.verify(source, manifest)
        place = files.is_new if dry_run else files.place
        placed = sum(place(member) for member in archive.members(source) if member.is_file)
        with transaction.atomic():
            imported = Imported(manifest, Arrival(now, is_rehearsal=dry_run), files=(placed, carried - placed))
            upgrade = version_1.upgrade_of(source, manifest)
            for table, entry, found in _read(source, tables):
                imported.counts[table.name] = _bring_in(table, _rows(table, entry, found, upgrade), imported.arrival)
            if imported.arrival.waiting:
                plan_delivery(now)
            imported.lacks_previews = StoredFile.objects.previewable().without_preview().exists()
            if dry_run:
                transaction.set_rollback(True)
    return imported


def _known_tables(manifest: Manifest) -> dict[str, tuple[Table, TableEntry]]:
    """The tables of an archive by member, where this version knows them all."""
    known = {table.name: table for table in TABLES}
    entries = version_1.remaining_tables(manifest)
    names = [entry.name for entry in entries]
    strangers = [name for name in names if name not in known]
    for entry in entries:
        if (table := known.get(entry.name)) is not None:
            readable = version_1.readable_columns(manifest, table)
            strangers += [f"{entry.name}.{column}" for column in entry.columns if column not in readable]
            if not {column for column in table.key if not table.field(column).null} <= set(entry.columns):
                raise damaged(f"{entry.name} have no key")
    if strangers:
        raise ArchiveError(
            f"The archive holds what this version does not know: {', '.join(strangers)[:200]}. It was made by version "
            f"{manifest.application_version[:20]} of the application. Nothing was changed. Update this one first."
        )
    if names != [name for name in known if name in names]:
        raise damaged("its tables are not in their order")
    return {entry.member: (known[entry.name], entry) for entry in entries}


def _read(
    source: BinaryIO, tables: dict[str, tuple[Table, TableEntry]]
) -> Iterator[tuple[Table, TableEntry, archive.Member]]:
    for member in archive.members(source):
        if member.name in tables:
            yield *tables[member.name], member


def _rows(
    table: Table, entry: TableEntry, member: archive.Member, upgrade: Callable[[Table, Row], Row]
) -> Iterator[Row]:
    for number, row in enumerate(archive.read_rows(member, entry), start=1):
        try:
            yield rows.checked(table, upgrade(table, row))
        except _SENSELESS as error:
            raise damaged(f"row {number} of {table.name} makes no sense") from error


def _bring_in(table: Table, incoming: Iterator[Row], arrival: Arrival) -> tuple[int, int]:
    """Write the rows of a table; how many are new and how many are here already."""
    new = known = 0
    while batch := list(itertools.islice(incoming, rules_of(table.model).at_once)):
        try:
            here = references.find(table, [rows.key_of(table, row) for row in batch])
            missing = [row for row in batch if rows.key_of(table, row) not in here]
            missing = rules_of(table.model).want(missing)
            _add(table, missing, arrival)
            _meet(table, [(here[key], row) for row in batch if (key := rows.key_of(table, row)) in here], arrival)
        except (IntegrityError, DataError) as error:
            raise ArchiveError(
                f"Rows of {table.name} do not fit what is here. Nothing was changed. Import again; if it stays so, the "
                "archive is damaged."
            ) from error
        except _SENSELESS as error:
            raise damaged(f"a row of {table.name} makes no sense") from error
        new, known = new + len(missing), known + len(batch) - len(missing)
    return new, known


def _add(table: Table, missing: list[Row], arrival: Arrival) -> None:
    if not missing:
        return
    rules, made = rules_of(table.model), rows.made_of(table, missing)
    for one, row in zip(made, missing, strict=True):
        rules.receive(one, row, arrival)
    rows.insert(table, made)
    keys = {rows.key_of(table, row) for row in missing}
    pks = references.find(table, keys)
    if len(pks) != len(keys):
        raise ValueError("not the rows that were written")
    pairs = [(pks[rows.key_of(table, row)], row) for row in missing]
    _link(table, pairs)
    rules.settle(pairs, arrival)


def _meet(table: Table, pairs: list[tuple[Any, Row]], arrival: Arrival) -> None:
    if pairs:
        rules = rules_of(table.model)
        _link(table, rules.unite(pairs))
        rules.meet(pairs, arrival)


def _link(table: Table, pairs: list[tuple[Any, Row]]) -> None:
    for column in table.columns:
        if pairs and table.is_list(column) and column in pairs[0][1]:
            rows.link(table, column, pairs)
