"""The schema of the API: ninja's, with the answers that every operation has."""

from functools import cache

from django.urls import get_script_prefix
from ninja.types import DictStrAny

from assets.api import problems
from assets.api.v1 import api
from assets.models.idempotency import KEY_LENGTH

_PROBLEM = {"content": {problems.CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
# What any operation may answer.
_ERRORS = {
    "401": "No token, or one that does not work",
    "403": "The scope of the token, or the role of its owner, does not allow this",
    "429": "Too many requests; `Retry-After` says when to go on",
    "default": "What was wrong, in a sentence and a code",
}


def _header(name: str, description: str, **schema: object) -> DictStrAny:
    return {
        "in": "header",
        "name": name,
        "required": False,
        "description": description,
        "schema": {"type": "string", "title": name, **schema},
    }


# Read by what stands around an operation.
_IF_MATCH = _header("If-Match", "The ETag of the asset as it was read, or `*`.")
_KEY = _header("Idempotency-Key", "The same for a request that is sent again.", minLength=1, maxLength=KEY_LENGTH)
_HEADERS_OF_METHODS = {"post": [_KEY]}
_HEADERS = {
    ("patch", "/assets/{id}"): [_IF_MATCH],
    ("delete", "/assets/{id}"): [_IF_MATCH],
    ("get", "/assets/{id}/original"): [_header("Range", "A part of the file: `bytes=0-999`.")],
}
# Of what answers well.
_ETAG, _UNDO = "ETag", "Undo-Id"
_ANSWERED = {
    ("get", "/assets/{id}"): [_ETAG],
    ("patch", "/assets/{id}"): [_ETAG, _UNDO],
    ("delete", "/assets/{id}"): [_UNDO],
    ("post", "/assets/{id}/restore"): [_ETAG, _UNDO],
    ("put", "/assets/{id}/favourite"): [_UNDO],
    ("delete", "/assets/{id}/favourite"): [_UNDO],
}
_MEANINGS = {_ETAG: "The version, for `If-Match`.", _UNDO: "For `POST /undo/{id}`, if anything was changed."}


def get_schema() -> DictStrAny:
    """As it is served: with the address that the API has here."""
    return build_schema() | {"servers": [{"url": f"{get_script_prefix()}api/v1"}]}


@cache
def build_schema() -> DictStrAny:
    schema = dict(api.get_openapi_schema(path_prefix=""))
    schema["servers"] = [{"url": "/api/v1"}]
    schema["paths"] = {path.replace("{pk}", "{id}"): methods for path, methods in schema["paths"].items()}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            _describe_headers(operation, _ANSWERED.get((method, path), []))
            _describe_errors(operation)
            _rename_ids(operation)
            operation["parameters"] += _HEADERS.get((method, path), _HEADERS_OF_METHODS.get(method, []))
    definition = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schema["components"]["schemas"] |= {**definition.pop("$defs"), "Problem": definition}
    schema["components"]["securitySchemes"] = {"Bearer": {"type": "http", "scheme": "bearer"}}
    return schema


def _describe_headers(operation: DictStrAny, names: list[str]) -> None:
    """Before the errors are added."""
    headers = {name: {"description": _MEANINGS[name], "schema": {"type": "string"}} for name in names}
    for answer in operation["responses"].values() if headers else ():
        answer["headers"] = headers


def _describe_errors(operation: DictStrAny) -> None:
    operation["responses"] = {str(status): answer for status, answer in operation["responses"].items()}
    for status, description in _ERRORS.items():
        operation["responses"].setdefault(status, {"description": description, **_PROBLEM})


def _rename_ids(operation: DictStrAny) -> None:
    for parameter in operation["parameters"]:
        if parameter["name"] == "pk":
            parameter["name"] = "id"
            parameter["schema"]["title"] = "Id"
