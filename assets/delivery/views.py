import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from assets import permissions
from assets.delivery import status
from assets.delivery.forms import LedgerForm
from assets.delivery.requeue import retry
from assets.delivery.status import get_status
from assets.models import State, StoredFile, UploadRequest
from assets.web.responses import wants_json

MOST_SHOWN = 50


@require_safe
def activity(request: HttpRequest) -> HttpResponse:
    """What waits, what is being sent, what failed and why; for administrators the ledger too."""
    status = get_status(timezone.now())
    if wants_json(request):
        return JsonResponse(status.as_json())
    shown = permissions.visible_assets(request).current().order_by("created_at", "id").with_details(request.user)
    context: dict[str, Any] = {
        "status": status,
        "window_seconds": settings.SEGMIND_RATE_WINDOW_SECONDS,
        "sending": shown.filter(stored_file__state=State.SENDING)[:MOST_SHOWN],
        "waiting": shown.filter(stored_file__state=State.QUEUED)[:MOST_SHOWN],
        "failed": shown.filter(stored_file__state=State.FAILED)[:MOST_SHOWN],
    }
    if permissions.is_administrator(request.user):
        form = LedgerForm(request.GET)
        context |= {"ledger_form": form, "ledger": form.rows(UploadRequest.objects.all())[:MOST_SHOWN]}
    return render(
        request, "assets/_activity.html" if "HX-Request" in request.headers else "assets/activity.html", context
    )


@require_POST
def retry_failed(request: HttpRequest) -> HttpResponse:
    """Send failed files again: those of the form's ids, or all that the person may retry."""
    own = permissions.retryable_assets(request)
    if chosen := request.POST.getlist("id"):
        own = own.filter(pk__in=[pk for pk in chosen if _is_uuid(pk)])
    count = retry(StoredFile.objects.filter(assets__in=own))
    messages.success(request, f"{count} files are sent again." if count != 1 else "1 file is sent again.")
    return redirect("activity")


@require_POST
def try_now(request: HttpRequest) -> HttpResponse:
    permissions.only_managers(request.user)
    status.try_now(timezone.now())
    messages.success(request, "The next request goes out at once.")
    return redirect("activity")


def _is_uuid(text: str) -> bool:
    try:
        return bool(uuid.UUID(text))
    except ValueError:
        return False
