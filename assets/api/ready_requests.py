"""Requests to models with assets, ready to be sent."""

from typing import Annotated, Literal
from uuid import UUID

from django.utils import timezone
from ninja import Schema
from pydantic import Field, JsonValue

from assets.api.assets import SnippetOut
from assets.api.auth import READ, ApiRequest
from assets.api.models import router
from assets.api.problems import ProblemError
from assets.api.schemas import Body
from assets.catalogue import store
from assets.models import Use
from assets.ready_requests.body import is_plain
from assets.ready_requests.call import Version
from assets.ready_requests.forms import MAX_TEXT
from assets.ready_requests.prepare import MAX_ASSETS, ReadyRequest, find_assets, prepare
from assets.ready_requests.views import get_spec_or_404, request_json

FormatName = Literal["curl", "python", "segmind", "javascript", "body", "pixelflow", "n8n"]
Input = Annotated[str, Field(max_length=100)]


class RequestIn(Body):
    """`inputs`: one for each asset (`-` leaves it out), or one for all; otherwise those that fit. `values`: of the
    other parameters. `formats`: of the texts that are answered, all if it is empty."""

    assets: list[UUID] = Field([], max_length=MAX_ASSETS)
    inputs: list[Input] = Field([], max_length=MAX_ASSETS)
    values: dict[str, JsonValue] = {}
    version: Version = "v2"
    formats: list[FormatName] = []


class UsedAsset(Schema):
    """`number` is how a prompt names it: `image 1`. `input` is null where it is left out."""

    id: UUID
    title: str
    input: str | None
    number: str | None
    outcome: Literal["fits", "does_not", "not_stated"] | None
    reasons: list[str]


class RequestOut(Schema):
    """`blanks`: the fields of `body` that begin with `REPLACE: `. No key is in it; the code reads $SEGMIND_API_KEY."""

    model: str
    version: Version
    body: dict[str, JsonValue]
    blanks: list[str]
    remarks: list[str]
    url_has_email: bool
    assets: list[UsedAsset]
    texts: list[SnippetOut]


@router.post("/{slug}/request", response=RequestOut, auth=READ, summary="A request with assets, ready to be sent")
def make_request(request: ApiRequest, slug: str, body: RequestIn) -> dict[str, object]:
    """The body, and the code that sends it and waits for the result. Nothing is run, and nothing is sent to Segmind."""
    spec = get_spec_or_404(slug)
    names = {each.name for each in spec.parameters}
    if unknown := [name for name in body.values if name not in names]:
        raise ProblemError(422, f"{spec.title} has no parameter {', '.join(unknown)[:MAX_TEXT]}.")
    if not is_plain(body.values):
        raise ProblemError(422, "The values are nested too deeply, or have NaN or Infinity.")
    if unknown := sorted(set(body.inputs) - {each.name for each in spec.inputs} - {"", "-"}):
        raise ProblemError(422, f"{spec.title} has no input {', '.join(unknown)}.")
    assets = find_assets(request.user, list(dict.fromkeys(body.assets)))
    ready = prepare(spec, assets, body.inputs, values=body.values, version=body.version)
    _refuse_troubles(ready)
    store.record_use(slug)
    Use.objects.record(request.user, assets, timezone.now())
    return request_json(ready, body.formats)


def _refuse_troubles(ready: ReadyRequest) -> None:
    if ready.troubles:
        raise ProblemError(409, " ".join(ready.troubles), code="not_ready")
