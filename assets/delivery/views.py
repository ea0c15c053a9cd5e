import itertools
import uuid
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from assets import permissions
from assets.audit import feed
from assets.delivery.forms import FeedForm, RequestFilterForm
from assets.delivery.requeue import ALREADY_QUEUED, get_reupload_error, retry, reupload
from assets.delivery.status import end_pause, get_status
from assets.models import State, StoredFile, UploadRequest, User, clock
from assets.permissions import AuthHttpRequest
from assets.text.formats import pluralise
from assets.web.responses import wants_json

MAX_SHOWN = 50
REUPLOAD_STARTED = "Re-upload started. The URL stays the same until the new one is ready."


@require_safe
def activity(request: AuthHttpRequest) -> HttpResponse:
    """What is waiting, being sent or has failed. Administrators also see the requests to Segmind."""
    status = get_status(timezone.now())
    if wants_json(request):
        return JsonResponse(status.as_json())
    shown = permissions.visible_assets(request).current().order_by("created_at", "id").with_details(request.user)
    context: dict[str, object] = {
        "status": status,
        "clock_warnings": clock.get_warnings(timezone.now()),
        "window_seconds": settings.SEGMIND_RATE_WINDOW_SECONDS,
        "sending": shown.filter(stored_file__state=State.SENDING)[:MAX_SHOWN],
        "waiting": shown.filter(stored_file__state=State.QUEUED)[:MAX_SHOWN],
        "failed": shown.filter(stored_file__state=State.FAILED)[:MAX_SHOWN],
    }
    if "HX-Request" in request.headers:
        return render(request, "delivery/_activity.html", context)
    context |= _feed_context(request)
    if permissions.is_administrator(request.user):
        form = RequestFilterForm(request.GET)
        context |= {"request_filter": form, "upload_requests": form.apply(UploadRequest.objects.all())[:MAX_SHOWN]}
    return render(request, "delivery/activity.html", context)


def _feed_context(request: AuthHttpRequest) -> dict[str, object]:
    """What the team did lately, or the person that `person` names, before the log entry `before`."""
    form = FeedForm(request.GET)
    form.is_valid()
    person = form.cleaned_data.get("person")
    page = feed.read(request.user, person=person, before=form.cleaned_data.get("before"))
    parameters = {"person": person.get_username() if person else "", "before": page.next_cursor}
    return {
        "feed_form": form,
        "feed_days": itertools.groupby(page.items, key=lambda item: item.key.day),
        "feed_next": urlencode({name: value for name, value in parameters.items() if value}),
        "has_more": page.next_cursor is not None,
        "people": User.objects.active().order_by("username").values_list("username", flat=True)[:MAX_SHOWN],
    }


@require_POST
def retry_failed(request: AuthHttpRequest) -> HttpResponse:
    """Retry the failed files with the form's ids, or all that the person may retry."""
    assets = permissions.retryable_assets(request)
    if ids := request.POST.getlist("id"):
        assets = assets.filter(pk__in=[pk for pk in ids if _is_uuid(pk)])
    count = retry(StoredFile.objects.filter(assets__in=assets))
    messages.success(request, f"Retrying {pluralise(count, 'file')}.")
    return redirect("activity")


@require_POST
def try_now(request: AuthHttpRequest) -> HttpResponse:
    permissions.require_manager(request.user)
    end_pause(timezone.now())
    messages.success(request, "Trying again now.")
    return redirect("activity")


@require_POST
def reupload_asset(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Send the file of an asset again because its link is broken or changed."""
    asset = get_object_or_404(permissions.retryable_assets(request), pk=pk)
    error = get_reupload_error(asset.stored_file)
    is_started = not error and reupload(StoredFile.objects.filter(pk=asset.stored_file_id))
    message = REUPLOAD_STARTED if is_started else error or ALREADY_QUEUED
    if wants_json(request):
        return JsonResponse({"message": message})
    messages.add_message(request, messages.SUCCESS if is_started else messages.WARNING, message)
    return redirect(asset)


def _is_uuid(text: str) -> bool:
    try:
        return bool(uuid.UUID(text))
    except ValueError:
        return False
