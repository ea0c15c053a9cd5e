"""Reading many rows in steps that an index can take."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import models

# Rows at a time.
BATCH = 500


def distinct_values(rows: models.QuerySet, column: str) -> Iterator[str]:
    """The values of a text column but for the empty one, with one step through its index for each."""
    value: str | None = ""
    while value is not None:
        behind = rows.filter(**{f"{column}__gt": value}).order_by(column)
        value = behind.values_list(column, flat=True).first()
        if value is not None:
            yield value


def in_batches(rows: "models.QuerySet[Any, Any]") -> Iterator[list[UUID]]:
    """The ids of these rows, some at a time, so that no statement takes long."""
    chosen = rows.model._default_manager.filter(pk__in=rows.order_by().values("pk"))
    ids = chosen.order_by("pk").values_list("pk", flat=True)
    pks = list(ids[:BATCH])
    while pks:
        yield pks
        pks = list(ids.filter(pk__gt=pks[-1])[:BATCH])
