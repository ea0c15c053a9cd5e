"""What is done with a whole set: copied, pinned, duplicated, deleted; and what takes that back."""

import uuid
from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from assets import permissions
from assets.catalogue.store import record_use
from assets.models import ReferenceSet, SetPin, Use
from assets.permissions import AuthHttpRequest
from assets.reference_sets import changes, copying
from assets.reference_sets.as_json import set_json
from assets.reference_sets.contents import Contents, read_contents
from assets.reference_sets.merge import ConflictError
from assets.web.responses import redirect_back, render_dialog, wants_json

NOT_UNDONE = "This can no longer be undone: somebody has changed the same since."


@require_safe
def copy_set(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The text of a set, `as` one of `copying.LABELS`. 409 with the reasons where it cannot be copied."""
    contents = read_contents(request.user, permissions.get_set_or_404(request.user, pk))
    if (form := request.GET.get("as", "body")) not in copying.LABELS:
        raise Http404("There is no such form.")
    try:
        text = copying.write(contents, form)
    except ValidationError as error:
        return _refuse(request, contents, error)
    _record_use(request, contents, form)
    if wants_json(request):
        return JsonResponse({"text": text, "url_has_email": copying.has_email(contents)})
    context = {"title": contents.reference_set.title, "contents": contents, "label": copying.LABELS[form], "text": text}
    has_email = form != "prompt" and copying.has_email(contents)
    return render_dialog(request, "reference_sets/_copy.html", context | {"has_email": has_email})


def _refuse(request: AuthHttpRequest, contents: Contents, error: ValidationError) -> HttpResponse:
    if wants_json(request):
        message = {"code": "not_ready", "message": " ".join(error.messages)}
        return JsonResponse({"error": message}, status=HTTPStatus.CONFLICT)
    context = {"title": contents.reference_set.title, "contents": contents, "reasons": error.messages}
    return render_dialog(request, "reference_sets/_copy.html", context, status=HTTPStatus.CONFLICT)


def _record_use(request: AuthHttpRequest, contents: Contents, form: str) -> None:
    if form != "prompt" and contents.spec:
        record_use(contents.spec.slug)
    assets = [item.asset for item in contents.items if item.asset]
    Use.objects.record(request.user, assets, timezone.now())


@require_POST
def pin_set(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show a set in the person's sidebar or, without `on`, no longer."""
    found = permissions.get_set_or_404(request.user, pk)
    pins = SetPin.objects.filter(user=request.user, reference_set=found)
    if request.POST.get("on"):
        SetPin.objects.get_or_create(user=request.user, reference_set=found)
    else:
        pins.delete()
    is_pinned = pins.exists()
    if wants_json(request):
        return JsonResponse(set_json(permissions.get_set_or_404(request.user, pk)))
    messages.success(request, f"“{found.title}” {'is in the sidebar' if is_pinned else 'unpinned'}.")
    return redirect_back(request, found.get_absolute_url())


@require_POST
def duplicate_set(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    permissions.require_member(request.user)
    copy = changes.duplicate(permissions.get_set_or_404(request.user, pk), request.user)
    if wants_json(request):
        copy = permissions.get_set_or_404(request.user, copy.pk)
        return JsonResponse(set_json(copy), status=HTTPStatus.CREATED)
    messages.success(request, f"Duplicated as “{copy.title}”.")
    return redirect(copy)


@require_POST
@transaction.atomic
def delete_set(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Its assets stay."""
    found = permissions.lock_changeable_set_or_404(request.user, pk)
    changes.delete(found, request.user, timezone.now())
    undo = reverse("restore_set", args=[pk])
    if wants_json(request):
        return JsonResponse({"message": f"“{found.title}” deleted.", "undo": undo})
    messages.success(request, f"“{found.title}” deleted.", extra_tags=undo)
    return redirect("reference_sets")


@require_POST
@transaction.atomic
def restore_set(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Bring back what the person deleted within the last hour."""
    found = get_object_or_404(ReferenceSet.objects.deleted_by(request.user, timezone.now()), pk=pk)
    permissions.require_member(request.user)
    changes.restore(found)
    messages.success(request, f"“{found.title}” is back.")
    return redirect(found)


@require_POST
@transaction.atomic
def undo_set(request: AuthHttpRequest, pk: uuid.UUID, version: int) -> HttpResponse:
    """Take back one change of a set, whatever else was changed since."""
    found = permissions.lock_changeable_set_or_404(request.user, pk)
    try:
        changes.undo(found, version, request.user)
    except (ConflictError, ValidationError):
        messages.error(request, NOT_UNDONE)
    else:
        messages.success(request, "Undone.")
    return redirect_back(request, found.get_absolute_url())
