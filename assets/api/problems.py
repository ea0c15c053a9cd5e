"""Errors as `application/problem+json` (RFC 9457), with codes that stay the same and the sentences of the pages."""

import json
import math
from collections.abc import Iterable, Mapping
from datetime import timedelta
from http import HTTPStatus

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from ninja import Schema

CONTENT_TYPE = "application/problem+json"
# Of the statuses whose code does not say more.
CODES = {
    400: "invalid", 401: "unauthorized", 403: "forbidden", 404: "not_found", 405: "method_not_allowed", 409: "conflict",
    411: "length_required", 412: "conflict", 413: "too_large", 415: "media_type", 422: "invalid",
    428: "version_required", 429: "rate_limited", 500: "server_error", 503: "unavailable", 507: "disk_full",
}  # fmt: skip
_OF_THE_BODY = ("Content-Type", "Content-Length", "Content-Encoding")
# Codes of refused files that have a status of their own.
STATUSES = {
    "busy": 503, "too_large": 413, "media_type": 415, "unsupported": 415, "disk_full": 507, "conflict": 409,
    "paused": 409,
}  # fmt: skip


class FieldError(Schema):
    """`field` is empty where it is none in particular."""

    field: str
    code: str
    message: str


class Problem(Schema):
    """What was wrong, in a code for programs and a sentence for people."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[FieldError] = []


class ProblemError(Exception):
    """Raised anywhere below an operation, it is the answer."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        code: str = "",
        errors: Iterable[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.code = status, detail, code or CODES.get(status, "error")
        self.errors, self.headers = list(errors), dict(headers or {})

    @property
    def problem(self) -> Problem:
        return Problem(
            type=f"urn:asset-library:problem:{self.code}",
            title=HTTPStatus(self.status).phrase,
            status=self.status,
            code=self.code,
            detail=self.detail,
            errors=self.errors,
        )

    def as_response(self) -> HttpResponse:
        content = self.problem.model_dump_json(exclude_defaults=True)
        return HttpResponse(content, status=self.status, content_type=CONTENT_TYPE, headers=self.headers)


def not_now(detail: str, wait: timedelta, *, status: int = 429) -> ProblemError:
    return ProblemError(status, detail, headers={"Retry-After": str(max(1, math.ceil(wait.total_seconds())))})


def from_validation(error: ValidationError) -> ProblemError:
    """What a rule refuses: a file, for example."""
    code = next((each.code for each in error.error_list if each.code), "invalid")
    return ProblemError(STATUSES.get(code, 422), " ".join(error.messages), code=code)


def from_form(errors: Mapping[str, Iterable[ValidationError]]) -> ProblemError:
    """What a form refuses, field by field."""
    found = [
        FieldError(field="" if field == "__all__" else field, code=error.code or "invalid", message=message)
        for field, several in errors.items()
        for error in several
        for message in error.messages
    ]
    return of_fields(found)


def no_such_field(name: str) -> FieldError:
    return FieldError(field=name, code="extra_forbidden", message="There is no such field.")


def of_fields(errors: list[FieldError]) -> ProblemError:
    sentences = (f"{error.field}: {error.message}" if error.field else error.message for error in errors)
    return ProblemError(422, " ".join(sentences), errors=errors)


def as_problem(response: HttpResponseBase) -> HttpResponseBase:
    """An error that something else than an operation has answered, as a problem."""
    if response.status_code < HTTPStatus.BAD_REQUEST or response.headers.get("content-type") == CONTENT_TYPE:
        return response
    status = HTTPStatus(response.status_code)
    kept = {name: value for name, value in response.items() if name not in _OF_THE_BODY}
    return ProblemError(status.value, _find_sentence(response) or f"{status.phrase}.", headers=kept).as_response()


def _find_sentence(response: HttpResponseBase) -> str:
    if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return f"This address answers {response['Allow']}."
    if not isinstance(response, HttpResponse) or not response.headers.get("content-type", "").startswith(
        "application/json"
    ):
        return ""
    try:
        return str(json.loads(response.content)["error"]["message"])
    except (KeyError, TypeError, ValueError):
        return ""
