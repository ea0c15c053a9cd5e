"""Personal tokens: making and revoking them, and what becomes of their secret."""

import logging
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from assets.accounts import invitations
from assets.models import PersonalToken, Role
from tests.conftest import client_of
from tests.site.test_secrecy import read_all_rows
from tests.support.factories import a_user, an_administrator
from tests.support.programs import Program, a_token

pytestmark = pytest.mark.django_db
JSON = {"accept": "application/json"}


def post_json(client, path="/account/tokens/", **body):
    return client.post(path, body, content_type="application/json", headers=JSON)


def test_a_token_is_shown_once_and_only_its_digest_is_kept(as_ana, ana):
    response = as_ana.post("/account/tokens/", {"name": "Render farm", "scopes": ["read", "upload"], "days": "30"})
    secret = re.search(r"sal_[A-Za-z0-9]{40}\b", response.content.decode())[0]
    assert response["cache-control"].startswith("max-age=0, no-cache")
    page = as_ana.get("/account/tokens/").content.decode()
    assert "Render farm" in page
    assert secret not in page
    assert secret not in read_all_rows()
    token = ana.tokens.get()
    assert token.scopes == "read upload"
    assert timedelta(days=29) < token.expires_at - timezone.now() < timedelta(days=31)
    assert Program(secret).get("/me").json()["scopes"] == ["read", "upload"]


def test_programs_make_and_revoke_tokens_with_json(as_ana, ana):
    made = post_json(as_ana, name="CI", scopes=["read"], days=7)
    assert made.status_code == 201
    assert set(made.json()) >= {"token", "id", "prefix"}
    assert made.json()["token"].startswith(made.json()["prefix"])
    [listed] = as_ana.get("/account/tokens/", headers=JSON).json()["tokens"]
    assert "token" not in listed
    assert as_ana.delete(f"/account/tokens/{listed['id']}/").status_code == 204
    assert Program(made.json()["token"]).get("/me").status_code == 401


@pytest.mark.parametrize(("role", "allowed"), [("viewer", 1), ("member", 3), ("manager", 4), ("administrator", 4)])
def test_a_token_has_no_scope_above_the_role(role, allowed):
    person = a_user(role=Role(role))
    answers = [
        post_json(client_of(person), name="All", scopes=[scope]) for scope in ("read", "upload", "write", "admin")
    ]
    assert [answer.status_code for answer in answers] == [201] * allowed + [400] * (4 - allowed)


def test_a_lower_role_takes_scopes_away(program_of):
    person = a_user(role=Role.MANAGER)
    program = program_of(person)
    person.role = Role.VIEWER
    person.save()
    assert program.get("/me").json() | {"expires_at": ""} == {
        "username": person.username, "role": "viewer", "scopes": ["read"], "expires_at": "",
    }  # fmt: skip


@pytest.mark.parametrize("body", [{}, {"name": "x", "scopes": [{}]}, {"name": "x", "scopes": ["read"], "days": 9999}])
def test_what_is_no_token_is_refused(as_ana, body):
    assert post_json(as_ana, **body).status_code == 400


def test_closing_an_account_ends_its_tokens_for_good(ana, program, as_ana):
    an_administrator()
    invitations.close(ana)
    assert program.get("/me").status_code == 401
    invitations.reopen(ana)
    assert program.get("/me").status_code == 401
    assert not PersonalToken.objects.exists()


def test_an_expired_token_says_so(ana, program):
    ana.tokens.update(expires_at=timezone.now())
    response = program.get("/me")
    assert (response.status_code, response.json()["code"]) == (401, "unauthorized")
    assert "expired on" in response.json()["detail"]


def test_administrators_revoke_the_tokens_of_others(ana, ben, program, as_ben):
    token = ana.tokens.get()
    assert as_ben.post(f"/account/tokens/{token.pk}/").status_code == 404
    as_root = client_of(an_administrator())
    assert "Tests" in as_root.get(f"/people/{ana.pk}/").content.decode()
    assert as_root.post(f"/account/tokens/{token.pk}/", {"next": f"/people/{ana.pk}/"}).status_code == 302
    page = as_root.get(f"/people/{ana.pk}/").content.decode()
    assert "Token created" in page
    assert "Token revoked" in page


def test_use_is_noted_at_most_once_a_minute(ana, program):
    program.get("/me")
    first = ana.tokens.get().last_used_at
    program.get("/me", REMOTE_ADDR="127.0.0.9")
    assert ana.tokens.get().last_used_at == first
    ana.tokens.update(last_used_at=timezone.now() - timedelta(minutes=2))
    program.get("/me", REMOTE_ADDR="127.0.0.9")
    assert ana.tokens.get().last_used_ip == "127.0.0.9"


def test_many_wrong_tokens_have_to_wait_and_right_ones_do_not(ana, program):
    wrong = Program("sal_" + "x" * 40)
    statuses = [wrong.get("/me").status_code for _ in range(52)]
    assert statuses == [401] * 50 + [429] * 2
    assert int(wrong.get("/me")["retry-after"]) >= 1
    assert program.get("/me").status_code == 200


@pytest.mark.parametrize("secret", ["", "sal_", "nonsense", "sal_ä", "sal_\0", "sal_" + "x" * 10_000])
def test_what_is_no_token_signs_nobody_in(ana, secret):
    a_token(ana)
    assert Program(secret).get("/me").status_code == 401


def test_the_token_is_in_no_log_line_or_page(program, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    as_root = client_of(an_administrator())
    program.get("/me")
    program.get("/nothing")
    program.get("/assets?cursor=wrong")
    pages = "".join(as_root.get(path).content.decode() for path in ("/admin/", "/admin/auditlog/logentry/", "/people/"))
    for text in (read_all_rows(), caplog.text, "".join(capfd.readouterr()), pages):
        assert program.secret not in text
