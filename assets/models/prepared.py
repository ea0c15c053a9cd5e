"""Queries that are asked again and again, like the one for a person at each of their requests."""

import copy
from typing import Any, Generic, TypeVar

from django.db import connections
from django.db.models import Expression, Field, QuerySet
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler

RowT = TypeVar("RowT")


class Parameter(Expression):
    """Stands in a query for a value that is given when it is asked: the one of that number, a value of that field."""

    def __init__(self, number: int, field: "Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.number = number

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> Any:
        return "%s", [self]

    def value_of(self, given: tuple[Any, ...], connection: Any) -> Any:
        return self.output_field.get_db_prep_value(given[self.number], connection)


class Prepared(Generic[RowT]):
    """Asks for the rows of a queryset, whose SQL is put together once: for a few rows that takes longer than the
    database does.
    """

    def __init__(self, queryset: "QuerySet[Any, RowT]") -> None:
        self._queryset = queryset.all()
        self._compiler = queryset.query.get_compiler(queryset.db)
        self._sql, self._parameters = self._compiler.as_sql()

    def rows(self, *given: Any) -> list[RowT]:
        """The rows that there are now, with these values for its parameters."""
        connection = connections[self._queryset.db]
        parameters = [
            each.value_of(given, connection) if isinstance(each, Parameter) else each for each in self._parameters
        ]
        compiler: Any = copy.copy(self._compiler)
        compiler.connection = connection  # of this thread
        compiler.as_sql = lambda *args, **options: (self._sql, parameters)
        asked = self._queryset.all()
        query: Any = asked.query
        query.__class__ = _PreparedQuery
        query.compiler_at_hand = compiler
        return list(asked)


class _PreparedQuery(Query):
    """Has a compiler that is done with its work."""

    compiler_at_hand: SQLCompiler

    def get_compiler(self, using: Any = None, connection: Any = None, elide_empty: bool = True) -> SQLCompiler:
        return self.compiler_at_hand
