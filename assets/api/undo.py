"""Taking back what the owner of the token has changed, here or on the pages."""

from dataclasses import asdict
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router, Schema

from assets.api.auth import READ, WRITE, ApiRequest
from assets.api.schemas import Moment
from assets.models import UndoStep
from assets.models.undo import UNDO_TIME
from assets.undo import restore
from assets.undo.views import NOTHING
from assets.web.responses import MissingError

router = Router(tags=["Undo"])
HEADER = "Undo-Id"
MAX_STEPS = 50


class StepOut(Schema):
    """`summary` says what was done. It can be undone until `expires_at`."""

    id: UUID
    summary: str
    made_at: Moment
    expires_at: Moment


class StepList(Schema):
    items: list[StepOut]


class UndoOut(Schema):
    """How many assets are as they were, were changed again since, and may no longer be changed by you."""

    restored: int
    changed_since: int
    not_allowed: int
    message: str


@router.get("", response=StepList, auth=READ, summary="What you can undo, the latest first")
def list_steps(request: ApiRequest) -> dict[str, object]:
    steps = UndoStep.objects.open_to(request.user, timezone.now())[:MAX_STEPS]
    return {"items": [_step_out(step) for step in steps]}


@router.post("/{uuid:pk}", response=UndoOut, auth=WRITE, summary="Undo a change")
def undo_change(request: ApiRequest, pk: UUID) -> dict[str, object]:
    """Within an hour. What somebody else has changed since stays as it is."""
    step = UndoStep.objects.open_to(request.user, timezone.now()).filter(pk=pk).first()
    if step is None:
        raise MissingError(NOTHING)
    result = restore.undo(step)
    return {**asdict(result), "message": restore.describe(step, result)}


def offer_undo(response: HttpResponse, step: UndoStep | None) -> None:
    if step:
        response[HEADER] = str(step.pk)


def _step_out(step: UndoStep) -> dict[str, object]:
    return {
        "id": step.pk,
        "summary": step.summary,
        "made_at": step.made_at.isoformat(),
        "expires_at": (step.made_at + UNDO_TIME).isoformat(),
    }
