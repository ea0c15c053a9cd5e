"""The first pictures of many tags or collections at once: a few queries, whatever the number and size of them."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.sql.compiler import SQLCompiler

from .assets import Asset
from .collections import Collection, Cover
from .labels import Label
from .users import User

MAX_PICTURES = 4
# Of each label, the latest are looked at, until there are enough that the person may see.
MAX_LOOKED_AT = 200
MAX_NESTED = 20

# The nearest of the collections nested in others, with the one that each is nested in.
NESTED = """
    WITH RECURSIVE tree (root, id, key, depth) AS (
        SELECT id, id, key, 0 FROM assets_collection WHERE id IN ({places})
        UNION ALL
        SELECT tree.root, child.id, child.key, tree.depth + 1
        FROM tree JOIN assets_collection AS child ON child.parent_id = tree.id
    )
    SELECT root, id FROM (
        SELECT root, id, ROW_NUMBER() OVER (PARTITION BY root ORDER BY depth, key) AS position
        FROM tree WHERE depth > 0
    ) AS nested
    WHERE position <= %s ORDER BY position
"""


class AssetIds(Subquery):
    """The `asset_id` of the rows of a query, for each row of another one, as JSON."""

    output_field = models.TextField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[object, ...]]:
        template = "(SELECT json_group_array(asset_id) FROM (%(subquery)s) AS found)"
        return self.as_sql(compiler, connection, template)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[object, ...]]:
        template = "(SELECT json_agg(asset_id)::text FROM (%(subquery)s) AS found)"
        return self.as_sql(compiler, connection, template)


def find_pictures(labels: Sequence[Label], user: User) -> dict[UUID, list[UUID]]:
    """By label, the asset chosen as its cover or else its latest ones: with previews, and only what the person sees."""
    chosen = _find_chosen(labels, user)
    return chosen | _find_latest([label for label in labels if label.pk not in chosen], user)


def _find_chosen(labels: Sequence[Label], user: User) -> dict[UUID, list[UUID]]:
    pks = [label.pk for label in labels if isinstance(label, Collection)]
    covers = Cover.objects.filter(collection__in=pks, asset__in=_pictures(user)) if pks else Cover.objects.none()
    return {pk: [asset] for pk, asset in covers.values_list("collection", "asset")}


def _find_latest(labels: Sequence[Label], user: User) -> dict[UUID, list[UUID]]:
    """Those of a collection itself come before those of nested ones."""
    if not labels:
        return {}
    nested = _find_nested(labels) if isinstance(labels[0], Collection) else {}
    pks = [pk for label in labels for pk in (label.pk, *nested.get(label.pk, ()))]
    latest = _latest_by_label(type(labels[0]), pks, user)
    found = {label.pk: _merge(latest.get(pk, ()) for pk in (label.pk, *nested.get(label.pk, ()))) for label in labels}
    return {pk: assets[:MAX_PICTURES] for pk, assets in found.items()}


def _merge(lists: Iterable[Iterable[UUID]]) -> list[UUID]:
    return list(dict.fromkeys(pk for pks in lists for pk in pks))


def _find_nested(labels: Sequence[Label]) -> dict[UUID, list[UUID]]:
    places = ", ".join(["%s"] * len(labels))
    pk_field = Collection._meta.pk
    values = [pk_field.get_db_prep_value(label.pk, connection) for label in labels]
    nested: dict[UUID, list[UUID]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(NESTED.format(places=places), [*values, MAX_NESTED])
        for root, pk in cursor.fetchall():
            nested[pk_field.to_python(root)].append(pk_field.to_python(pk))
    return nested


def _latest_by_label(model: type[Label], pks: Iterable[UUID], user: User) -> dict[UUID, list[UUID]]:
    through, column = model.link_table()
    links = through.objects.filter(**{column: OuterRef("pk")}).order_by("-pk")
    within = through.objects.filter(**{column: OuterRef(OuterRef("pk"))}).order_by("-pk").values("pk")[:MAX_LOOKED_AT]
    # Looked up one after the other: the pictures of a whole library would be listed first.
    is_shown = Exists(_pictures(user).filter(pk=OuterRef("asset_id")))
    visible = links.filter(is_shown, pk__in=within).values("asset_id")[:MAX_PICTURES]
    rows = model._default_manager.filter(pk__in=pks).annotate(latest=AssetIds(visible)).values_list("pk", "latest")
    return {pk: [UUID(asset) for asset in json.loads(latest or "[]")] for pk, latest in rows}


def _pictures(user: User) -> QuerySet[Asset, Any]:
    return Asset.objects.visible_to(user).current().exclude(stored_file__preview="").order_by().values("pk")
