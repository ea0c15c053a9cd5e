"""The schema of the API: ninja's, with the answers that every operation has."""

from functools import cache

from django.urls import get_script_prefix
from ninja.types import DictStrAny

from assets.api import problems
from assets.api.v1 import api

_PROBLEM = {"content": {problems.CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
# What any operation may answer.
_ERRORS = {
    "401": "No token, or one that does not work",
    "403": "The scope of the token, or the role of its owner, does not allow this",
    "429": "Too many requests; `Retry-After` says when to go on",
    "default": "What was wrong, in a sentence and a code",
}


def get_schema() -> DictStrAny:
    """As it is served: with the address that the API has here."""
    return build_schema() | {"servers": [{"url": f"{get_script_prefix()}api/v1"}]}


@cache
def build_schema() -> DictStrAny:
    schema = dict(api.get_openapi_schema(path_prefix=""))
    schema["servers"] = [{"url": "/api/v1"}]
    schema["paths"] = {path.replace("{pk}", "{id}"): methods for path, methods in schema["paths"].items()}
    for methods in schema["paths"].values():
        for operation in methods.values():
            _describe_errors(operation)
            _rename_ids(operation)
    definition = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schema["components"]["schemas"] |= {**definition.pop("$defs"), "Problem": definition}
    schema["components"]["securitySchemes"] = {"Bearer": {"type": "http", "scheme": "bearer"}}
    return schema


def _describe_errors(operation: DictStrAny) -> None:
    operation["responses"] = {str(status): answer for status, answer in operation["responses"].items()}
    for status, description in _ERRORS.items():
        operation["responses"].setdefault(status, {"description": description, **_PROBLEM})


def _rename_ids(operation: DictStrAny) -> None:
    for parameter in operation["parameters"]:
        if parameter["name"] == "pk":
            parameter["name"] = "id"
            parameter["schema"]["title"] = "Id"
