from collections.abc import Callable
from datetime import tzinfo
from http import HTTPStatus
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import MiddlewareNotUsed
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import resolve_url
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails

from assets.accounts import devices
from assets.audit.log import audit_context
from assets.permissions import AuthHttpRequest
from assets.web.client_ip import LOOPBACK, client_ip, find_client, is_trusted_proxy, read_address
from assets.web.database import release_connection
from assets.web.responses import wants_json
from segmind_site.errors import method_not_allowed, page_not_found, refuse
from segmind_site.unsent import read_unsent

SIGNED_OUT = "You are not signed in, so nothing was saved. Sign in, then try again."


class TrustedProxyMiddleware:
    """Makes `REMOTE_ADDR` the client's address, and removes forwarded headers that no trusted proxy has sent.

    What reads them later needs no rule of its own: `SECURE_PROXY_SSL_HEADER`, the audit log, the access log.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        forwarded = _take_forwarded_headers(request.META)
        # A Unix socket has no address: it is on this machine, as loopback is.
        peer = read_address(request.META.get("REMOTE_ADDR") or LOOPBACK)
        if is_trusted_proxy(peer):
            _believe(request.META, forwarded)
        return self.get_response(request)


def _take_forwarded_headers(meta: dict[str, Any]) -> dict[str, list[str]]:
    """The values of each, in the order in which the proxies appended them."""
    names = [name for name in meta if name.startswith("HTTP_X_FORWARDED_") or name == "HTTP_FORWARDED"]
    return {name: [part.strip() for part in meta.pop(name).split(",") if part.strip()] for name in names}


def _believe(meta: dict[str, Any], forwarded: dict[str, list[str]]) -> None:
    if addresses := forwarded.get("HTTP_X_FORWARDED_FOR"):
        client = find_client(addresses)
        meta["REMOTE_ADDR"] = str(client) if client else ""
    if protocols := forwarded.get("HTTP_X_FORWARDED_PROTO"):
        meta["HTTP_X_FORWARDED_PROTO"] = protocols[-1].lower()


class HeadMiddleware:
    """Leaves out the body that the server would drop with a warning, or after a stream is written to its end."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.method == "HEAD" and isinstance(response, StreamingHttpResponse):
            response.streaming_content = iter(())
        elif request.method == "HEAD" and isinstance(response, HttpResponse):
            response.content = b""
        return response


class StreamingMiddleware:
    """While a response is sent, which takes as long as its client likes, others have the database connection."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.streaming:
            release_connection()
        return response


class CompressionMiddleware(GZipMiddleware):
    """Compresses text only: images, videos and ranges of them would not get smaller."""

    TEXT_TYPES = {"text/html", "text/css", "text/javascript", "application/json"}

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        media_type = response.headers.get("content-type", "").partition(";")[0]
        return super().process_response(request, response) if media_type in self.TEXT_TYPES else response


class PrivateMiddleware:
    """Keeps responses out of shared caches, and has browsers ask before they show one again.

    With HTTPS, they may keep pages for the Back button, since signing out clears their cache. Without, they ignore that
    request and may keep nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-cache" if request.is_secure() else "private, no-store"
            # The same address has a page, parts of it for htmx, and JSON.
            patch_vary_headers(response, ("Accept", "HX-Request"))
        return response


class SignInMiddleware(LoginRequiredMiddleware):
    """Requires signing in for every page. Clients that want JSON get 401 instead of a redirect to the sign-in page.

    Whoever sends a form may have been signed out since its page was opened, by a new role or password for example.
    """

    def handle_no_permission(  # type: ignore[override]  # Django only redirects
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        if wants_json(request):
            return JsonResponse({"error": {"code": "signed_out", "message": SIGNED_OUT}}, status=401)
        if unsent := read_unsent(request):
            return refuse(request, 401, SIGNED_OUT, unsent)
        if request.method == "POST":
            messages.error(request, SIGNED_OUT)
        htmx = HtmxDetails(request)
        if htmx.trigger == "refresher":
            # Nobody has asked for it, and somebody may be typing.
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        if htmx:
            # A redirect would put the sign-in page into a part of the page that htmx was asked to refresh.
            # The address of a search follows once its results are there.
            here = request.get_full_path() if htmx.target == "results" else htmx.current_url_abs_path
            url = redirect_to_login(here or resolve_url("library")).url
            return HttpResponse(headers={"HX-Redirect": url})
        return super().handle_no_permission(request, view_func)


class PersonMiddleware:
    """Shows dates in the person's time zone, and notes now and then that they are here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        devices.see(cast(AuthHttpRequest, request), timezone.now())
        with timezone.override(_get_zone(request.user.time_zone)):
            return self.get_response(request)


def _get_zone(name: str) -> tzinfo:
    """The site's, if the person has chosen none, or one that this machine does not know."""
    try:
        return ZoneInfo(name) if name else timezone.get_default_timezone()
    except (ZoneInfoNotFoundError, ValueError):
        return timezone.get_default_timezone()


class JsonErrorsMiddleware:
    """Clients that want JSON get errors as JSON too, whatever raised them."""

    MESSAGES = {
        400: "The request was incomplete or damaged. Nothing was saved.",
        403: "This is not allowed, or the CSRF token is missing.",
        404: "This does not exist, or you cannot see it.",
        413: "The request is larger than a form can be. Nothing was saved. Send it in parts.",
        500: "Something went wrong. No uploaded file was lost. Try again later.",
        503: "The database is not available. No uploaded file was lost. Try again later.",
    }

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code < HTTPStatus.BAD_REQUEST or not wants_json(request):
            return response
        if response.headers.get("content-type", "").startswith(("application/json", "application/problem+json")):
            return response
        status = HTTPStatus(response.status_code)
        message = self.MESSAGES.get(status.value, f"{status.phrase}.")
        code = status.phrase.lower().replace(" ", "_")
        kept = {name: response[name] for name in ("Allow", "Retry-After") if response.has_header(name)}
        return JsonResponse({"error": {"code": code, "message": message}}, status=status.value, headers=kept)


class RefusedMethodMiddleware:
    """An address that only takes forms, opened by a restored tab for example, shows a page with a way on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or response.content:
            return response
        return method_not_allowed(response["Allow"])


class MissingPageMiddleware:
    """With `DEBUG`, a page that does not exist is the one that people see without, not Django's list of URLs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.DEBUG:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            resolve(request.path_info)
        except Resolver404 as error:
            return page_not_found(request, error)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return page_not_found(request, exception) if isinstance(exception, Http404) else None


class AuditMiddleware:
    """Records changes during a request with the person who made it and their IP address.

    Replaces django-auditlog's middleware, which trusts a header that anybody can send and loads the user on every
    request.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with audit_context(user=request.user, client_ip=client_ip(request)):
            return self.get_response(request)
