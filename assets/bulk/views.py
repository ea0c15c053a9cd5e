"""Bulk actions: first what an action would change, and once that is confirmed, what it did."""

from dataclasses import asdict
from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from assets import permissions
from assets.bulk import export_views, run
from assets.bulk.actions import ACTIONS
from assets.bulk.actions.base import ActionContext, BulkAction
from assets.bulk.forms import BulkForm, SelectionForm
from assets.bulk.run import ActionResult
from assets.bulk.selection import Selection
from assets.permissions import AuthHttpRequest
from assets.web.responses import redirect_back, render_dialog, render_refusal, return_url, wants_json


@require_POST
def bulk(request: AuthHttpRequest) -> HttpResponse:
    """Preview an action on the selected assets and ask for what it needs; apply it once it is confirmed."""
    if export_view := export_views.FROM_SELECTION.get(request.POST.get("action", "")):
        return export_view(request)
    form = BulkForm(request.POST)
    form.full_clean()
    pks = _selected(request, form)
    if not pks:
        return render_refusal(request, form)
    if not form.bulk_action.is_personal:
        permissions.require_member(request.user)
    is_as_previewed = form.is_as_previewed(pks)
    if form.cleaned_data["confirmed"] and is_as_previewed and form.is_valid():
        return _apply(request, form, pks)
    return _preview(request, form, pks, is_as_previewed=is_as_previewed)


def _selected(request: AuthHttpRequest, form: BulkForm) -> list[UUID]:
    """The selected assets; none, with the reason in the form, where it names no action or nothing can be selected."""
    if form.errors.keys() & {NON_FIELD_ERRORS, "action", *SelectionForm.base_fields}:
        return []
    try:
        return form.selection(request.user).pks()
    except ValidationError as error:
        form.add_error(None, error)
        return []


def _preview(request: AuthHttpRequest, form: BulkForm, pks: list[UUID], *, is_as_previewed: bool) -> HttpResponse:
    now = timezone.now()
    result = run.preview(form.bulk_action, pks, form.action_context(request.user, now))
    if wants_json(request):
        return render_refusal(request, form) if form.errors else _result_json(form.bulk_action, result, confirmed=False)
    context = {
        "form": form,
        "result": result,
        "selected": len(pks),
        "seen": Selection.fingerprint(pks),
        "since": (is_as_previewed and form.cleaned_data.get("since")) or now,
        "is_as_previewed": is_as_previewed,
        "return_url": return_url(request, "library"),
    }
    return render_dialog(request, "bulk/_bulk.html", context, status=400 if form.errors else 200)


def _apply(request: AuthHttpRequest, form: BulkForm, pks: list[UUID]) -> HttpResponse:
    action, context = form.bulk_action, form.action_context(request.user, timezone.now())
    result = run.apply(action, pks, context)
    if wants_json(request):
        return _result_json(action, result, confirmed=True)
    # The page that shows the message offers to undo it.
    can_undo = action.name == "trash" and result.changed
    undo = f"{reverse('undo_trash')}?{urlencode({'at': context.now.isoformat()})}" if can_undo else ""
    level = messages.SUCCESS if result.changed else messages.WARNING
    messages.add_message(request, level, run.describe(action, result), extra_tags=undo)
    url = return_url(request, "library")
    if "HX-Request" in request.headers:
        return HttpResponse(headers={"HX-Redirect": url})
    return redirect(url)


@require_POST
def undo_trash(request: AuthHttpRequest) -> HttpResponse:
    """Restore everything that the person moved to the trash at one moment, `at`."""
    reachable = permissions.reachable_assets(request.user)
    pks = list(reachable.trashed_at(_parse_moment(request.GET.get("at", ""))).values_list("pk", flat=True))
    restore = ACTIONS["restore"]
    result = run.apply(restore, pks, ActionContext(request.user, timezone.now()))
    messages.add_message(request, messages.SUCCESS if pks else messages.WARNING, run.describe(restore, result))
    return redirect_back(request, "library")


def _parse_moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise Http404("This time has no time zone.")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Http404("This is not a time.") from None


def _result_json(action: BulkAction, result: ActionResult, *, confirmed: bool) -> JsonResponse:
    return JsonResponse({"action": action.name, **asdict(result), "confirmed": confirmed})
