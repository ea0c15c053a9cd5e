"""Sends the API of a new library all that its schema allows and much that it does not: `python -m tests.fuzz_api`.

Once for each role with each single scope, with all of them and with none, on gunicorn and SQLite or the PostgreSQL
server of `--database`. Prints how many cases each has taken, and fails if one was answered otherwise than the schema
says.
"""

import argparse
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import django
import requests

from tests.chaos.site import a_database

ROOT = Path(__file__).parents[1]
START_SECONDS = 60


def main() -> int:
    options = _parse_options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # leaving no server and no database behind
    with tempfile.TemporaryDirectory(prefix="fuzz-api-") as name, a_database(options.database, Path(name)) as database:
        folder = Path(name)
        os.environ |= _environment(folder, database)
        tokens = dict(_make_library())
        with _serve(folder) as url:
            chosen = [(who, token) for who, token in tokens.items() if options.only in who]
            results = [_fuzz(url, who, token, folder, options) for who, token in chosen]
    print(f"{sum(cases for cases, _ in results):,} cases, {sum(failed for _, failed in results)} failures")
    return 1 if any(failed for _, failed in results) else 0


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", default="", help="a PostgreSQL server; without it, an SQLite file")
    parser.add_argument("--examples", type=int, default=5, help="of each operation, beside those of the edges")
    parser.add_argument("--only", default="", help="a part of “role, scope”, such as “manager” or “viewer, read”")
    parser.add_argument("--seed", type=int, help="that of a run with a failure, to repeat it")
    parser.add_argument("--phases", default="examples,coverage,fuzzing,stateful", help="those of schemathesis")
    parser.add_argument("--reports", type=Path, help="a folder for what schemathesis says of each run")
    return parser.parse_args()


def _environment(folder: Path, database: str) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "tests.support.production",
        "STATIC_ROOT": str(folder / "static"),
        "DATABASE_URL": database,
        "MEDIA_ROOT": str(folder / "media"),
        "DISK_RESERVE_BYTES": "0",
        "API_REQUESTS_PER_MINUTE": "1000000",
    }


def _make_library() -> Iterator[tuple[str, str]]:
    """A token for each role and choice of scopes, and a few assets for them to find."""
    django.setup()
    from django.core.management import call_command

    from assets.models import Role
    from assets.models.tokens import Scope
    from tests.support.factories import a_user, an_asset
    from tests.support.programs import a_token

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    people = {role: a_user(role=role) for role in Role}
    for role, visibility in itertools.product((Role.MEMBER, Role.MANAGER), ("team", "private")):
        an_asset(owner=people[role], visibility=visibility).set_labels(tags=["sea"], collections=["Trips/2024"])
    for role, person in people.items():
        for scopes in (*((scope,) for scope in Scope), tuple(Scope), ()):
            name = "all scopes" if len(scopes) > 1 else "".join(scopes) or "no scope"
            yield f"{role}, {name}", a_token(person, *scopes)


@contextmanager
def _serve(folder: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        bind = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "gunicorn", "tests.support.far_clients", "--bind", bind]
    with (folder / "site.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        _wait_for(f"http://{bind}/healthz")
        yield f"http://{bind}/api"
    finally:
        process.terminate()
        process.wait()


def _wait_for(url: str) -> None:
    for _ in range(START_SECONDS * 5):
        with suppress(requests.RequestException):
            requests.get(url, timeout=5)
            return
        time.sleep(0.2)
    raise TimeoutError(url)


def _fuzz(url: str, who: str, token: str, folder: Path, options: argparse.Namespace) -> tuple[int, int]:
    """How many cases there were, and how many failures."""
    started, report = time.monotonic(), (options.reports or folder) / f"{who.replace(', ', '-').replace(' ', '-')}.json"
    command = [
        *(sys.executable, "-m", "tests.support.fuzz_requests", "run", f"{url}/openapi.json", "--url", f"{url}/v1"),
        *("--header", f"Authorization: Bearer {token}", "--max-examples", str(options.examples)),
        *("--phases", options.phases, "--continue-on-failure", "--generation-database", "none", "--warnings", "off"),
        *("--report", "json", "--report-json-path", str(report)),
        *(("--seed", str(options.seed)) if options.seed is not None else ()),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    cases, failures = _read_report(report)
    seconds = time.monotonic() - started
    print(f"{who}: {cases:,} cases, {failures} failures, {seconds:.0f} s", flush=True)
    if done.returncode:
        print(done.stdout[-20_000:], done.stderr, flush=True)
    return cases, failures or int(done.returncode > 0)


def _read_report(report: Path) -> tuple[int, int]:
    found: dict[str, dict[str, Any]] = json.loads(report.read_text())
    return found["test_cases"]["generated"], found["test_cases"]["unique_failures"]


if __name__ == "__main__":
    sys.exit(main())
