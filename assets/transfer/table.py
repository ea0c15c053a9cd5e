"""A table of the archive: which columns are exported, and the reason for each that is left out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

from django.db import models

AnyField: TypeAlias = "models.Field[Any, Any]"
AnyManyToMany: TypeAlias = "models.ManyToManyField[Any, Any]"

SOURCE = ("origin", "source_url", "read_on")
SERIAL = "a serial number of one database"
DERIVED = "follows from other columns"
PLANS = "the plans of this installation’s workers"
MAILED = "when a mail was sent is known where it was sent"


@dataclass(frozen=True)
class Table:
    """A model in the archive.

    `key`: the columns that identify a row in every installation; the last alone is enough if the others are empty.
    `columns`: what is exported, many-to-many fields included. `left_out`: the other columns, and why. `derived_key`:
    the column by which the database finds a key, and the function that derives it from the key. `order`: of the rows,
    if not that of the key. `filters`: which rows, if not all. `restricting`: columns whose default might allow more.
    """

    name: str
    model: type[models.Model]
    key: tuple[str, ...]
    columns: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    derived_key: tuple[str, Callable[..., str]] | None = None
    order: tuple[str, ...] = ()
    filters: Mapping[str, object] = field(default_factory=dict)
    restricting: tuple[str, ...] = ()

    @property
    def is_exported(self) -> bool:
        return bool(self.columns)

    @property
    def has_uuid(self) -> bool:
        return isinstance(self.model._meta.pk, models.UUIDField)

    @property
    def required_columns(self) -> set[str]:
        """Those that an archive must have: what every row's key fills, and what restricts."""
        return {*(column for column in self.key if not self.field(column).null), *self.restricting}

    def field(self, column: str) -> AnyField:
        return cast(AnyField, self.model._meta.get_field(column))

    def many_to_many(self, column: str) -> AnyManyToMany:
        return cast(AnyManyToMany, self.model._meta.get_field(column))

    def is_foreign_key(self, column: str) -> bool:
        return isinstance(self.field(column), models.ForeignKey)

    def is_many_to_many(self, column: str) -> bool:
        return isinstance(self.field(column), models.ManyToManyField)

    def through(self, column: str) -> type[models.Model]:
        """The model of the links in a many-to-many field."""
        return cast(type[models.Model], self.many_to_many(column).remote_field.through)

    def to_python(self, column: str, value: object) -> object:
        """An archived value in Python's type. Raises ValidationError."""
        return self.field(column).to_python(value)
