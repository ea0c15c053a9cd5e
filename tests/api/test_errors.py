"""Every error is a problem with a stable code, whatever raised it; tokens alone sign in."""

import pytest
from django.test import Client

from tests.support.factories import an_asset

pytestmark = pytest.mark.django_db


def check(response, status, code):
    assert response.status_code == status, response.content
    assert response["content-type"] == "application/problem+json"
    problem = response.json()
    assert set(problem) - {"errors"} == {"type", "title", "status", "code", "detail"}
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["detail"].endswith("."), problem["detail"]
    return problem


def test_without_a_token_nothing_is_told(as_ana, ana):
    """A session does not count: whatever a browser sends along, there is no forgery to fear."""
    asset = an_asset(owner=ana)
    for path in ("/me", "/assets", f"/assets/{asset.pk}", f"/assets/{asset.pk}/original"):
        for client in (Client(), as_ana):
            response = client.get(f"/api/v1{path}", headers={"accept": "text/html"})
            check(response, 401, "unauthorized")
            assert response["www-authenticate"].startswith("Bearer")


def test_every_kind_of_error_is_a_problem(program, ana, settings):
    problem = check(program.get("/assets/"), 404, "not_found")
    assert problem["detail"].startswith("There is no operation at this address."), problem
    assert problem["detail"].endswith("See http://testserver/api/docs.")
    check(program.get("/assets/00000000-0000-0000-0000-000000000000"), 404, "not_found")
    check(program.get("/assets/nonsense"), 404, "not_found")
    problem = check(program.delete("/me"), 405, "method_not_allowed")
    assert problem["detail"] == "This address answers GET, HEAD, OPTIONS."
    assert program.delete("/me")["allow"] == "GET, HEAD, OPTIONS"
    problem = check(program.get("/assets?limit=1000"), 422, "invalid")
    assert problem["errors"][0]["field"] == "limit"
    check(program.get("/assets?cursor=x"), 422, "invalid")
    wrong = {"ids": ["x"], "action": "tag", "label": "sea"}
    problem = check(program.post("/bulk", wrong, content_type="application/json"), 422, "invalid")
    assert [error["field"] for error in problem["errors"]] == ["ids.0", "label"]
    problem = check(program.post("/assets", {"tag": "sea"}), 422, "invalid")
    assert problem["detail"] == "tag: There is no such field."
    check(program.post("/bulk", "{", content_type="application/json"), 400, "invalid")
    check(program.post("/bulk", "x" * 3_000_000, content_type="application/json"), 413, "too_large")
    check(program.get("/"), 404, "not_found")
    check(program.get("/me", headers={"content-type": "text/plain; charset=hex"}), 400, "invalid")


def test_a_token_without_the_scope_is_told_where_to_get_one(ana, program_of):
    problem = check(program_of(ana, "upload").get("/assets"), 403, "scope")
    assert problem["detail"] == (
        "This token can only upload. Create one with the read scope at http://testserver/account/tokens/."
    )


def test_faults_are_problems_too(program, monkeypatch, settings):
    settings.API_REQUESTS_PER_MINUTE = None
    program.raise_request_exception = False
    check(program.get("/me"), 500, "server_error")


def test_requests_are_counted_and_limited(program, settings):
    settings.API_REQUESTS_PER_MINUTE = 2
    first = program.get("/me")
    assert first["ratelimit-policy"] == '"token";q=2;w=60'
    assert first["ratelimit"].startswith('"token";r=1;t=')
    program.get("/nothing")
    last = program.get("/me")
    check(last, 429, "rate_limited")
    assert 1 <= int(last["retry-after"]) <= 60


def test_the_schema_and_its_page_are_open_to_all(client):
    schema = client.get("/api/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    assert schema["paths"]["/assets"]["get"]["security"] == [{"Bearer": []}]
    assert client.get("/api/docs").status_code == 200
