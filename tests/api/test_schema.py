"""The schema of the API: as it is committed, without a change that breaks programs, and as the server answers."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import strategies
from schemathesis.specs.openapi.checks import ignored_auth

from assets.models import Role
from assets.models.tokens import Scope
from tests.openapi import render
from tests.support.factories import a_user, an_asset
from tests.support.programs import a_token

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "docs/openapi.json"
# Of each operation. `API_EXAMPLES=300` makes some ten thousand of it.
EXAMPLES = int(os.environ.get("API_EXAMPLES", "3"))


def test_the_committed_schema_is_the_one_of_this_code():
    assert COMMITTED.read_text() == render(), "run python -m tests.openapi > docs/openapi.json"


Json = dict[str, Any]


def find_breaks(old: Json, new: Json) -> Iterator[str]:
    """What a program that was written for the old schema would stumble over: within v1, things are only added."""
    for path, methods in old["paths"].items():
        for method, before in methods.items():
            if after := new["paths"].get(path, {}).get(method):
                yield from (f"{method} {path} {words}" for words in _compare_operations(before, after))
            else:
                yield f"{method} {path} is gone"
    schemas = new["components"]["schemas"]
    for name, before in old["components"]["schemas"].items():
        yield from (f"{name}{words}" for words in _compare_schemas(before, schemas.get(name, {})))


def _compare_operations(old: Json, new: Json) -> Iterator[str]:
    known, sent = ({one["name"]: one["required"] for one in each["parameters"]} for each in (old, new))
    yield from (f"requires {name}" for name, is_required in sent.items() if is_required and name not in known)
    yield from (f"takes no {name}" for name in known if name not in sent)
    yield from (f"no longer answers {status}" for status in old["responses"] if status not in new["responses"])


def _compare_schemas(old: Json, new: Json) -> Iterator[str]:
    yield from (f".{field} is gone" for field in old.get("properties", ()) if field not in new.get("properties", ()))
    # What programs send may not have it yet.
    if old.get("additionalProperties") is False:
        yield from (f" requires {field}" for field in new.get("required", ()) if field not in old.get("required", ()))


def test_nothing_is_taken_from_the_schema_of_the_commit_before():
    shown = subprocess.run(["git", "show", "HEAD^:docs/openapi.json"], cwd=ROOT, capture_output=True, check=False)
    if shown.returncode:
        pytest.skip("needs the history of the repository")
    assert list(find_breaks(json.loads(shown.stdout), json.loads(render()))) == []


def test_what_breaks_programs_is_found():
    old = json.loads(render())
    new = json.loads(render())
    del new["paths"]["/me"], new["components"]["schemas"]["AssetOut"]["properties"]["url"]
    new["paths"]["/assets"]["get"]["parameters"][0]["required"] = True
    new["paths"]["/assets"]["get"]["parameters"][0]["name"] = "query"
    new["components"]["schemas"]["NewCollection"]["required"].append("visibility")
    assert list(find_breaks(old, new)) == [
        "get /me is gone",
        "get /assets requires query",
        "get /assets takes no q",
        "AssetOut.url is gone",
        "NewCollection requires visibility",
    ]
    assert list(find_breaks(old, old)) == []


@pytest.mark.slow
@pytest.mark.any_database
@pytest.mark.django_db(transaction=True)
def test_every_operation_answers_as_the_schema_says(live_server):
    """Whatever is sent, with each scope and role: no fault, and no answer that the schema does not know."""
    people = [a_user(role=role) for role in (Role.VIEWER, Role.MEMBER, Role.MANAGER)]
    an_asset(owner=people[1]).set_labels(tags=["sea"], collections=["Trips/2024"])
    tokens = [a_token(person) for person in people] + [a_token(people[2], scope) for scope in Scope]
    config = schemathesis.Config.from_path(ROOT / "schemathesis.toml")
    schema = schemathesis.openapi.from_url(f"{live_server.url}/api/openapi.json", config=config)
    for result in schema.get_all_operations():
        operation = result.ok()

        @hypothesis.settings(max_examples=EXAMPLES, database=None, suppress_health_check=list(hypothesis.HealthCheck))
        @hypothesis.given(case=operation.as_strategy(), token=strategies.sampled_from(tokens))
        def check(case: schemathesis.Case, token: str) -> None:
            headers = {"Authorization": f"Bearer {token}"}
            # Wrong tokens are throttled, since all come from here. `tests.fuzz_api` sends them from many networks.
            case.call_and_validate(headers=headers, timeout=30, excluded_checks=[ignored_auth])

        check()
