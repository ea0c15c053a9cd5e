"""Reads many rows in small steps through an index."""

from collections.abc import Iterator
from typing import TypeVar
from uuid import UUID

from django.db import models

BATCH = 500
ModelT = TypeVar("ModelT", bound=models.Model)


def distinct_values(rows: models.QuerySet[ModelT], column: str) -> Iterator[str]:
    """The values of a text column except the empty one, with one step through its index for each."""
    value: str | None = ""
    while value is not None:
        larger = rows.filter(**{f"{column}__gt": value}).order_by(column)
        value = larger.values_list(column, flat=True).first()
        if value is not None:
            yield value


def in_batches(rows: models.QuerySet[ModelT]) -> Iterator[list[UUID]]:
    """The ids of these rows, BATCH at a time, so that no statement takes long."""
    chosen = rows.model._default_manager.filter(pk__in=rows.order_by().values("pk"))
    ids = chosen.order_by("pk").values_list("pk", flat=True)
    pks = list(ids[:BATCH])
    while pks:
        yield pks
        pks = list(ids.filter(pk__gt=pks[-1])[:BATCH])
