"""What models made with the library's key, and the runs that made it."""

from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field, JsonValue

from assets import permissions
from assets.api.auth import READ, WRITE, ApiRequest
from assets.api.problems import ProblemError
from assets.api.schemas import Moment, Uri
from assets.generations import listing
from assets.generations.keep import request_keep
from assets.generations.listing import OutputRow, View
from assets.models import GenerationHistory, GenerationOutput, GenerationRun
from assets.models.generations import MODEL_LENGTH, OutputState

router = Router(tags=["Outputs"])
runs_router = Router(tags=["Outputs"])
OFF = "Outputs are not kept here. An administrator can switch that on."
GONE = "Segmind has deleted this output; its run is kept."


class OutputOut(Schema):
    """`state`: a `failed` one was tried and can be tried again, for the reason in `error`; of a `deleted` one,
    `deleted_at` says when Segmind deleted it. `asset_id`: what it was kept as, if you can see that.
    """

    id: UUID
    run_id: UUID
    model: str
    url: Uri
    state: Literal["found", "keeping", "kept", "deleted", "failed"]
    made_at: Moment
    expires_at: Moment
    deleted_at: Moment | None
    cost: Annotated[str | None, Field(description="Of the whole run, in US dollars.")]
    error: str | None
    asset_id: UUID | None


class OutputList(Schema):
    """`next` is the `page` that follows, null on the last."""

    items: list[OutputOut]
    next: int | None


class RunInputOut(Schema):
    """A URL that the run was given. `url` is null for those who may not see the prompt."""

    field: str
    url: Uri | None
    asset_id: UUID | None


class RunOut(Schema):
    """`prompt`, `parameters` and `error`, which may quote them, are for whoever ran it and for managers; null for
    others, and once they were purged.
    """

    id: UUID
    request_id: str
    model: str
    status: str
    made_at: Moment
    cost: str | None
    latency_ms: int | None
    error: str | None
    person: str | None
    prompt: str | None
    parameters: dict[str, JsonValue] | None
    inputs: list[RunInputOut]
    outputs: list[OutputOut]
    page: Uri


class OutputQuery(Schema):
    state: Annotated[View, Query(View.EXPIRING, description="`expiring`: at Segmind and not kept; the soonest first.")]
    model: Annotated[str, Query("", max_length=MODEL_LENGTH)]
    page: Annotated[int, Query(1, ge=1, le=1000)]


@router.get("", response=OutputList, auth=READ, summary="Outputs, 50 at a time")
def list_outputs(request: ApiRequest, query: Query[OutputQuery]) -> dict[str, object]:
    """Empty while outputs are not kept here."""
    if not GenerationHistory.objects.is_on():
        return {"items": [], "next": None}
    now = timezone.now()
    rows, has_more = listing.read_page(query.state, request.user, now, model=query.model, page=query.page)
    return {"items": [_output_out(row) for row in rows], "next": query.page + 1 if has_more else None}


@router.post("/{uuid:pk}/keep", response={202: OutputOut, 200: OutputOut}, auth=WRITE, summary="Keep an output")
def keep_output(request: ApiRequest, pk: UUID) -> Status[dict[str, object]]:
    """202 while it is being fetched, 200 if it is kept already. It becomes an asset of the token's owner."""
    permissions.require_member(request.user)
    if not GenerationHistory.objects.is_on():
        raise ProblemError(409, OFF, code="off")
    now = timezone.now()
    output = get_object_or_404(GenerationOutput, pk=pk)
    if output.is_gone(now):
        raise ProblemError(409, GONE, code="gone")
    request_keep(GenerationOutput.objects.filter(pk=pk), now, by=request.user)
    output = GenerationOutput.objects.select_related("run").get(pk=pk)
    row = listing.make_rows([output], request.user, now)[0]
    return Status(200 if output.state == OutputState.KEPT else 202, _output_out(row))


@runs_router.get("/{uuid:pk}", response=RunOut, auth=READ, summary="A run, with what went in and came out")
def get_run(request: ApiRequest, pk: UUID) -> dict[str, object]:
    run = get_object_or_404(GenerationRun.objects.select_related("person"), pk=pk)
    is_open = permissions.may_see_prompt(request.user, run) and run.purged_at is None
    inputs = list(run.inputs.all())
    assets = listing.find_assets((each.stored_file_id for each in inputs), request.user)
    rows = listing.make_rows(run.outputs.select_related("run"), request.user, timezone.now())
    return {
        "id": run.pk,
        "request_id": run.request_id,
        "model": run.model,
        "status": run.status,
        "made_at": run.made_at.isoformat(),
        "cost": None if run.cost is None else str(run.cost),
        "latency_ms": run.latency_ms,
        "error": run.error or None if is_open else None,
        "person": run.person.get_username() if run.person else run.email or None,
        "prompt": run.prompt if is_open else None,
        "parameters": run.parameters if is_open else None,
        "inputs": [
            {
                "field": each.field,
                "url": each.url if is_open or each.stored_file_id in assets else None,
                "asset_id": assets[each.stored_file_id].pk if each.stored_file_id in assets else None,
            }
            for each in inputs
        ],
        "outputs": [_output_out(row) for row in rows],
        "page": _page(request, run),
    }


def _page(request: HttpRequest, run: GenerationRun) -> str:
    return request.build_absolute_uri(run.get_absolute_url())


def _output_out(row: OutputRow) -> dict[str, object]:
    output, run = row.output, row.output.run
    return {
        "id": output.pk,
        "run_id": run.pk,
        "model": run.model,
        "url": output.url,
        "state": OutputState.DELETED.value if row.is_gone else output.state,
        "made_at": run.made_at.isoformat(),
        "expires_at": output.expires_at.isoformat(),
        "deleted_at": output.gone_at.isoformat() if row.is_gone else None,
        "cost": None if run.cost is None else str(run.cost),
        "error": output.error or None,
        "asset_id": row.asset.pk if row.asset else None,
    }
