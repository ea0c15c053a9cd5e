"""What the table of tasks needs beyond what django-tasks-db gives it: indexes, and a call to waiting workers.

They are created after every `migrate`, not in a migration: that library may rebuild its table.
"""

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations import Migration

APP = "django_tasks_database"
TABLE = f"{APP}_dbtaskresult"
# PostgreSQL tells the workers that listen to this channel of every task that is to run.
CHANNEL = "asset_library_tasks"

_INDEXES = [
    f"CREATE INDEX IF NOT EXISTS tasks_to_run ON {TABLE} (queue_name, run_after, enqueued_at) WHERE status = 'READY'",
    f"CREATE INDEX IF NOT EXISTS tasks_by_status ON {TABLE} (status, finished_at)",
]
_NOTIFICATION = f"""
CREATE OR REPLACE FUNCTION notify_of_task() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_notify('{CHANNEL}', ''); RETURN NULL; END $$;
CREATE OR REPLACE TRIGGER notify_of_task AFTER INSERT OR UPDATE OF run_after, status ON {TABLE}
    FOR EACH ROW WHEN (NEW.status = 'READY') EXECUTE FUNCTION notify_of_task();
"""


def drop_trigger(sender: AppConfig, plan: list[tuple[Migration, bool]], using: str, **kwargs: object) -> None:
    """Receives `pre_migrate`: PostgreSQL changes no column that a trigger uses. `create()` makes it again."""
    connection = connections[using]
    if connection.vendor == "postgresql" and any(migration.app_label == APP for migration, _ in plan):
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER IF EXISTS notify_of_task ON {TABLE}")


def create(sender: AppConfig, using: str = DEFAULT_DB_ALIAS, **kwargs: object) -> None:
    """Receives `post_migrate`."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if TABLE not in connection.introspection.table_names(cursor):
            return
        for statement in [*_INDEXES, *([_NOTIFICATION] if connection.vendor == "postgresql" else [])]:
            cursor.execute(statement)
