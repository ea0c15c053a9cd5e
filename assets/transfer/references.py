"""Find rows of this installation by the keys that an archive uses."""

import itertools
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from django.db.models import Q

from assets.transfer.schema import related_table
from assets.transfer.table import Table

Pk: TypeAlias = Any  # a number or a UUID, depending on the model
Reference: TypeAlias = "str | tuple[Reference, ...] | None"
# What one statement takes at least, on either database engine.
MAX_VALUES = 1000


def parse_reference(value: object) -> Reference:
    """A reference that can be looked up: lists become tuples. Raises ValueError."""
    if isinstance(value, list):
        return tuple(parse_reference(part) for part in value)
    if not isinstance(value, str):
        raise ValueError("not a reference")
    return value


def make_reference(key: Sequence[Reference]) -> Reference:
    """The shortest reference for a key: its last part alone if the others are empty."""
    return tuple(key) if any(key[:-1]) else key[-1]


def find_pks(table: Table, references: Iterable[Reference]) -> dict[Reference, Pk]:
    """The primary keys of the rows referred to; those that do not exist are left out."""
    wanted = iter(set(references) - {None})
    pks: dict[Reference, Pk] = {}
    while batch := list(itertools.islice(wanted, MAX_VALUES)):
        pks |= _find_batch(table, {reference: _split_reference(table, reference) for reference in batch})
    return pks


def _split_reference(table: Table, reference: Reference) -> tuple[Reference, ...]:
    """A value for each column of the table's key. Raises ValueError."""
    key = reference if isinstance(reference, tuple) else (*[None] * (len(table.key) - 1), reference)
    if len(key) != len(table.key):
        raise ValueError("not a key")
    return key


def _find_batch(table: Table, keys: dict[Reference, tuple[Reference, ...]]) -> dict[Reference, Pk]:
    columns = [table.field(column).attname for column in table.key]
    values = [_find_values(table, column, {key[at] for key in keys.values()}) for at, column in enumerate(table.key)]
    local_keys = {
        reference: tuple(values[at][part] for at, part in enumerate(key))
        for reference, key in keys.items()
        if all(part in values[at] for at, part in enumerate(key))
    }
    if table.derived_key:
        columns, derive = [table.derived_key[0]], table.derived_key[1]
        local_keys = {reference: (derive(*key),) for reference, key in local_keys.items()}
    found = table.model._default_manager.order_by()
    for at, column in enumerate(columns):
        found = found.filter(_is_one_of(column, {key[at] for key in local_keys.values()}))
    rows = found.values_list("pk", *columns)
    pks = {tuple(key): pk for pk, *key in rows}
    return {reference: pks[key] for reference, key in local_keys.items() if key in pks}


def _is_one_of(column: str, values: set[object]) -> Q:
    is_empty = Q(**{f"{column}__isnull": True}) if None in values else Q()
    return Q(**{f"{column}__in": values - {None}}) | is_empty


def _find_values(table: Table, column: str, parts: set[Reference]) -> dict[Reference, object]:
    """The values of a key column in this database."""
    if table.is_foreign_key(column):
        empty: dict[Reference, object] = {None: None} if table.field(column).null else {}
        return {**find_pks(related_table(table, column), parts), **empty}
    if any(isinstance(part, tuple) for part in parts):
        raise ValueError("not a key")
    return {part: table.to_python(column, part) for part in parts}
