"""Rows of this installation by the keys that an archive knows them by."""

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

from assets.transfer.schema import Table

# As many values as one statement takes at the least, on either database engine.
_AT_ONCE = 1000


def frozen(reference: Any) -> Any:
    """A reference as it can be looked up: lists as tuples. Raises ValueError for what can be none."""
    if isinstance(reference, list):
        return tuple(frozen(part) for part in reference)
    if not isinstance(reference, str):
        raise ValueError("not a reference")
    return reference


def find(table: Table, references: Iterable[Any]) -> dict[Any, Any]:
    """The primary keys of the rows that these references lead to; one that leads nowhere is not in the answer."""
    wanted = iter(set(references) - {None})
    found: dict[Any, Any] = {}
    while some := list(itertools.islice(wanted, _AT_ONCE)):
        found |= _find(table, {reference: as_key(table, reference) for reference in some})
    return found


def as_key(table: Table, reference: Any) -> tuple[Any, ...]:
    """A reference as the values of the table's key. Raises ValueError where it has another shape."""
    key = reference if isinstance(reference, tuple) else (*[None] * (len(table.key) - 1), reference)
    if not isinstance(key, tuple) or len(key) != len(table.key):
        raise ValueError("not a key")
    return key


def shortened(key: Sequence[Any]) -> Any:
    """The reference that a key makes: the last part of it, where the others are empty."""
    return key[-1] if not any(key[:-1]) else tuple(key)


def _find(table: Table, keys: dict[Any, tuple[Any, ...]]) -> dict[Any, Any]:
    columns = [table.field(column).attname for column in table.key]
    values = [_values(table, column, {key[at] for key in keys.values()}) for at, column in enumerate(table.key)]
    local = {
        reference: tuple(values[at][part] for at, part in enumerate(key))
        for reference, key in keys.items()
        if all(part in values[at] for at, part in enumerate(key))
    }
    if table.folded:
        columns, fold = [table.folded[0]], table.folded[1]
        local = {reference: (fold(*key),) for reference, key in local.items()}
    filters = {f"{column}__in": {key[at] for key in local.values()} for at, column in enumerate(columns)}
    rows = table.model._default_manager.filter(**filters).order_by().values_list("pk", *columns)
    pks = {tuple(key): pk for pk, *key in rows}
    return {reference: pks[key] for reference, key in local.items() if key in pks}


def _values(table: Table, column: str, parts: set[Any]) -> dict[Any, Any]:
    """What the database has for parts of keys."""
    if table.is_link(column):
        return find(table.target(column), parts) | ({None: None} if table.field(column).null else {})
    if any(isinstance(part, tuple) for part in parts):
        raise ValueError("not a key")
    return {part: table.read(column, part) for part in parts}
