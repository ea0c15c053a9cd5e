"""What browsers, proxies and other sites may keep or read of the library."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from assets.models import Role
from tests.conftest import client_of
from tests.support.factories import a_user, an_asset

ROOT = Path(__file__).parents[2]
JSON = {"accept": "application/json"}


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [{}, JSON, {"hx-request": "true"}], ids=["page", "json", "htmx"])
def test_pages_and_json_are_not_shown_from_a_cache_unasked(as_ana, ana, headers):
    asset = an_asset(owner=ana)
    for path in ("/", f"/assets/{asset.pk}/", "/activity/", "/nothing/", "/assets/export/csv/?all=1"):
        assert as_ana.get(path, headers=headers)["cache-control"] == "private, no-store", path
        kept = as_ana.get(path, headers=headers, secure=True)
        assert kept["cache-control"] == "private, no-cache", path
        assert {"Accept", "HX-Request"} <= set(kept["vary"].split(", ")), path


@pytest.mark.django_db
def test_what_a_stranger_gets_is_private_too(client):
    for path in ("/", "/accounts/login/"):
        assert client.get(path, secure=True)["cache-control"].startswith(("private", "max-age=0, no-cache"))


@pytest.mark.django_db
def test_signing_out_empties_the_cache(as_ben):
    for path in ("/accounts/logout/", "/admin/logout/"):
        as_root = client_of(a_user(role=Role.ADMINISTRATOR))
        assert as_root.post(path, secure=True)["clear-site-data"] == '"cache"'
    as_root.logout()
    answer = as_root.post("/accounts/logout/", secure=True)
    assert (answer.url, answer["clear-site-data"]) == ("/accounts/login/", '"cache"')
    sent = {"action": "sign_out_everywhere"}
    assert as_ben.post("/account/", sent, secure=True)["clear-site-data"] == '"cache"'


@pytest.mark.slow
def test_what_make_run_writes_is_for_its_owner_alone(tmp_path):
    """With stand-ins for Python and honcho, which write as the real ones do; `var/` is there from before."""
    for name in ("Makefile", ".env.example", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    for name in ("python", "honcho"):
        program = tmp_path / ".venv" / "bin" / name
        program.write_text(
            f"#!/bin/sh\nmkdir -p var/media && echo x > var/media/{name} && echo x > var/{name}.sqlite3\n"
        )
        program.chmod(0o755)
    (tmp_path / ".venv" / ".installed").touch()
    (tmp_path / "var").mkdir(mode=0o755)
    (tmp_path / "var" / "library.sqlite3").touch(mode=0o644)
    subprocess.run(["make", "run"], cwd=tmp_path, check=True, capture_output=True)
    written = [tmp_path / ".env", tmp_path / "var", *(tmp_path / "var").rglob("*")]
    assert len(written) == 8
    assert [path.name for path in written if path.stat().st_mode & 0o077] == []


@pytest.mark.slow
@pytest.mark.parametrize(("redirect", "prefix"), [("true", "__Host-"), ("false", "")])
def test_cookies_are_bound_to_the_host_where_there_is_https(redirect, prefix):
    names = ("SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_PATH", "SESSION_COOKIE_DOMAIN")
    code = (
        "import json; from django.conf import settings as s; from segmind_site.messages import CookieStorage; "
        f"print(json.dumps([getattr(s, n) for n in {names!r}] + "
        "[s.CSRF_COOKIE_NAME, CookieStorage.cookie_name, s.SECURE_HSTS_SECONDS]))"
    )
    environment = {
        "PATH": os.environ["PATH"],
        "ENV_FILE": os.devnull,
        "DJANGO_SETTINGS_MODULE": "segmind_site.settings",
        "SECRET_KEY": "only-for-tests-and-long-enough-for-production",
        "SEGMIND_API_KEY": "SG_0123456789abcdef",
        "SECURE_SSL_REDIRECT": redirect,
    }
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=True)
    is_https = redirect == "true"
    assert json.loads(done.stdout) == [
        f"{prefix}sessionid", is_https, "/", None, f"{prefix}csrftoken", f"{prefix}messages", 31_536_000,
    ]  # fmt: skip
