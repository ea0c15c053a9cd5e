"""Reads settings from the environment and from `.env`; the environment wins.

Every value can also come from a file: `SEGMIND_API_KEY_FILE=/run/secrets/key`. A value that cannot work stops the start
with a message that says what to set. Empty values count as unset.
"""

import ipaddress
import os
import re
import secrets
from collections import ChainMap
from pathlib import Path
from typing import Any
from urllib.parse import quote

import environ
from django.core.checks.security.base import SECRET_KEY_INSECURE_PREFIX
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping

from assets.previews.confinement.privileges import forbid_inspection, forget_variable

IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

ROOT = Path(__file__).resolve().parent.parent
MIN_KEY_LENGTH, MIN_KEY_CHARACTERS = 32, 5
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")
# Too much is found there for telling whether a proxy has taken the prefix off.
_OWN_PATHS = ("/admin", "/static")
_ENGINES = ("django.db.backends.sqlite3", "django.db.backends.postgresql")

# Not in the environment of web, worker and commands while they run.
_SECRETS = ("SEGMIND_API_KEY", "SECRET_KEY", "DATABASE_URL", "DATABASE_PASSWORD", "EMAIL_URL", "POSTGRES_PASSWORD")
_hidden: dict[str, str] = {}

env = environ.FileAwareEnv()
_file = Path(os.environ.get("ENV_FILE", ROOT / ".env"))
if _file.is_file():
    env.read_env(_file)
env.ENVIRON = FileAwareMapping(env=ChainMap(os.environ, _hidden))


def hide_secrets() -> None:
    """Keep secrets from the processes that this one starts, and from all others of the same user.

    The functions below still read them, also in the processes that gunicorn forks.
    """
    forbid_inspection()
    for name in _SECRETS:
        if name in os.environ:
            _hidden[name] = os.environ[name]
            forget_variable(name)


def read_text(name: str, default: str = "") -> str:
    # A file, such as a secret's, often ends in a line break.
    return str(env.str(name, default="")).rstrip("\r\n") or default


def read_list(name: str, default: list[str]) -> list[str]:
    return [part for part in map(str.strip, read_text(name).split(",")) if part] or default


def read_url_prefix(name: str) -> str:
    """The path below which the library is, such as `/library`; empty at the top."""
    prefix = read_text(name).strip().rstrip("/")
    if prefix and (not re.fullmatch(r"(/[A-Za-z0-9~_-][A-Za-z0-9._~-]*)+", prefix) or prefix in _OWN_PATHS):
        raise ImproperlyConfigured(
            f"{name} is {prefix!r}; it must be a path without the host, such as /library, of ASCII letters, digits and "
            f"-._~ only, and not {' or '.join(_OWN_PATHS)}. Correct it in the environment or in .env."
        )
    return prefix


def read_networks(name: str, default: list[str]) -> list[IPNetwork]:
    """Networks and single addresses; `none` is an empty list."""
    parts = read_list(name, default)
    if parts == ["none"]:
        return []
    try:
        networks = [ipaddress.ip_network(part) for part in parts]
    except ValueError as error:
        raise _not_networks(name, str(error)) from None
    if any(network.prefixlen == 0 for network in networks):
        raise _not_networks(name, "/0 would be every computer there is")
    return networks


def _not_networks(name: str, why: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(
        f"{name} cannot be used: {why}. It must be networks or addresses separated by commas, such as "
        "127.0.0.0/8,10.0.0.7, or none. Correct it in the environment or in .env."
    )


def read_int(name: str, default: int, *, minimum: int) -> int:
    text = read_text(name, str(default))
    try:
        value = int(text)
    except ValueError:
        raise _not_a_number(name, text, minimum) from None
    if value < minimum:
        raise _not_a_number(name, text, minimum)
    return value


def read_float(name: str, default: float, *, minimum: float) -> float:
    text = read_text(name, str(default))
    try:
        value = float(text)
    except ValueError:
        raise _not_a_number(name, text, minimum) from None
    if not value >= minimum:  # NaN included
        raise _not_a_number(name, text, minimum)
    return value


def _not_a_number(name: str, text: str, minimum: float) -> ImproperlyConfigured:
    return ImproperlyConfigured(
        f"{name} is {text!r}; it must be a number of at least {minimum}. Correct it in the environment or in .env."
    )


def read_switch(name: str, *, default: bool) -> bool:
    text = read_text(name).strip().lower()
    if text and text not in (*_TRUE, *_FALSE):
        raise ImproperlyConfigured(f"{name} is {text!r}; it must be true or false.")
    return text in _TRUE if text else default


def read_database(name: str, *, default: Path) -> dict[str, Any]:
    """`DATABASES["default"]`, by default an SQLite file."""
    try:
        database: dict[str, Any] = env.db_url_config(_encode_password(read_text(name, f"sqlite:///{default}")))
    except ValueError:  # whose message may contain a part of the password
        raise _not_a_database(name) from None
    if database.get("ENGINE") not in _ENGINES:
        raise _not_a_database(name)
    return database


def _encode_password(url: str) -> str:
    """So that a password may contain `/`, `@`, `#` and `?`, as they are or percent-encoded."""
    return re.sub(r"(?<=://)([^:/@]*):(.*)(?=@[^@]*$)", lambda found: f"{found[1]}:{quote(found[2], safe='%')}", url)


def _not_a_database(name: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(
        f"{name} is not the address of an SQLite or PostgreSQL database. Write it like "
        "postgres://name:password@host:5432/library or sqlite:////folder/library.sqlite3, or leave it empty for "
        "SQLite in var/."
    )


def _require_random(name: str, key: str) -> str:
    if len(key) < MIN_KEY_LENGTH:
        raise _not_random(name, f"has {len(key)} characters")
    if len(set(key)) < MIN_KEY_CHARACTERS:
        raise _not_random(name, f"has only {len(set(key))} different character(s)")
    if key.startswith(SECRET_KEY_INSECURE_PREFIX):
        raise _not_random(name, f"begins with {SECRET_KEY_INSECURE_PREFIX}, as keys for development do")
    return key


def _not_random(name: str, why: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(
        f"{name} {why}; in production, it must have at least {MIN_KEY_LENGTH}, all random. "
        "Make one with python -c 'import secrets; print(secrets.token_urlsafe(50))'."
    )


def read_secret_key(name: str, *, is_development: bool, path: Path) -> str:
    """In development, a key kept at this path, so that a restart signs nobody out."""
    if key := read_text(name):
        return key if is_development else _require_random(name, key)
    if not is_development:
        raise ImproperlyConfigured(
            f"{name} is not set. In production, set it to 50 random characters "
            "(python -c 'import secrets; print(secrets.token_urlsafe(50))'); "
            "for development, set DEBUG=true or use `make run`, which does."
        )
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text()
