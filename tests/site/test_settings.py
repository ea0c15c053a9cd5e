"""Settings that cannot work stop the start with a message that says what to set."""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

from segmind_site.env import read_database

pytestmark = [pytest.mark.slow, pytest.mark.any_database]

ROOT = Path(__file__).parents[2]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    clean = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "MEDIA_ROOT")}
    clean |= {"ENV_FILE": os.devnull, "DJANGO_SETTINGS_MODULE": "segmind_site.settings"}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=clean | environment,
        capture_output=True,
        text=True,
    )


PRODUCTION = {
    "SECRET_KEY": "fN3vY8sKq1LrT6wXzB0dHj5GmPc9UaEoI2tV7yRn4QkSbWxDZu3Jf8Ke",
    "SEGMIND_API_KEY": "SG_0123456789abcdef",
    "ALLOWED_HOSTS": "library.example.com",
}
# The path in an import, of any form.
IMPORT = re.compile(r'(?:from|import)\s*\(?"(\.[^"]+)"')


@pytest.mark.parametrize("empty", [{}, {"DATABASE_URL": ""}], ids=["unset", "empty"])
def test_a_complete_production_setup_passes_every_check(empty):
    done = run("check", "--deploy", "--fail-level", "WARNING", **(PRODUCTION | empty))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "x" * 31}, "SECRET_KEY has 31 characters; in production, it must have at least 32"),
        ({"SECRET_KEY": " " * 40}, "SECRET_KEY has only 1 different character(s); in production, it must have"),
        ({"SECRET_KEY": "abcd" * 10}, "SECRET_KEY has only 4 different character(s)"),
        ({"SECRET_KEY": "django-insecure-" + PRODUCTION["SECRET_KEY"]}, "SECRET_KEY begins with django-insecure-"),
        ({"SEGMIND_API_KEY": ""}, "SEGMIND_API_KEY is not set"),
        ({"SEGMIND_API_KEY": "SG_ä"}, "characters that no key has"),
        (
            {"SEGMIND_UPLOAD_URL": "http://workflows-api.segmind.com/upload-asset"},
            "does not begin with https://",
        ),
        ({"SEGMIND_UPLOAD_URL": "http://127.0.0.1:1/upload-asset"}, "does not begin with https://"),
        (
            {"SEGMIND_REQUESTS_PER_MINUTE": "five"},
            "SEGMIND_REQUESTS_PER_MINUTE is 'five'; it must be a number",
        ),
        ({"SEGMIND_MAX_REQUEST_FILES": "0"}, "at least 1"),
        ({"TRUSTED_PROXIES": "caddy"}, "TRUSTED_PROXIES cannot be used: 'caddy' does not appear to be"),
        ({"TRUSTED_PROXIES": "10.0.0.1/8"}, "host bits set. It must be networks"),
        ({"TRUSTED_PROXIES": "0.0.0.0/0"}, "every computer there is"),
        ({"URL_PREFIX": "https://tools.example.com/library"}, "it must be a path without the host, such as /library"),
        ({"URL_PREFIX": "library"}, "URL_PREFIX is 'library'; it must be a path"),
        ({"URL_PREFIX": "/our library/"}, "URL_PREFIX is '/our library'"),
        ({"URL_PREFIX": "/admin"}, "and not /admin or /static"),
        ({"DEBUG": "maybe"}, "DEBUG is 'maybe'; it must be true or false"),
        ({"DATABASE_URL": "library"}, "DATABASE_URL is not the address of an SQLite"),
        ({"DATABASE_URL": "postgres://database:70000/library"}, "DATABASE_URL is not the address of an SQLite"),
        (
            {"DATABASE_URL": "mysql://ana:secret@db/library"},
            "DATABASE_URL is not the address of an SQLite",
        ),
    ],
)
def test_an_invalid_setting_stops_the_start_with_a_message(environment, words):
    done = run("check", **(PRODUCTION | environment))
    assert done.returncode != 0
    assert words in done.stderr


def test_a_secret_can_come_from_a_file(tmp_path):
    (tmp_path / "key").write_text("SG_00112233445566ff\n")
    environment = PRODUCTION | {"SEGMIND_API_KEY_FILE": str(tmp_path / "key")}
    del environment["SEGMIND_API_KEY"]
    code = "from django.conf import settings; print(settings.SEGMIND_API_KEY)"
    assert run("shell", "--no-imports", "-c", code, **environment).stdout.strip() == "SG_00112233445566ff"


@pytest.mark.parametrize("password", ["p@ss", "pa/ss", "12/34", "p#a?s", "p%40ss", "50%off", "a:b@c", "p[s", "p ä"])
def test_the_password_in_a_database_url_may_contain_anything(monkeypatch, password):
    monkeypatch.setenv("TRIED_URL", f"postgres://library:{password}@database:5432/books?sslmode=require")
    database = read_database("TRIED_URL", default=Path())
    assert database["PASSWORD"] == unquote(password)
    assert (database["USER"], database["HOST"], database["PORT"]) == ("library", "database", 5432)
    assert (database["NAME"], database["OPTIONS"]) == ("books", {"sslmode": "require"})


@pytest.mark.parametrize(("environment", "status"), [({"DEBUG": "true"}, "True"), (PRODUCTION, "False")])
def test_the_sandbox_exists_only_without_an_api_key(environment, status):
    code = "from django.urls import get_resolver as r; print('sandbox/' in [str(p.pattern) for p in r().url_patterns])"
    assert run("shell", "--no-imports", "-c", code, **environment).stdout.strip() == status


def test_static_files_can_be_collected_with_hashed_names(tmp_path):
    """Imports between our modules use the hashed names too, in every folder."""
    code = (
        "from django.conf import settings; settings.STATIC_ROOT = %r\n"
        "settings.WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ['css', 'js', 'map']\n"
        "from django.core.management import call_command; call_command('collectstatic', verbosity=0, interactive=False)"
    )
    done = run("shell", "--no-imports", "-c", code % str(tmp_path), **PRODUCTION)
    assert done.returncode == 0, done.stderr
    hashed = [path for path in (tmp_path / "js").rglob("*.js") if re.search(r"\.[0-9a-f]{12}\.js$", path.name)]
    imports = {(module, name) for module in hashed for name in re.findall(IMPORT, module.read_text())}
    assert {module.parent.name for module, _ in imports} == {"js", "look", "sets", "upload"}
    for module, name in imports:
        assert module.parent.joinpath(name).resolve() in hashed, f"{module.name} imports {name}"
    # What browsers load is the code, without what is written for us.
    own = [*(tmp_path / "css").glob("*.css"), *(path for path in hashed if path.parent.name != "vendor")]
    texts = {path.name: path.read_text() for path in own}
    assert not [name for name, text in texts.items() if not text or re.search(r"^\s*(//|/\*)", text, re.MULTILINE)]


def test_the_first_account_is_created_once_and_its_password_shown_until_changed(tmp_path, db, settings, capsys):
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    settings.VAR_DIR = tmp_path
    call_command("create_first_account", address="http://x")
    said = capsys.readouterr().out
    account = get_user_model().objects.get()
    assert account.is_superuser
    assert account.check_password(said.split()[-1])
    call_command("create_first_account")
    assert capsys.readouterr().out.split()[-1] == said.split()[-1]
    account.set_password("another one entirely")
    account.save()
    call_command("create_first_account", address="http://x")
    assert capsys.readouterr().out.split() == ["http://x"]
    assert not list(tmp_path.iterdir())
