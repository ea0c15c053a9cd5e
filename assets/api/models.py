"""Models of Segmind, and what fits them."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import JsonValue

from assets import permissions
from assets.api.assets import router as assets_router
from assets.api.auth import READ, ApiRequest
from assets.api.problems import ProblemError
from assets.api.schemas import Uri
from assets.catalogue.as_json import judgement_json, model_json
from assets.catalogue.views import find_models, get_model_or_404, models_after
from assets.catalogue.works_with import judge_inputs
from assets.models import SegmindModel

router = Router(tags=["Models"])
Kind = Literal["image", "video", "audio", "other"]


class SourceOut(Schema):
    """`origin`: a fact `by hand` is believed first, then one that is shipped with the library."""

    url: Uri | None
    read_on: date
    origin: Literal["segmind", "shipped", "hand"]


class LimitOut(Schema):
    """`value`: a number, or media types; null where it was corrected to “not stated”."""

    name: str
    value: int | float | list[str] | None
    source: SourceOut


class InputOut(Schema):
    name: str
    kind: Kind
    is_list: bool
    required: bool | None
    limits: list[LimitOut]
    source: SourceOut


class ParameterOut(Schema):
    name: str
    type: Literal["string", "integer", "number", "boolean", "array", "object"]
    required: bool | None
    default: JsonValue
    choices: list[JsonValue]
    source: SourceOut


class ModelOut(Schema):
    """What is null is not stated. `limits`: of all inputs together."""

    slug: str
    title: str
    description: str
    output: Literal["image", "video", "audio", "text", "other"] | None
    is_retired: bool
    page: Uri
    inputs: list[InputOut]
    parameters: list[ParameterOut]
    limits: list[LimitOut]
    source: SourceOut


class ModelList(Schema):
    items: list[ModelOut]
    next: str | None


class ModelQuery(Schema):
    q: Annotated[str, Query("", max_length=200, description="Words of a title, a slug or a description.")]
    takes: Annotated[Kind | Literal[""], Query("", description="Only those with an input for such files.")]
    limit: Annotated[int, Query(40, ge=1, le=100)]
    cursor: Annotated[str, Query("", max_length=100, description="`next` of the page before.")]


class JudgementOut(Schema):
    """`request`: a page with a request for the model, with the asset in this input."""

    model: str
    title: str
    input: str
    outcome: Literal["fits", "does_not", "not_stated"]
    reasons: list[str]
    request: Uri


class JudgementList(Schema):
    items: list[JudgementOut]


@router.get("", response=ModelList, auth=READ, summary="Models of Segmind, by title")
def list_models(request: ApiRequest, query: Query[ModelQuery]) -> dict[str, object]:
    if query.cursor and not SegmindModel.objects.filter(slug=query.cursor).exists():
        raise ProblemError(422, "This cursor is not one of this list. Use `next` as the page before gave it.")
    rows = list(models_after(find_models(query.q, query.takes), query.cursor)[: query.limit + 1])
    return {
        "items": [_model_out(request, row) for row in rows[: query.limit]],
        "next": rows[query.limit - 1].slug if len(rows) > query.limit else None,
    }


@router.get("/{slug}", response=ModelOut, auth=READ, summary="One model")
def get_model(request: ApiRequest, slug: str) -> dict[str, object]:
    return _model_out(request, get_model_or_404(slug))


@assets_router.get(
    "/{uuid:pk}/fits", response=JudgementList, auth=READ, summary="The models that it fits", tags=["Models"]
)
def list_fits(request: ApiRequest, pk: UUID) -> dict[str, object]:
    """Every input for files of its kind, the best used models first, and the reasons where it does not fit."""
    found = judge_inputs(permissions.get_asset_or_404(request, pk))
    return {"items": [_with_address(request, judgement_json(one), "request") for one in found]}


def _model_out(request: HttpRequest, row: SegmindModel) -> dict[str, object]:
    return _with_address(request, model_json(row), "page")


def _with_address(request: HttpRequest, facts: dict[str, object], name: str) -> dict[str, object]:
    return {**facts, name: request.build_absolute_uri(str(facts[name]))}
