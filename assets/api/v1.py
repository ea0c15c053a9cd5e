"""The API, version 1: its operations, and what their errors become."""

import logging

from django.conf import settings
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
    ValidationError,
)
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import HttpError
from ninja.errors import ValidationError as SchemaError
from ninja.types import DictStrAny

from assets.api import (
    asset_changes,
    assets,
    batches,
    events,
    imports,
    labels,
    models,
    outputs,
    problems,
    queue,
    ready_requests,
    receiving,
    searches,
    selections,
    sets,
    shares,
    undo,
    uploads,
    webhooks,
)
from assets.api.idempotency import idempotent
from assets.api.problems import FieldError, ProblemError
from assets.text.formats import format_size
from assets.web.responses import MissingError

logger = logging.getLogger(__name__)
NOT_THERE = "This does not exist, or you cannot see it."
NOT_ALLOWED = "You may not do this."

api = NinjaAPI(
    title="Segmind Asset Library",
    version="1",
    description="Upload, find and organise the files that a team keeps in Segmind Storage.",
    urls_namespace="v1",
    openapi_url=None,
    docs_url=None,
)
api.add_decorator(idempotent, mode="view")
# Each path has its operations in one router, which several modules may fill.
MODULES = {
    "": (queue,),
    "/assets": (assets, asset_changes, receiving, batches, imports),
    "/models": (models, ready_requests),
    "/uploads": (uploads,),
    "/searches": (searches,),
    "/sets": (sets,),
    "/shares": (shares,),
    "/undo": (undo,),
    "/outputs": (outputs,),
    "/webhooks": (webhooks,),
}
for prefix, modules in MODULES.items():
    api.add_router(prefix, modules[0].router)
api.add_router("/runs", outputs.runs_router)
for module in (labels, selections, events):
    api.add_router("", module.router)


@api.exception_handler(ProblemError)
def _answer(request: HttpRequest, error: ProblemError) -> HttpResponse:
    return error.as_response()


@api.exception_handler(Exception)
def _fail(request: HttpRequest, error: Exception) -> HttpResponse:
    """Django logs it, and `ProgramMiddleware` makes a problem of its page."""
    raise error


@api.exception_handler(Http404)
def _answer_missing(request: HttpRequest, error: Http404) -> HttpResponse:
    sentence = str(error) if isinstance(error, MissingError) else NOT_THERE
    return ProblemError(404, sentence).as_response()


@api.exception_handler(PermissionDenied)
def _answer_forbidden(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    return ProblemError(403, str(error) or NOT_ALLOWED).as_response()


@api.exception_handler(ValidationError)
def _answer_refusal(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problems.from_validation(error).as_response()


@api.exception_handler(SchemaError)
def _answer_schema(request: HttpRequest, error: SchemaError) -> HttpResponse:
    """What pydantic says of the parameters and the body, without the values that were sent."""
    return problems.of_fields([_field_error(each) for each in error.errors]).as_response()


def _field_error(error: DictStrAny) -> FieldError:
    """The place begins with where it was sent and, of a body, with the name of our argument."""
    place = error["loc"][2:] if error["loc"][0] == "body" else error["loc"][1:]
    field = ".".join(map(str, place))
    if error["type"] == "extra_forbidden":
        return problems.no_such_field(field)
    return FieldError(field=field, code=str(error["type"]), message=f"{error['msg']}.")


@api.exception_handler(HttpError)
def _answer_unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Of ninja itself: a body that is not JSON."""
    return ProblemError(error.status_code, "The body is not valid JSON.").as_response()


def _answer_too_large(request: HttpRequest, error: Exception) -> HttpResponse:
    """The sentence is ours where the form's handler wrote it, and else Django's, which names a setting."""
    limit = format_size(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    words = f"A request can have {limit} of text. This one had more, so nothing was saved. Send it in parts."
    return ProblemError(413, words if "settings." in str(error) else str(error)).as_response()


def _answer_bad(request: HttpRequest, error: Exception) -> HttpResponse:
    words = "The request ended early, so nothing was saved." if isinstance(error, UnreadablePostError) else str(error)
    return ProblemError(400, words).as_response()


for too_large in (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent):
    api.exception_handler(too_large)(_answer_too_large)
for bad in (BadRequest, MultiPartParserError, UnreadablePostError):
    api.exception_handler(bad)(_answer_bad)
