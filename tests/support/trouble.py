"""Trouble of the database, as it really comes: connections that are cut, and locks that outlast every patience."""

import sqlite3
import threading

import psycopg
from django.db import connection

LOCKED = 1  # seconds
# How PostgreSQL knows their connections: PGAPPNAME in the environment of a process.
WORKERS = "asset-library-workers"


def cut_database() -> None:
    """Cut the connections of workers to a PostgreSQL database, or lock an SQLite database for a while."""
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        other = sqlite3.connect(values["NAME"], isolation_level=None, check_same_thread=False, timeout=10)
        other.execute("BEGIN EXCLUSIVE")
        threading.Timer(LOCKED, other.close).start()
        return
    address = {"dbname": values["NAME"], "user": values["USER"], "password": values["PASSWORD"]}
    with psycopg.connect(**address, host=values["HOST"], port=values["PORT"]) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = %s",
            [WORKERS],
        )
