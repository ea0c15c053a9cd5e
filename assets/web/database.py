from django.db import connection


def release_connection() -> None:
    """Before waiting for a client: let other threads have the connection, where they share them (see wsgi.py)."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
