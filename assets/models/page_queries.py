"""The queries of the library and of an asset's page, in SQL: the ORM takes several times as long to build one as the
database takes to answer it.

tests/models/test_page_queries.py compares every answer with the ORM's, on SQLite and on PostgreSQL.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from .assets import Asset
from .cards import Card
from .labels import label_url
from .users import User

SESSION = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"
PERSON = "SELECT * FROM assets_user WHERE id = %s"
# The fields of a card, in their order. The parameter is the person who sees it.
CARDS = """
    SELECT asset.id, asset.created_at, asset.title, asset.title_key, asset.kind, asset.size, asset.visibility,
        owner.username AS owner, file.state, file.error, file.warning, file.url, file.link_status, file.media_type,
        file.width, file.height, file.duration, file.preview, file.placeholder, file.is_animated,
        file.preview_at IS NOT NULL AND file.preview = '' AS is_previewing,
        EXISTS (SELECT 1 FROM assets_favourite WHERE asset_id = asset.id AND user_id = %s) AS is_favourite
    FROM assets_asset AS asset
    JOIN assets_storedfile AS file ON file.id = asset.stored_file_id
    JOIN assets_user AS owner ON owner.id = asset.owner_id
"""
VISIBLE = "WHERE (asset.visibility = 'team' AND asset.trashed_at IS NULL OR asset.owner_id = %s)"
CURRENT = "AND asset.trashed_at IS NULL"
SAME_CONTENT = "AND asset.stored_file_id = %s AND asset.id <> %s ORDER BY asset.created_at DESC, asset.id DESC LIMIT %s"
LABELS = """
    SELECT 'tags', tag.name, tag.key, tag.id
    FROM assets_tag AS tag JOIN assets_asset_tags AS link ON link.tag_id = tag.id
    WHERE link.asset_id = %s
    UNION ALL
    SELECT 'collections', collection.path, collection.key, collection.id
    FROM assets_collection AS collection JOIN assets_asset_collections AS link ON link.collection_id = collection.id
    WHERE link.asset_id = %s AND (collection.private_to_id IS NULL OR collection.private_to_id = %s)
    ORDER BY 3
"""
FILE_EVENTS = """
    SELECT 'sent', request.started_at, request.outcome, ''
    FROM assets_uploadrequest AS request JOIN assets_uploadrequest_files AS link ON link.uploadrequest_id = request.id
    WHERE link.storedfile_id = %s AND (request.finished_at IS NULL OR request.finished_at >= %s)
    UNION ALL
    SELECT 'replaced', past.replaced_at, past.why, past.url
    FROM assets_pasturl AS past
    WHERE past.stored_file_id = %s AND past.replaced_at >= %s
    ORDER BY 2 DESC, 1 LIMIT %s
"""
AUDIT_LOG = """
    SELECT entry.id, entry.timestamp, entry.action, entry.changes, entry.cid, entry.additional_data, actor.username
    FROM auditlog_logentry AS entry LEFT JOIN assets_user AS actor ON actor.id = entry.actor_id
    WHERE entry.object_pk = %s
    ORDER BY entry.timestamp DESC, entry.id DESC LIMIT %s
"""

# SQL, and its parameters.
Statement = tuple[str, list[Any]]


class Cursor(NamedTuple):
    """The position of an asset in an order: the value it is sorted by, and its id among assets with that value."""

    value: datetime | str | int
    pk: UUID

    def __str__(self) -> str:
        """As it stands in URLs; `Order.parse_cursor()` reads it."""
        value = self.value.isoformat() if isinstance(self.value, datetime) else self.value
        return f"{value}_{self.pk.hex}"


class Labels(NamedTuple):
    """Names of tags and paths of collections, with the URL of the page of each."""

    tags: list[str]
    collections: list[str]
    tag_urls: list[str]
    collection_urls: list[str]


class FileEvent(NamedTuple):
    """A request that carried a file, with its outcome, or the end of a URL, with what was wrong with it."""

    kind: str
    at: datetime
    outcome: str
    url: str


class LogRow(NamedTuple):
    """An entry of the audit log. `username` is who made the change, if it was somebody whose account still exists."""

    pk: int
    timestamp: datetime
    action: int
    changes: dict[str, Any] | None
    cid: str | None
    additional_data: dict[str, Any] | None
    username: str | None


@dataclass(frozen=True)
class AssetCards:
    """The cards on the page of an asset: its own, those before and after it in a list, others of the same content."""

    own: Card | None = None
    previous: Card | None = None
    following: Card | None = None
    same_content: list[Card] = field(default_factory=list)


def session_data(key: str, now: datetime) -> str | None:
    """The contents of a session, encoded; None if it has expired or there is none."""
    rows = _rows((SESSION, [key, _to_database("created_at", now)]))
    return rows[0][0] if rows else None


def person(pk: int) -> User | None:
    return next(iter(User.objects.raw(PERSON, [pk])), None)


def visible_cards(user: User, order_by: str, *, after: Cursor | None = None, size: int) -> list[Card]:
    """The first of all that a person sees, or the first after a cursor. `order_by`: a column, with `-` descending."""
    return [_card(row) for row in _rows(_visible(user, order_by, after, size))]


def cards_by_id(user: User, pks: Sequence[UUID]) -> dict[UUID, Card]:
    """The cards of these assets, whoever may see them."""
    return {card.pk: card for card in map(_card, _rows(_by_id(user, pks)))} if pks else {}


def asset_cards(user: User, asset: Asset, order_by: str, *, max_same_content: int) -> AssetCards:
    """The neighbours are those among all that the person sees."""
    column, is_descending = _sorting(order_by)
    cursor = Cursor(getattr(asset, column), asset.pk)
    previous = _visible(user, column if is_descending else f"-{column}", cursor, 1)
    following = _visible(user, order_by, cursor, 1)
    return _asset_cards(user, asset, max_same_content, previous=previous, following=following)


def asset_cards_between(
    user: User, asset: Asset, previous: UUID | None, following: UUID | None, *, max_same_content: int
) -> AssetCards:
    """The neighbours are known already."""
    neighbours = {"previous": previous, "following": following}
    statements = {name: _by_id(user, [pk]) for name, pk in neighbours.items() if pk}
    return _asset_cards(user, asset, max_same_content, **statements)


def asset_labels(user: User, asset: Asset) -> Labels:
    """The labels of an asset that a person may see, sorted by their keys."""
    pk = _to_database("id", asset.pk)
    rows = _rows((LABELS, [pk, pk, user.pk]))
    tags = [(name, label_url("tag", _uuid(pk), name)) for kind, name, _, pk in rows if kind == "tags"]
    collections = [
        # The key of a private one begins with a separator.
        (path, label_url("collection", _uuid(pk), path, is_private=key.startswith("/")))
        for kind, path, key, pk in rows
        if kind == "collections"
    ]
    return Labels(
        [name for name, _ in tags],
        [path for path, _ in collections],
        [url for _, url in tags],
        [url for _, url in collections],
    )


def file_events(stored_file_id: UUID, *, since: datetime, limit: int) -> list[FileEvent]:
    """The latest of what happened to a file, latest first."""
    pk, moment = _to_database("id", stored_file_id), _to_database("created_at", since)
    return [
        FileEvent(kind, _moment(at), *rest) for kind, at, *rest in _rows((FILE_EVENTS, [pk, moment, pk, moment, limit]))
    ]


def audit_log(asset: Asset, *, limit: int) -> list[LogRow]:
    """The latest entries on an asset, latest first."""
    # By id alone, since UUIDs are unique: the content type would make the database use a slower index.
    rows = _rows((AUDIT_LOG, [str(asset.pk), limit]))
    return [
        LogRow(pk, _moment(at), action, _json(changes), cid, _json(data), username)
        for pk, at, action, changes, cid, data, username in rows
    ]


# --- Statements ---


def _visible(user: User, order_by: str, after: Cursor | None, size: int) -> Statement:
    column, is_descending = _sorting(order_by)
    sign, direction = ("<", "DESC") if is_descending else (">", "ASC")
    order = f"ORDER BY asset.{column} {direction}, asset.id {direction} LIMIT %s"
    if after is None:
        return " ".join((CARDS, VISIBLE, CURRENT, order)), [user.pk, user.pk, size]
    position = [_to_database(column, after.value), _to_database("id", after.pk)]
    following = f"AND (asset.{column}, asset.id) {sign} (%s, %s)"
    return " ".join((CARDS, VISIBLE, CURRENT, following, order)), [user.pk, user.pk, *position, size]


def _sorting(order_by: str) -> tuple[str, bool]:
    """The column, and whether it is descending."""
    return order_by.removeprefix("-"), order_by.startswith("-")


def _by_id(user: User, pks: Sequence[UUID]) -> Statement:
    places = ", ".join(["%s"] * len(pks))
    return f"{CARDS} WHERE asset.id IN ({places})", [user.pk, *(_to_database("id", pk) for pk in pks)]


def _same_content(user: User, asset: Asset, limit: int) -> Statement:
    ids = [_to_database("id", pk) for pk in (asset.stored_file_id, asset.pk)]
    return " ".join((CARDS, VISIBLE, SAME_CONTENT)), [user.pk, user.pk, *ids, limit]


def _asset_cards(user: User, asset: Asset, max_same_content: int, **neighbours: Statement) -> AssetCards:
    statements = {
        "own": _by_id(user, [asset.pk]),
        **neighbours,
        "same_content": _same_content(user, asset, max_same_content),
    }
    cards: dict[str, list[Card]] = defaultdict(list)
    for name, *row in _rows(_unite(statements)):
        cards[name].append(_card(row))
    own, previous, following = (next(iter(cards[name]), None) for name in ("own", "previous", "following"))
    return AssetCards(own, previous, following, cards["same_content"])


def _unite(statements: Mapping[str, Statement]) -> Statement:
    """The rows of all of them, each behind the name of its statement."""
    parts = (" ".join(("SELECT %s, card.* FROM (", sql, ") AS card")) for sql, _ in statements.values())
    parameters = [value for name, (_, values) in statements.items() for value in (name, *values)]
    return " UNION ALL ".join(parts), parameters


def _rows(statement: Statement) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        return list(cursor.fetchall())


# --- Values, which SQLite keeps in forms of its own ---


def _to_database(column: str, value: Any) -> Any:
    """A value for a column of assets, or for one of the same kind."""
    field: Any = Asset._meta.get_field(column)
    return field.get_db_prep_value(value, connection)


def _card(row: Iterable[Any]) -> Card:
    pk, created_at, *plain = row
    return Card._make((_uuid(pk), _moment(created_at), *plain[:-3], *map(bool, plain[-3:])))


def _uuid(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def _moment(value: datetime | str) -> datetime:
    """SQLite gives a naive moment for a column, and its text where the column came through a subquery."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
