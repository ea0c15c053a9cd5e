from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from assets.models import WorkerHeartbeat


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
    """Whether uploads are received and sent; status 503 names what is missing."""
    missing = [*_find_database_problems(), *_find_storage_problems()]
    return JsonResponse({"ready": not missing, "missing": missing}, status=503 if missing else 200)


def _find_database_problems() -> list[str]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not WorkerHeartbeat.objects.alive(timezone.now()).exists():
            return ["worker: no heartbeat for 15 seconds; start `python manage.py worker`"]
    except DatabaseError:
        return ["database: not available"]
    return []


def _find_storage_problems() -> list[str]:
    try:
        default_storage.listdir("")
    except (OSError, NotImplementedError):
        return ["storage: not readable"]
    return []
