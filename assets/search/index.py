"""The indexes behind search: trigrams for words (pg_trgm on PostgreSQL, FTS5 on SQLite) and prefixes for URLs.

PostgreSQL uses its index for `search_text LIKE '%…%'` by itself. On SQLite the index is a separate table, maintained by
triggers, that gives candidates; the filter on `search_text` decides, so both databases give the same answers.

The indexes are created after every `migrate`, not in a migration: SQLite changes a table by rebuilding it, which drops
its triggers.
"""

from collections.abc import Sequence

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.utils import CursorWrapper
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Left
from django.db.models.lookups import StartsWith

# If more assets match, scanning from the newest is faster.
MAX_CANDIDATES = 3000
# How many characters of a URL are indexed: PostgreSQL refuses longer index rows.
INDEXED_URL_LENGTH = 200

# Every search scans the pending list, and with its default limit of 4 MB that takes longer than the search itself.
_POSTGRESQL = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX IF NOT EXISTS asset_search_trigrams ON assets_asset USING gin (search_text gin_trgm_ops);
ALTER INDEX asset_search_trigrams SET (gin_pending_list_limit = 256);
ALTER TABLE assets_asset ALTER search_text SET STATISTICS 1000;
CREATE INDEX IF NOT EXISTS stored_file_url ON assets_storedfile (left(url, 200) text_pattern_ops);
CREATE INDEX IF NOT EXISTS past_url_url ON assets_pasturl (left(url, 200) text_pattern_ops);
"""
# With an integer key of its own: VACUUM may renumber the rows of a table that has none.
_SQLITE = [
    "CREATE TABLE IF NOT EXISTS assets_search_key (id integer PRIMARY KEY, asset_id char(32) NOT NULL UNIQUE)",
    "CREATE VIRTUAL TABLE IF NOT EXISTS assets_search USING fts5"
    "(text, content='', detail=none, tokenize='trigram case_sensitive 1')",
    """CREATE TRIGGER IF NOT EXISTS assets_search_insert AFTER INSERT ON assets_asset BEGIN
        INSERT INTO assets_search_key (asset_id) VALUES (new.id);
        INSERT INTO assets_search (rowid, text)
            SELECT id, new.search_text FROM assets_search_key WHERE asset_id = new.id;
    END""",
    """CREATE TRIGGER IF NOT EXISTS assets_search_update AFTER UPDATE OF search_text ON assets_asset
        WHEN old.search_text <> new.search_text BEGIN
        INSERT INTO assets_search (assets_search, rowid, text)
            SELECT 'delete', id, old.search_text FROM assets_search_key WHERE asset_id = new.id;
        INSERT INTO assets_search (rowid, text)
            SELECT id, new.search_text FROM assets_search_key WHERE asset_id = new.id;
    END""",
    """CREATE TRIGGER IF NOT EXISTS assets_search_delete AFTER DELETE ON assets_asset BEGIN
        INSERT INTO assets_search (assets_search, rowid, text)
            SELECT 'delete', id, old.search_text FROM assets_search_key WHERE asset_id = old.id;
        DELETE FROM assets_search_key WHERE asset_id = old.id;
    END""",
    "CREATE INDEX IF NOT EXISTS stored_file_url ON assets_storedfile (url)",
    "CREATE INDEX IF NOT EXISTS past_url_url ON assets_pasturl (url)",
]
_HAS_MISSED_CHANGES = "SELECT count(*) = 1 FROM sqlite_master WHERE name IN ('assets_search', 'assets_search_update')"
_FORGET = ["INSERT INTO assets_search (assets_search) VALUES ('delete-all')", "DELETE FROM assets_search_key"]
_MATCHES = (
    "SELECT key.asset_id FROM assets_search JOIN assets_search_key key ON key.id = assets_search.rowid "
    "WHERE assets_search MATCH %s"
)
_COUNT = " ".join(("SELECT count(*) FROM (", _MATCHES, "LIMIT %s)"))


def create_indexes(*, using: str = DEFAULT_DB_ALIAS, **_: object) -> None:
    """Create the indexes that are missing (receiver of `post_migrate`)."""
    database = connections[using]
    if "assets_asset" not in database.introspection.table_names():
        return
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            cursor.execute(_POSTGRESQL)
        else:
            # A migration that rebuilt the table may have changed its rows without the triggers.
            cursor.execute(_HAS_MISSED_CHANGES)
            has_missed_changes = cursor.fetchone()[0]
            for statement in [*_SQLITE, *(_FORGET if has_missed_changes else [])]:
                cursor.execute(statement)
            _index_existing_assets(cursor)


def _index_existing_assets(cursor: CursorWrapper) -> None:
    cursor.execute("SELECT coalesce(max(id), 0) FROM assets_search_key")
    last = cursor.fetchone()[0]
    cursor.execute(
        "INSERT INTO assets_search_key (asset_id) SELECT id FROM assets_asset "
        "WHERE NOT EXISTS (SELECT 1 FROM assets_search_key key WHERE key.asset_id = assets_asset.id)"
    )
    cursor.execute(
        "INSERT INTO assets_search (rowid, text) SELECT key.id, asset.search_text FROM assets_search_key key "
        "JOIN assets_asset asset ON asset.id = key.asset_id WHERE key.id > %s",
        [last],
    )


def filter_candidates(texts: Sequence[str]) -> Q:
    """A filter that every asset with all of `texts` in its `search_text` passes; empty where it would not be faster."""
    grams = sorted({text[start : start + 3] for text in texts for start in range(len(text) - 2)})
    if connection.vendor != "sqlite" or not grams:
        return Q()
    match = " AND ".join('"{}"'.format(gram.replace('"', '""')) for gram in grams)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [match, MAX_CANDIDATES + 1])
        count = cursor.fetchone()[0]
    return Q(pk__in=RawSQL(_MATCHES, [match])) if count <= MAX_CANDIDATES else Q()  # noqa: S611  (a constant)


def filter_url_prefix(prefix: str) -> Q:
    """A filter for rows whose `url` starts with `prefix`."""
    if connection.vendor == "sqlite":
        return Q(url__gte=prefix, url__lt=f"{prefix}\U0010ffff")
    return Q(StartsWith(Left("url", INDEXED_URL_LENGTH), prefix[:INDEXED_URL_LENGTH]), url__startswith=prefix)
