"""The two queries of the navigation, in SQL: whatever the library holds, each stops after a few rows.

tests/navigation/test_queries.py compares their answers with the ORM's, on SQLite and on PostgreSQL.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from .collections import Collection
from .labels import label_url
from .users import User

MAX_ATTENTION = 99
# Of the files in trouble, so many are looked at. With a limit, a database starts from them, and not from all assets.
MAX_TROUBLED_FILES = 5000
MAX_TAGS = 12
MAX_SEARCHES = 20
MAX_AT_THE_TOP = 30
MAX_NESTED = 120


def _fill(sql: str, **parts: str) -> str:
    """SQL with its {parts}, which are all SQL of this module."""
    for name, part in parts.items():
        sql = sql.replace(f"{{{name}}}", part)
    return sql


VISIBLE = "(asset.visibility = 'team' AND asset.trashed_at IS NULL OR asset.owner_id = %(user)s)"
# A scalar subquery is evaluated for one row after the other; a database might join all rows for an EXISTS.
HAS_ASSETS = """
    (SELECT 1 FROM assets_asset_{noun}s AS link JOIN assets_asset AS asset ON asset.id = link.asset_id
    WHERE link.{noun}_id = {row}.id AND {visible} LIMIT 1) = 1
"""
# Whether the person sees the collections whose {column} is the place, or one nested in them.
IS_SEEN = _fill(
    """
    (WITH RECURSIVE nested (id, made_by_id) AS (
        SELECT head.id, head.made_by_id FROM assets_collection AS head WHERE head.{column} = place.id
        UNION ALL
        SELECT child.id, child.made_by_id
        FROM assets_collection AS child JOIN nested ON child.parent_id = nested.id
    )
    SELECT 1 FROM nested
    WHERE place.private_to_id IS NOT NULL OR nested.made_by_id = %(user)s OR {has_assets}
    LIMIT 1) = 1
    """,
    has_assets=_fill(HAS_ASSETS, noun="collection", row="nested", visible=VISIBLE),
)
PLACE = _fill(
    """
    SELECT place.id, place.name, place.path, place.key, place.parent_id, place.private_to_id
    FROM assets_collection AS place
    WHERE (place.private_to_id IS NULL OR place.private_to_id = %(user)s) AND {is_seen}
    """,
    is_seen=_fill(IS_SEEN, column="id"),
)
AT_THE_TOP = PLACE + "AND place.parent_id IS NULL ORDER BY place.parent_id, place.key LIMIT %(top)s"
NAMED = PLACE + "AND place.key IN ({keys})"
NESTED = _fill(
    """
    {place} AND place.parent_id IN (SELECT id FROM assets_collection WHERE key IN ({keys}) OR id IN ({opened}))
    ORDER BY place.parent_id, place.key LIMIT %(nested)s
    """,
    place=PLACE,
)
COLLECTIONS = _fill(
    """
    SELECT place.*, CASE WHEN {is_seen} THEN 1 ELSE 0 END AS has_nested FROM ({parts}) AS place ORDER BY place.key
    """,
    is_seen=_fill(IS_SEEN, column="parent_id"),
)
PART = "SELECT * FROM ({part}) AS part"
# With a CROSS JOIN, SQLite stops looking at files once the limit is reached; with any other, it lists them all first.
TROUBLED = _fill(
    """
    SELECT id FROM (
        SELECT asset.id
        FROM (SELECT file.id FROM assets_storedfile AS file WHERE {trouble} LIMIT %(files)s) AS file
        CROSS JOIN assets_asset AS asset
        WHERE asset.stored_file_id = file.id AND asset.trashed_at IS NULL AND {visible} LIMIT %(attention)s
    ) AS troubled
    """,
    visible=VISIBLE,
)
# Each is what a partial index is of.
TROUBLES = (
    "NOT file.state = 'stored' AND file.state = 'failed'",
    "NOT file.link_status = 'verified' AND file.link_status IN ('broken', 'changed') AND NOT file.url = ''",
    "NOT file.warning = ''",
)
SHORT_LISTS = _fill(
    """
    SELECT 'attention', '', '', '', '', COUNT(*)
    FROM (SELECT id FROM ({attention}) AS one LIMIT %(attention)s) AS counted
    UNION ALL
    SELECT 'outputs', '', '', '', '', COUNT(*) FROM assets_generationhistory AS history WHERE history.is_on
    UNION ALL
    SELECT 'tag', CAST(id AS text), name, '', '', 0 FROM (
        SELECT tag.id, tag.name FROM assets_tag AS tag WHERE {has_assets}
        ORDER BY tag.use_count DESC, tag.key LIMIT %(tags)s
    ) AS tag
    UNION ALL
    SELECT 'search', CAST(id AS text), name, text, sort, 0 FROM (
        SELECT search.id, search.name, search.text, search.sort FROM assets_savedsearch AS search
        WHERE search.is_pinned AND (search.owner_id = %(user)s OR search.owner_id IS NULL)
        ORDER BY search.owner_id IS NULL, search.position, search.id LIMIT %(searches)s
    ) AS search
    UNION ALL
    SELECT 'sets', '', '', '', '', COUNT(*)
    FROM (SELECT one.id FROM assets_referenceset AS one WHERE {seen} LIMIT 1) AS first_set
    UNION ALL
    SELECT 'set', CAST(id AS text), title, '', '', 0 FROM (
        SELECT one.id, one.title
        FROM assets_setpin AS pin JOIN assets_referenceset AS one ON one.id = pin.reference_set_id
        WHERE pin.user_id = %(user)s AND {seen} ORDER BY pin.id LIMIT %(searches)s
    ) AS pinned_set
    """,
    seen="one.deleted_at IS NULL AND (one.visibility = 'team' OR one.owner_id = %(user)s)",
    attention=" UNION ".join(_fill(TROUBLED, trouble=trouble) for trouble in TROUBLES),
    has_assets=_fill(HAS_ASSETS, noun="tag", row="tag", visible=VISIBLE),
)


class CollectionInSight(NamedTuple):
    """`has_nested`: whether the person sees some of the collections within it."""

    pk: UUID
    name: str
    path: str
    key: str
    parent_id: UUID | None
    private_to_id: int | None
    has_nested: bool

    @property
    def url(self) -> str:
        return label_url("collection", self.pk, self.path, is_private=self.private_to_id is not None)


class PinnedSearch(NamedTuple):
    pk: UUID
    name: str
    text: str
    sort: str


class PinnedSet(NamedTuple):
    pk: UUID
    title: str


class UsedTag(NamedTuple):
    pk: UUID
    name: str


class ShortLists(NamedTuple):
    """`attention` counts up to `MAX_ATTENTION + 1`; the tags most used come first, one more than `MAX_TAGS`.

    `has_outputs`: what models made is kept here.
    """

    attention: int
    has_outputs: bool
    tags: list[UsedTag]
    searches: list[PinnedSearch]
    sets: list[PinnedSet]
    has_sets: bool


def short_lists(user: User) -> ShortLists:
    limits = {
        "attention": MAX_ATTENTION + 1, "files": MAX_TROUBLED_FILES, "tags": MAX_TAGS + 1, "searches": MAX_SEARCHES,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(SHORT_LISTS, {"user": user.pk, **limits})
        rows = cursor.fetchall()
    return ShortLists(
        attention=next(number for kind, *_, number in rows if kind == "attention"),
        has_outputs=any(number for kind, *_, number in rows if kind == "outputs"),
        tags=[UsedTag(UUID(pk), name) for kind, pk, name, *_ in rows if kind == "tag"],
        searches=[PinnedSearch(UUID(pk), *rest) for kind, pk, *rest, _ in rows if kind == "search"],
        sets=[PinnedSet(UUID(pk), title) for kind, pk, title, *_ in rows if kind == "set"],
        has_sets=any(number for kind, *_, number in rows if kind == "sets"),
    )


def collections_in_sight(
    user: User, *, keys: Sequence[str] = (), opened: Sequence[UUID] = ()
) -> list[CollectionInSight]:
    """Collections that the person sees, in the order of their keys.

    The first of the top level, one more than `MAX_AT_THE_TOP`; those with these keys; and some of those directly
    within the latter and within the opened ones.
    """
    parts = (AT_THE_TOP, *([NAMED] if keys else []), *([NESTED] if keys or opened else []))
    return _collections(user, parts, keys, opened)


def collections_in(user: User, parent: UUID) -> list[CollectionInSight]:
    """The collections directly within another one that the person sees."""
    return _collections(user, (NESTED,), (), [parent])


def _collections(
    user: User, parts: tuple[str, ...], keys: Sequence[str], opened: Sequence[UUID]
) -> list[CollectionInSight]:
    to_id = Collection._meta.pk.get_db_prep_value
    key_values = {f"key{number}": key for number, key in enumerate(keys)}
    id_values = {f"id{number}": to_id(pk, connection) for number, pk in enumerate(opened)}
    limits = {"top": MAX_AT_THE_TOP + 1, "nested": MAX_NESTED}
    parameters = {"user": user.pk, **limits, **key_values, **id_values}
    with connection.cursor() as cursor:
        cursor.execute(_collections_sql(parts, tuple(key_values), tuple(id_values)), parameters)
        return [
            CollectionInSight(_uuid(pk), name, path, key, parent and _uuid(parent), private_to, bool(has_nested))
            for pk, name, path, key, parent, private_to, has_nested in cursor.fetchall()
        ]


@cache
def _collections_sql(parts: tuple[str, ...], keys: tuple[str, ...], opened: tuple[str, ...]) -> str:
    names = {"keys": _names(keys), "opened": _names(opened)}
    united = " UNION ".join(_fill(PART, part=_fill(part, **names)) for part in parts)
    return _fill(COLLECTIONS, parts=united)


def _names(parameters: tuple[str, ...]) -> str:
    """The parameters of an IN, which cannot be empty."""
    return ", ".join(f"%({name})s" for name in parameters) or "NULL"


def _uuid(value: UUID | str) -> UUID:
    """SQLite keeps ids as text."""
    return value if isinstance(value, UUID) else UUID(value)
