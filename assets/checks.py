"""What `manage.py check` says of a configuration that cannot work, and how to mend it."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from assets.segmind.responses import is_loopback


@register()
def segmind_settings(**options: Any) -> list[CheckMessage]:
    errors: list[CheckMessage] = []
    if not settings.SEGMIND_API_KEY:
        errors.append(
            Error(
                "SEGMIND_API_KEY is not set, so nothing could be uploaded.",
                hint="Set it to your key (SG_ and 16 digits), or set DEBUG=true to use the sandbox.",
                id="assets.E001",
            )
        )
    elif not settings.SEGMIND_API_KEY.isascii() or not settings.SEGMIND_API_KEY.isprintable():
        errors.append(
            Error(
                "SEGMIND_API_KEY has characters that no key has.",
                hint="Copy it again, without quotation marks or line breaks.",
                id="assets.E002",
            )
        )
    errors += [
        Error(
            f"{name} does not begin with https://, so the key would travel in the clear.",
            hint="Remove it to use Segmind's own address; http is for a loopback address with DEBUG on.",
            id="assets.E003",
        )
        for name in ("SEGMIND_UPLOAD_URL", "SEGMIND_CREDITS_URL")
        if not _is_safe(getattr(settings, name))
    ]
    return errors


@register(Tags.database)
def database_version(databases: Sequence[str] | None = None, **options: Any) -> list[CheckMessage]:
    """Refuse a database from before there was a user model: `migrate` would take its first migration for ours."""
    recorders = [MigrationRecorder(connections[alias]) for alias in databases or ()]
    return [
        Error(
            "The database was made by an earlier version, whose accounts this one cannot read.",
            hint="Export it with that version (export_library), and import the archive into a new database.",
            id="assets.E004",
        )
        for recorder in recorders
        if ("assets", "0002_finding_and_organising") in recorder.applied_migrations()
    ]


def _is_safe(url: str) -> bool:
    address = urlsplit(url)
    is_local = settings.DEBUG and is_loopback(address.hostname or "")
    return address.scheme == "https" or (address.scheme == "http" and is_local)
