"""Undo, from a toast, a notice or the keyboard."""

import uuid

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from assets.models import UndoStep
from assets.permissions import AuthHttpRequest
from assets.undo import restore
from assets.web.responses import redirect_back, wants_json

NOTHING = "Nothing to undo. A change can be undone once, within an hour."


@require_POST
def undo(request: AuthHttpRequest) -> HttpResponse:
    """Undo what the person did last."""
    return _undo(request, UndoStep.objects.open_to(request.user, timezone.now()).first())


@require_POST
def undo_step(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _undo(request, UndoStep.objects.open_to(request.user, timezone.now()).filter(pk=pk).first())


def _undo(request: AuthHttpRequest, step: UndoStep | None) -> HttpResponse:
    # Once undone, a step has no id.
    pk = step.pk if step else None
    result = restore.undo(step) if step else restore.Restored()
    message = restore.describe(step, result) if step else NOTHING
    if wants_json(request):
        undone = reverse("undo_step", args=[pk]) if step else None
        return JsonResponse({"message": message, "restored": result.restored, "undone": undone})
    level = messages.SUCCESS if result.restored else messages.WARNING
    messages.add_message(request, level, message)
    return redirect_back(request, "library")
