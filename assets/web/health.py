"""Whether the library works, for load balancers, containers and monitoring."""

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from assets import disk
from assets.models import StoredFile, WorkerHeartbeat, clock, tasks
from assets.text.formats import format_size, pluralise

MAX_QUEUE_AGE = timedelta(minutes=15)


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process is up."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether uploads are received and sent; status 503 names what is missing. Warnings do not change the status."""
    now = timezone.now()
    disk_problems, database_problems = list(_find_disk_problems()), list(_find_database_problems())
    report = {"warnings": []} if database_problems else _describe_queue(now)
    # Without a disk or a database there is no heartbeat either, and a new worker would not help.
    missing = [*disk_problems, *database_problems] or list(_find_worker_problems(now))
    return JsonResponse({"ready": not missing, "missing": missing, **report}, status=503 if missing else 200)


# --- What makes the library not ready ---------------------------------------------------------------------------------


def _find_disk_problems() -> Iterator[str]:
    if disk.is_database_disk_full():
        yield "disk: full where the database is"
    try:
        if (left := disk.free_bytes()) < 0:
            yield _describe_reserve(left + settings.DISK_RESERVE_BYTES)
        else:
            _write_probes()
    except Exception as error:  # storages raise whatever their service does
        yield _describe_failure(error)


def _write_probes() -> None:
    """Write and remove a file where uploads arrive, and another where they stay."""
    name = f"probe-{secrets.token_hex(8)}"
    incoming = Path(settings.FILE_UPLOAD_TEMP_DIR, name)
    try:
        incoming.write_bytes(b"probe")
    finally:
        incoming.unlink(missing_ok=True)
    default_storage.delete(default_storage.save(f"originals/{name}", ContentFile(b"probe")))


def _describe_reserve(free: int) -> str:
    reserve = format_size(settings.DISK_RESERVE_BYTES)
    return f"disk: {format_size(free)} free, less than the {reserve} that uploads leave (DISK_RESERVE_BYTES)"


def _describe_failure(error: Exception) -> str:
    if disk.is_full_error(error):
        return "disk: full"
    reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
    return f"storage: cannot be written ({reason})"


def _find_database_problems() -> Iterator[str]:
    try:
        WorkerHeartbeat.objects.exists()
    except (DatabaseError, InterfaceError):
        is_there = _is_database_available()
        yield f"database: {'no tables; run `python manage.py migrate`' if is_there else 'not available'}"


def _is_database_available() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        return False
    return True


def _find_worker_problems(now: datetime) -> Iterator[str]:
    if not WorkerHeartbeat.objects.alive(now).exists():
        yield "worker: no heartbeat for 15 seconds; start `python manage.py worker`"


# --- What deserves a look ---------------------------------------------------------------------------------------------


def _describe_queue(now: datetime) -> dict[str, object]:
    age, failed = StoredFile.objects.get_queue_age(now), tasks.get_failed_tasks()
    return {
        "warnings": [*_warn_of_queue(age), *_warn_of_tasks(failed), *_warn_of_clock(now)],
        "queue_age_seconds": age and round(age.total_seconds()),
        "failed_tasks": failed,
    }


def _warn_of_queue(age: timedelta | None) -> Iterator[str]:
    if age and age > MAX_QUEUE_AGE:
        minutes = pluralise(int(age.total_seconds() // 60), "minute")
        yield f"queue: the oldest file has waited for {minutes}; /activity/ says why"


def _warn_of_clock(now: datetime) -> Iterator[str]:
    yield from (f"clock: {warning}" for warning in clock.get_warnings(now))


def _warn_of_tasks(failed: int) -> Iterator[str]:
    if failed:
        yield f"tasks: {failed:,} failed for good and will not run again by themselves"
