"""Finding the few different values of a column of many rows."""

from collections.abc import Iterator

from django.db import models


def distinct_values(rows: models.QuerySet, column: str) -> Iterator[str]:
    """The values of a text column but for the empty one, with one step through its index for each."""
    value: str | None = ""
    while value is not None:
        behind = rows.filter(**{f"{column}__gt": value}).order_by(column)
        value = behind.values_list(column, flat=True).first()
        if value is not None:
            yield value
