"""System checks of settings and database: what cannot work, and how to fix it."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from assets.previews import limited_process
from assets.segmind.responses import is_loopback


def register_checks() -> None:
    """To be called once, when the application is ready."""
    register(check_api_key)
    register(check_segmind_urls)
    register(check_limited_process)
    register(check_database_version, Tags.database)


def check_api_key(**options: object) -> list[CheckMessage]:
    key = settings.SEGMIND_API_KEY
    if not key:
        return [
            Error(
                "SEGMIND_API_KEY is not set, so nothing can be uploaded.",
                hint="Set it to your key (SG_ and 16 digits), or set DEBUG=true to use the sandbox.",
                id="assets.E001",
            )
        ]
    if not key.isascii() or not key.isprintable():
        return [
            Error(
                "SEGMIND_API_KEY contains characters that no key has.",
                hint="Copy it again, without quotation marks or line breaks.",
                id="assets.E002",
            )
        ]
    return []


def check_segmind_urls(**options: object) -> list[CheckMessage]:
    """Of the addresses that get the key, and of those that do not."""
    with_key = ("SEGMIND_UPLOAD_URL", "SEGMIND_CREDITS_URL", "SEGMIND_HISTORY_URL")
    public = ("SEGMIND_MODELS_URL", "SEGMIND_DIRECTORY_URL")
    what = {
        **dict.fromkeys(with_key, "the key would be sent unencrypted"),
        **dict.fromkeys(public, "anybody on the way could change what it answers"),
    }
    return [
        Error(
            f"{name} does not begin with https://, so {danger}.",
            hint="Remove it to use Segmind’s own address. http is allowed only for a loopback address with DEBUG on.",
            id="assets.E003",
        )
        for name, danger in what.items()
        if not _is_safe(getattr(settings, name))
    ]


def _is_safe(url: str) -> bool:
    parts = urlsplit(url)
    is_local = settings.DEBUG and is_loopback(parts.hostname or "")
    return parts.scheme == "https" or (parts.scheme == "http" and is_local)


def check_limited_process(**options: object) -> list[CheckMessage]:
    try:
        gaps = limited_process.find_gaps()
    except OSError:  # a full disk, of which /readyz tells, must not keep the worker from starting
        gaps = []
    if not gaps:
        return []
    return [
        Warning(
            f"The process that decodes uploaded files could reach {' and '.join(gaps)}, if a decoder were taken over.",
            hint="Run it on Linux 5.13 or later, where Landlock and seccomp are not forbidden (Docker allows both).",
            id="assets.W001",
        )
    ]


def check_database_version(databases: Sequence[str] | None = None, **options: object) -> list[CheckMessage]:
    """Refuse a database from before the user model, whose first migration has the same name as ours."""
    recorders = [MigrationRecorder(connections[alias]) for alias in databases or ()]
    return [
        Error(
            "The database was created by an earlier version, and this one cannot read its accounts.",
            hint="Export the library with that version (export_library), then import it into a new database.",
            id="assets.E004",
        )
        for recorder in recorders
        if ("assets", "0002_finding_and_organising") in recorder.applied_migrations()
    ]
