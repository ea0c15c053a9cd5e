"""HEAD wherever there is GET, and OPTIONS everywhere, unless an operation answers them itself."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

View = Callable[..., HttpResponseBase]


def answers_every_method(view: View) -> View:
    @wraps(view)
    def answer(request: HttpRequest, **arguments: object) -> HttpResponseBase:
        response = view(request, **arguments)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return response
        allowed = {*response["Allow"].split(", "), "OPTIONS"}
        if "GET" in allowed:
            allowed.add("HEAD")
        if request.method == "HEAD" and "GET" in allowed:
            return _answer_head(view, request, arguments)
        if request.method == "OPTIONS":
            response = HttpResponse(status=HTTPStatus.NO_CONTENT)
        response["Allow"] = ", ".join(sorted(allowed))
        return response

    return answer


def _answer_head(view: View, request: HttpRequest, arguments: dict[str, object]) -> HttpResponseBase:
    request.method = "GET"
    try:
        return view(request, **arguments)
    finally:
        request.method = "HEAD"
