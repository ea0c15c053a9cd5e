"""Bulk actions: what an action would change, if that has to be confirmed, and what it did."""

from collections.abc import Callable
from dataclasses import asdict
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from assets import permissions
from assets.bulk import export_views, model_views, run
from assets.bulk.actions import edit_texts
from assets.bulk.actions.base import ActionContext, BulkAction
from assets.bulk.actions.labels import AddLabels
from assets.bulk.forms import BulkForm, SelectionForm
from assets.bulk.run import ActionResult
from assets.bulk.selection import Selection
from assets.labels.recent import remember
from assets.permissions import AuthHttpRequest
from assets.undo import recording
from assets.web.responses import MissingError, redirect_back, render_dialog, render_refusal, return_url, wants_json

LABEL_DELETED = "Somebody has just deleted a tag or collection that was to be added. Reload the page, then try again."

# What the other buttons of the selection form lead to, by their `action`.
FROM_SELECTION: dict[str, Callable[[AuthHttpRequest], HttpResponse]] = {
    "copy": export_views.copy,
    "export": export_views.confirm_export,
    "download": export_views.confirm_download,
    "model": model_views.choose_model,
}


@require_POST
def bulk(request: AuthHttpRequest) -> HttpResponse:
    """Apply an action to the selected assets, once it is confirmed if it cannot be undone, needs something or concerns
    many. For programs, without `confirmed`: what it would change."""
    if view := FROM_SELECTION.get(request.POST.get("action", "")):
        return view(request)
    form = BulkForm(request.POST)
    form.full_clean()
    pks = _selected(request, form)
    if not pks:
        return render_refusal(request, form)
    if not form.bulk_action.is_personal:
        permissions.require_member(request.user)
    is_as_previewed = form.is_as_previewed(pks)
    is_confirmed = form.cleaned_data["confirmed"] or (form.is_done_at_once(pks) and not wants_json(request))
    if is_confirmed and is_as_previewed and form.is_valid():
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
    action_context = form.action_context(request.user, now, pks)
    result = run.preview(form.bulk_action, pks, action_context)
    if wants_json(request):
        return render_refusal(request, form) if form.errors else _result_json(form.bulk_action, result, confirmed=False)
    context = {
        "title": form.bulk_action.title,
        "form": form,
        "result": result,
        "texts": edit_texts.preview(pks, action_context) if form.bulk_action.needs == "texts" else None,
        "selected": len(pks),
        "seen": Selection.fingerprint(pks),
        "since": (is_as_previewed and form.cleaned_data.get("since")) or now,
        "is_as_previewed": is_as_previewed,
        "return_url": return_url(request, "library"),
    }
    return render_dialog(request, "bulk/_bulk.html", context, status=400 if form.errors else 200)


def _apply(request: AuthHttpRequest, form: BulkForm, pks: list[UUID]) -> HttpResponse:
    action, context = form.bulk_action, form.action_context(request.user, timezone.now(), pks)
    try:
        result, step = run.apply_undoably(action, pks, context)
    except IntegrityError:
        raise MissingError(LABEL_DELETED) from None
    _remember_labels(request, action, context)
    message, undo = run.describe(action, result, context), recording.url_of(step)
    if wants_json(request):
        return _result_json(action, result, confirmed=True, message=message, undo=undo or None)
    if "HX-Request" in request.headers:
        response = HttpResponse(status=HTTPStatus.NO_CONTENT)
        return trigger_client_event(response, "bulk:done", {"action": action.name, "message": message, "undo": undo})
    # The page that shows the message offers to undo it.
    level = messages.SUCCESS if result.changed else messages.WARNING
    messages.add_message(request, level, message, extra_tags=undo)
    return redirect_back(request, "library")


def _remember_labels(request: AuthHttpRequest, action: BulkAction, context: ActionContext) -> None:
    """The next dialog offers them first."""
    if isinstance(action, AddLabels):
        known = action.label.objects.find_all(context.names, context.user).values()
        labels = [context.collection] if context.collection else known
        remember(request.session, action.label, [label.pk for label in labels])


def _result_json(action: BulkAction, result: ActionResult, *, confirmed: bool, **more: str | None) -> JsonResponse:
    return JsonResponse({"action": action.name, **asdict(result), "confirmed": confirmed, **more})
