from collections.abc import Callable
from http import HTTPStatus

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.gzip import GZipMiddleware

from assets.audit.log import audit_context
from assets.web.client_ip import client_ip
from assets.web.responses import wants_json


class CompressionMiddleware(GZipMiddleware):
    """Compresses text only: pictures, videos and ranges of them would take longer and be no smaller."""

    TEXT_TYPES = {"text/html", "text/css", "text/javascript", "application/json"}

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        media_type = response.headers.get("content-type", "").partition(";")[0]
        return super().process_response(request, response) if media_type in self.TEXT_TYPES else response


class SignInMiddleware(LoginRequiredMiddleware):
    """Every page is behind sign-in; a program gets 401 and a sentence instead of the sign-in page."""

    def handle_no_permission(self, request: HttpRequest, view_func) -> HttpResponseBase:
        if wants_json(request):
            return JsonResponse({"error": {"code": "signed_out", "message": "Sign in first."}}, status=401)
        return super().handle_no_permission(request, view_func)


class JsonErrorsMiddleware:
    """A program that asks for JSON gets its errors as JSON too, whoever raised them."""

    MESSAGES = {
        400: "The request could not be read.",
        403: "This is not allowed, or the CSRF token is missing.",
        404: "There is nothing here, or it is not visible to you.",
        413: "The request brings more than a form may. Nothing of it was taken; send it in parts.",
        500: "Something went wrong here. Nothing that was received is lost; try again later.",
        503: "The database does not answer at the moment. Nothing that was received is lost; try again later.",
    }

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """What may not be done is said in its own words, where there are any."""
        if not isinstance(exception, PermissionDenied) or not str(exception) or not wants_json(request):
            return None
        return JsonResponse({"error": {"code": "forbidden", "message": str(exception)}}, status=403)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code < 400 or not wants_json(request):
            return response
        if response.headers.get("content-type", "").startswith("application/json"):
            return response
        status = HTTPStatus(response.status_code)
        message = self.MESSAGES.get(status.value, f"{status.phrase}.")
        code = status.phrase.lower().replace(" ", "_")
        return JsonResponse({"error": {"code": code, "message": message}}, status=status.value)


class HistoryMiddleware:
    """What is changed in the course of a request is the doing of the person who makes it, from their address.

    In place of django-auditlog's own, which takes the address from a header that anybody can write, and looks up the
    person for every request.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with audit_context(user=request.user, client_ip=client_ip(request)):
            return self.get_response(request)
