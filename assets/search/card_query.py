"""Cards, asked for in SQL: nearly every page needs one of these queries, and the ORM takes several times as long to put
one together as a database takes to answer it.

tests/search/test_card_query.py compares their answers with the ORM's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from assets.models import Asset
from assets.models.assets import User
from assets.models.cards import Card
from assets.search.pagination import Order, Place

# The fields of a card, in their order. The parameter is who looks at it.
CARDS = """
    SELECT asset.id, asset.created_at, asset.title, asset.title_key, asset.kind, asset.size, asset.visibility,
        owner.username AS owner, file.state, file.error, file.url, file.link_status, file.media_type, file.width,
        file.height, file.duration, file.preview, file.placeholder, file.is_animated,
        EXISTS (SELECT 1 FROM assets_favourite WHERE asset_id = asset.id AND user_id = %s) AS is_favourite
    FROM assets_asset AS asset
    JOIN assets_storedfile AS file ON file.id = asset.stored_file_id
    JOIN auth_user AS owner ON owner.id = asset.owner_id
"""
VISIBLE = "WHERE (asset.visibility = 'team' AND asset.trashed_at IS NULL OR asset.owner_id = %s)"
CURRENT = "AND asset.trashed_at IS NULL"
SAME_CONTENT = "AND asset.stored_file_id = %s AND asset.id <> %s ORDER BY asset.created_at DESC, asset.id DESC LIMIT %s"

# SQL, and its parameters.
Statement = tuple[str, list[Any]]


@dataclass(frozen=True)
class Around:
    """The cards that the page of an asset leads to."""

    previous: Card | None = None
    following: Card | None = None
    same_content: list[Card] = field(default_factory=list)


def visible_cards(user: User, order: Order, *, after: Place | None, size: int) -> list[Card]:
    """So many of all that a person sees, behind a place or from the beginning."""
    return [_card(row) for row in _rows(_visible(user, order, after, size))]


def cards_by_id(user: User, pks: Sequence[UUID]) -> dict[UUID, Card]:
    """The cards of these assets by id, whoever may see them."""
    return {card.pk: card for card in map(_card, _rows(_by_id(user, pks)))} if pks else {}


def around_in_order(user: User, asset: Asset, order: Order, *, max_same_content: int) -> Around:
    """What is around an asset in an order of all that the person sees."""
    place = order.place_of(asset)
    neighbours = {
        "previous": _visible(user, order, place, 1, is_backwards=True),
        "following": _visible(user, order, place, 1),
    }
    return _around(neighbours, user, asset, max_same_content)


def around_between(
    user: User, asset: Asset, previous: UUID | None, following: UUID | None, *, max_same_content: int
) -> Around:
    """The same where the assets before and behind it are known."""
    neighbours = {"previous": previous, "following": following}
    statements = {relation: _by_id(user, [pk]) for relation, pk in neighbours.items() if pk}
    return _around(statements, user, asset, max_same_content)


def _around(neighbours: Mapping[str, Statement], user: User, asset: Asset, max_same_content: int) -> Around:
    found: dict[str, list[Card]] = {"previous": [], "following": [], "same content": []}
    for relation, *row in _rows(_unite({**neighbours, "same content": _same_content(user, asset, max_same_content)})):
        found[relation].append(_card(row))
    return Around(next(iter(found["previous"]), None), next(iter(found["following"]), None), found["same content"])


# --- Statements ---


def _visible(user: User, order: Order, after: Place | None, size: int, *, is_backwards: bool = False) -> Statement:
    is_descending = order.is_descending != is_backwards
    sign, direction = ("<", "DESC") if is_descending else (">", "ASC")
    beyond = f"AND (asset.{order.column}, asset.id) {sign} (%s, %s)" if after else ""
    place = [_to_database(order.column, after.value), _to_database("id", after.pk)] if after else []
    ordered = f"ORDER BY asset.{order.column} {direction}, asset.id {direction} LIMIT %s"
    return " ".join((CARDS, VISIBLE, CURRENT, beyond, ordered)), [user.pk, user.pk, *place, size]


def _by_id(user: User, pks: Sequence[UUID]) -> Statement:
    places = ", ".join(["%s"] * len(pks))
    return " ".join((CARDS, "WHERE asset.id IN (", places, ")")), [user.pk, *(_to_database("id", pk) for pk in pks)]


def _same_content(user: User, asset: Asset, limit: int) -> Statement:
    ids = [_to_database("id", pk) for pk in (asset.stored_file_id, asset.pk)]
    return " ".join((CARDS, VISIBLE, SAME_CONTENT)), [user.pk, user.pk, *ids, limit]


def _unite(statements: Mapping[str, Statement]) -> Statement:
    """The answers to all of them, each row with the name of its statement."""
    parts = (" ".join(("SELECT %s, card.* FROM (", sql, ") AS card")) for sql, _ in statements.values())
    parameters = [value for name, (_, values) in statements.items() for value in (name, *values)]
    return " UNION ALL ".join(parts), parameters


def _rows(statement: Statement) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        return cursor.fetchall()


# --- What SQLite keeps in another form ---


def _to_database(column: str, value: Any) -> Any:
    field: Any = Asset._meta.get_field(column)
    return field.get_db_prep_value(value, connection)


def _card(row: Iterable[Any]) -> Card:
    pk, created_at, *plain, is_animated, is_favourite = row
    return Card._make((_uuid(pk), _moment(created_at), *plain, bool(is_animated), bool(is_favourite)))


def _uuid(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def _moment(value: datetime | str) -> datetime:
    """SQLite knows a column's type and gives a moment; through a subquery it gives the text."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
