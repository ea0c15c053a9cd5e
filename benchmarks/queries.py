"""What a page asks of the database, in the environment of a library's settings.

    python -m benchmarks.queries [--explain] PATH…

Each page is asked for through Django's test client as the first person, those of `/admin/` as the one whom
`--administrator` names. Prints JSON: the number of queries of each path. With `--explain`, prints every query with its
time and the database's plan.
"""

import argparse
import json
import sys

import django


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--explain", action="store_true")
    parser.add_argument("--administrator", default="person0", help="who asks for the pages of /admin/")
    parser.add_argument("paths", nargs="+")
    options = parser.parse_args()
    django.setup()
    from django.contrib.auth import get_user_model
    from django.test import Client

    def as_person(username: str) -> Client:
        client = Client(headers={"host": "127.0.0.1"})
        client.force_login(get_user_model().objects.get(username=username))
        return client

    member, administrator = as_person("person0"), as_person(options.administrator)
    asked = {path: queries_of(administrator if "/admin/" in path else member, path) for path in options.paths}
    if options.explain:
        for path, queries in asked.items():
            explain(path, queries)
    else:
        sys.stdout.write(json.dumps({path: len(queries) for path, queries in asked.items()}))


def queries_of(client, path: str) -> list[dict[str, str]]:
    """The queries of the page's second answer: the first one fills caches."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    assert answer.status_code == 200, f"{path} answered {answer.status_code}"
    return captured.captured_queries


def explain(path: str, queries: list[dict[str, str]]) -> None:
    from django.db import connection

    sys.stdout.write(f"\n=== {path}: {len(queries)} queries\n")
    prefix = "EXPLAIN (ANALYZE, BUFFERS)" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    for query in queries:
        sys.stdout.write(f"\n--- {float(query['time']) * 1000:.0f} ms: {query['sql']}\n")
        if query["sql"].startswith("SELECT"):
            with connection.cursor() as cursor:
                cursor.execute(f"{prefix} {query['sql']}".replace("%", "%%"))
                sys.stdout.writelines(f"    {row[-1]}\n" for row in cursor.fetchall())


if __name__ == "__main__":
    main()
