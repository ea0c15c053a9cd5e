"""Rows of an archive on their way into the database: checked, with their references found, and written."""

import json
import math
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models
from django.utils import timezone

from assets.transfer.archive import damaged
from assets.transfer.references import find, frozen, shortened
from assets.transfer.schema import Table

Row = dict[str, Any]
_LINKS_AT_ONCE = 5000


def checked(table: Table, row: Row) -> Row:
    """A row as Python has it, its references as they are looked up. Raises ValueError or ValidationError.

    What an archive of an earlier version does not have is as in a new row.
    """
    return {
        column: _checked(table, column, row[column]) if column in row else _unsaid(table, column)
        for column in table.columns
    }


def _unsaid(table: Table, column: str) -> Any:
    return [] if table.is_list(column) else table.field(column).get_default()


def _checked(table: Table, column: str, value: Any) -> Any:
    field = table.field(column)
    if table.is_list(column):
        if not isinstance(value, list):
            raise ValueError("not a list")
        return [frozen(reference) for reference in value]
    if value is None:
        if not field.null:
            raise ValueError("empty")
        return None
    if table.is_link(column):
        return frozen(value)
    if isinstance(value, dict | list) and not isinstance(field, models.JSONField):
        raise ValueError("not a value")
    value = table.read(column, value)
    _check(field, value)
    return value


def _check(field: Any, value: Any) -> None:
    """What the database does not look at on every engine."""
    if field.choices and value not in ("", *dict(field.flatchoices)):
        raise ValueError("not one of the choices")
    if isinstance(value, dict | list):
        _check_json(value)
    elif isinstance(value, str):
        if "\0" in value or (isinstance(field, models.CharField) and len(value) > (field.max_length or math.inf)):
            raise ValueError("not a text of this column")
        value.encode()  # UnicodeEncodeError is a ValueError
        if isinstance(field, models.GenericIPAddressField):
            field.run_validators(value)
    elif isinstance(field, models.DateTimeField) and timezone.is_naive(value):
        raise ValueError("a time without its zone")
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("not a number")
    elif isinstance(field, models.IntegerField):
        field.run_validators(value)


def _check_json(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    text.encode()
    if "\\u0000" in text:
        raise ValueError("not a text")


def key_of(table: Table, row: Row) -> Any:
    """The reference that leads to this row."""
    key = tuple(str(row[column]) if isinstance(row[column], uuid.UUID) else row[column] for column in table.key)
    return shortened(key)


def made_of(table: Table, rows: Sequence[Row]) -> list[Any]:
    """The rows as objects of this installation, with ids of their own only where theirs are taken. Nothing is saved."""
    found = {
        column: find(table.target(column), {row[column] for row in rows})
        for column in table.columns
        if table.is_link(column)
    }
    made = [table.model(**_attributes(table, row, found)) for row in rows]
    if table.has_own_ids:
        ids = [one.pk for one in made]
        taken = set(table.model._default_manager.filter(pk__in=ids).values_list("pk", flat=True))
        for one in made:
            if one.pk in taken:
                one.pk = uuid.uuid4()
    return made


def _attributes(table: Table, row: Row, found: dict[str, dict[Any, Any]]) -> dict[str, Any]:
    attributes = {}
    for column, value in row.items():
        if column in found:
            if value is not None and value not in found[column]:
                raise damaged(f"a row of {table.name} refers to something that is not there")
            attributes[table.field(column).attname] = found[column].get(value)
        elif not table.is_list(column):
            attributes[column] = value
    return attributes


def insert(table: Table, made: Sequence[Any]) -> None:
    """Write new rows just as they are; `bulk_create()` would date them anew."""
    fields = [one for one in table.model._meta.concrete_fields if not isinstance(one, models.AutoField)]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(one.column)) for one in fields)
    places = ", ".join(["%s"] * len(fields))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {quote(table.model._meta.db_table)} ({columns}) VALUES ({places})",  # noqa: S608  (of names)
            [[one.get_db_prep_save(getattr(row, one.attname), connection) for one in fields] for row in made],
        )


def link(table: Table, column: str, rows: Iterable[tuple[Any, Row]]) -> None:
    """Add to a many-to-many field of rows, given with their primary keys, what it lacks of what the archive has."""
    field, target = table.field(column), table.target(column)
    pairs = [(pk, reference) for pk, row in rows for reference in row[column]]
    found = find(target, {reference for _, reference in pairs})
    if target.name and not all(reference in found for _, reference in pairs):
        raise damaged(f"a row of {table.name} refers to {target.name} that are not there")
    through = field.remote_field.through
    own, other = (f"{name}_id" for name in (field.m2m_field_name(), field.m2m_reverse_field_name()))
    links = [through(**{own: pk, other: found[reference]}) for pk, reference in pairs if reference in found]
    through._default_manager.bulk_create(links, ignore_conflicts=True, batch_size=_LINKS_AT_ONCE)
