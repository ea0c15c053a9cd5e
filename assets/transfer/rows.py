"""Rows of an archive on their way into the database: validated, with their references resolved, and inserted."""

import uuid
from collections.abc import Iterable, Sequence

from django.db import connection, models

from assets.media.formats import registered_name
from assets.transfer.archive import DamagedArchiveError, Row
from assets.transfer.references import Pk, Reference, find_pks, make_reference, parse_reference
from assets.transfer.schema import related_table
from assets.transfer.table import Table
from assets.transfer.validation import require_type, validate

LINK_BATCH_SIZE = 5000


def parse_row(table: Table, row: Row) -> Row:
    """A row in Python's types. Columns missing from archives of earlier versions get their default.

    Raises ValueError or ValidationError.
    """
    return {
        column: _parse_value(table, column, row[column]) if column in row else _get_default(table, column)
        for column in table.columns
    }


def get_reference(table: Table, row: Row) -> Reference:
    key = [str(row[column]) if isinstance(row[column], uuid.UUID) else row[column] for column in table.key]
    return make_reference(key)


def build_objects(table: Table, rows: Sequence[Row]) -> list[models.Model]:
    """Unsaved objects for the rows. An id that is already taken here is replaced by a new one."""
    pks = {
        column: find_pks(related_table(table, column), {row[column] for row in rows})
        for column in table.columns
        if table.is_foreign_key(column)
    }
    objects = [table.model(**_resolve_columns(table, row, pks)) for row in rows]
    if table.has_uuid:
        _replace_taken_ids(table, objects)
    return objects


def insert_objects(table: Table, objects: Sequence[models.Model]) -> None:
    """Insert new rows exactly as they are; `bulk_create()` would replace their dates."""
    fields = [field for field in table.model._meta.concrete_fields if not isinstance(field, models.AutoField)]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    placeholders = ", ".join(["%s"] * len(fields))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {quote(table.model._meta.db_table)} ({columns}) VALUES ({placeholders})",  # noqa: S608  (names)
            [[field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields] for row in objects],
        )


def add_links(table: Table, column: str, rows: Iterable[tuple[Pk, Row]]) -> None:
    """Add what is missing to a many-to-many field of existing rows."""
    field, target = table.many_to_many(column), related_table(table, column)
    references = [(pk, reference) for pk, row in rows for reference in row[column]]
    found = find_pks(target, {reference for _, reference in references})
    if target.is_exported and not all(reference in found for _, reference in references):
        raise DamagedArchiveError(f"a row of {table.name} refers to {target.name} that do not exist")
    own, other = f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
    through = table.through(column)
    links = [through(**{own: pk, other: found[reference]}) for pk, reference in references if reference in found]
    through._default_manager.bulk_create(links, ignore_conflicts=True, batch_size=LINK_BATCH_SIZE)


def _get_default(table: Table, column: str) -> object:
    return [] if table.is_many_to_many(column) else table.field(column).get_default()


def _parse_value(table: Table, column: str, value: object) -> object:
    field = table.field(column)
    if table.is_many_to_many(column):
        if not isinstance(value, list):
            raise ValueError("not a list")
        return [parse_reference(reference) for reference in value]
    if value is None:
        if not field.null:
            raise ValueError("empty")
        return None
    if table.is_foreign_key(column):
        return parse_reference(value)
    require_type(field, value)
    value = table.to_python(column, value)
    if column == "media_type":  # archives from before the table of formats have other names
        value = registered_name(str(value))
    validate(table, column, value)
    return value


def _resolve_columns(table: Table, row: Row, pks: dict[str, dict[Reference, Pk]]) -> Row:
    attributes: Row = {}
    for column, value in row.items():
        if column in pks:
            if value is not None and value not in pks[column]:
                raise DamagedArchiveError(f"a row of {table.name} refers to something that does not exist")
            attributes[table.field(column).attname] = pks[column].get(value)
        elif not table.is_many_to_many(column):
            attributes[column] = value
    return attributes


def _replace_taken_ids(table: Table, objects: Sequence[models.Model]) -> None:
    ids = [row.pk for row in objects]
    taken = set(table.model._default_manager.filter(pk__in=ids).values_list("pk", flat=True))
    for row in objects:
        if row.pk in taken:
            row.pk = uuid.uuid4()
