"""How many assets tags and collections have: a query for many of them at once, which stops at a limit.

tests/labels/test_counts.py compares its answers with what their pages list, on SQLite and on PostgreSQL.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from .collections import Collection
from .labels import Label
from .users import User

VISIBLE = "asset.trashed_at IS NULL AND (asset.visibility = 'team' OR asset.owner_id = %s)"
OF_OTHERS = "asset.owner_id <> %s"
NESTED = """
    WITH RECURSIVE nested (id) AS (SELECT place.id UNION ALL SELECT child.id FROM nested {children})
    SELECT id FROM nested
"""
# An asset may be in several nested collections. Without a limit of its own, PostgreSQL would read all of them first.
COUNTS = """
    SELECT place.id, (
        SELECT COUNT(*) FROM (
            SELECT DISTINCT asset_id FROM (
                SELECT link.asset_id FROM ({within}) AS within {links} {assets} WHERE {condition} LIMIT %s
            ) AS found LIMIT %s
        ) AS counted
    )
    FROM {table} AS place WHERE place.id IN ({ids})
"""
MAX_PLACES_OF_ONE = 10
# A join that finds its rows by an index, for one row after the other: few are needed, whatever there is.
EACH = "CROSS JOIN {table} AS {name} ON {name}.{column} = {value}"
EACH_LATERALLY = "CROSS JOIN LATERAL (SELECT * FROM {table} WHERE {column} = {value} OFFSET 0) AS {name}"


def count_assets(labels: Sequence[Label], user: User, *, limit: int) -> dict[UUID, int]:
    """By label, the assets that the person sees, those of nested collections included."""
    return _count(labels, user, VISIBLE, limit)


def find_with_others(labels: Sequence[Label], user: User) -> set[UUID]:
    """The labels with assets of other people, trashed and private ones too."""
    return {pk for pk, count in _count(labels, user, OF_OTHERS, 1).items() if count}


def _count(labels: Sequence[Label], user: User, condition: str, limit: int) -> dict[UUID, int]:
    if not labels:
        return {}
    field = labels[0]._meta.pk
    ids = [field.get_db_prep_value(label.pk, connection) for label in labels]
    with connection.cursor() as cursor:
        cursor.execute(_sql(type(labels[0]), condition, len(ids)), [user.pk, limit * MAX_PLACES_OF_ONE, limit, *ids])
        return {field.to_python(pk): count for pk, count in cursor.fetchall()}


def _sql(model: type[Label], condition: str, ids: int) -> str:
    through, column = model.link_table()
    nested = NESTED.format(children=_each("assets_collection", "child", "parent_id", "nested.id"))
    return COUNTS.format(
        within=nested if model is Collection else "SELECT place.id",
        links=_each(through._meta.db_table, "link", column, "within.id"),
        assets=_each("assets_asset", "asset", "id", "link.asset_id"),
        condition=condition,
        table=model._meta.db_table,
        ids=", ".join(["%s"] * ids),
    )


def _each(table: str, name: str, column: str, value: str) -> str:
    join = EACH_LATERALLY if connection.vendor == "postgresql" else EACH
    return join.format(table=table, name=name, column=column, value=value)
