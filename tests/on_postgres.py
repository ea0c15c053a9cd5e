"""Runs the tests on PostgreSQL: `python -m tests.on_postgres [pytest arguments]`.

Without the browser's, and without those that are the same on any database.

The server is TEST_DATABASE_URL, or one on this machine that the current user may create databases on. Without
either it says what to install and passes, unless REQUIRE_ALL_TESTS is set.
"""

import os
import subprocess
import sys

import psycopg

HOW = (
    "PostgreSQL tests skipped: no server. Install one (Debian: apt-get install postgresql; macOS: brew install "
    "postgresql@17) and create a role for yourself (createuser --createdb $USER), or set "
    "TEST_DATABASE_URL=postgres://user:password@host/postgres."
)


def server() -> str | None:
    """The address of a server that can be used."""
    for address in filter(None, [os.environ.get("TEST_DATABASE_URL"), "postgres:///postgres"]):
        try:
            with psycopg.connect(address, connect_timeout=3) as connection:
                found = connection.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
                if (row := found.fetchone()) and row[0]:
                    return address
        except psycopg.OperationalError as error:
            reason = str(error).strip().splitlines()[0]
            sys.stderr.write(f"{address.rpartition('@')[2]}: {reason}\n")
    return None


def main() -> int:
    address = server()
    if address is None:
        sys.stderr.write(HOW + "\n")
        return 1 if os.environ.get("REQUIRE_ALL_TESTS") else 0
    command = [sys.executable, "-m", "pytest", "-m", "not browser and not any_database", *sys.argv[1:]]
    return subprocess.run(command, env={**os.environ, "DATABASE_URL": address}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
