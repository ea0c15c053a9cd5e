"""Requests to the API: who sends them is told by their token alone, and every error is a problem in JSON."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from assets.accounts import tokens
from assets.api import rate_limit
from assets.api.problems import ProblemError, as_problem, not_now
from assets.models import PersonalToken
from assets.text.formats import pluralise
from assets.web.client_ip import client_ip

PATH = "/api/v1/"
NO_OPERATION = "There is no operation at this address. Ids are UUIDs, and only /uploads/ ends with a slash."
GetResponse = Callable[[HttpRequest], HttpResponseBase]


class ProgramMiddleware:
    """Before the session is read: programs have none. Whatever refuses their requests answers in JSON."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PATH):
            return self.get_response(request)
        request.META.pop("HTTP_COOKIE", None)
        request.META["HTTP_ACCEPT"] = "application/json"
        response = self.get_response(request)
        if response.status_code == HTTPStatus.NOT_FOUND and not _has_operation(request):
            return ProblemError(404, f"{NO_OPERATION} See {_docs_url(request)}.").as_response()
        return as_problem(response)


def _has_operation(request: HttpRequest) -> bool:
    return request.resolver_match is not None and request.resolver_match.url_name != "api-root"


def _docs_url(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("api_docs"))


class TokenMiddleware:
    """After the session: puts the owner of the token in its place, and counts the request."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PATH):
            return self.get_response(request)
        request.user, headers = AnonymousUser(), {}
        try:
            token = find_token(request)
            vars(request)["token"] = token
            if token:
                request.user = token.person
                headers = _take(token)
        except ProblemError as problem:
            return problem.as_response()
        response = self.get_response(request)
        for name, value in headers.items():
            response[name] = value
        return response


def _take(token: PersonalToken) -> dict[str, str]:
    """The headers that say how many requests are left. Raises ProblemError if this is one too many."""
    allowance = rate_limit.take(token.pk)
    if allowance.left < 0:
        words = f"This token has made {allowance.limit:,} requests in a minute, the most there can be."
        problem = not_now(words, timedelta(seconds=allowance.seconds))
        problem.headers |= allowance.as_headers()
        raise problem
    return allowance.as_headers()


@sensitive_variables()
def find_token(request: HttpRequest) -> PersonalToken | None:
    """None where the request brings none. Raises ProblemError for one that does not work."""
    scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    now = timezone.now()
    token = tokens.find(secret.strip())
    if token is None:
        raise _refuse_wrong(request)
    if token.is_expired(now):
        expired = f"{timezone.localtime(token.expires_at):%-d %b %Y}"
        raise unauthorized(f"This token expired on {expired}. Create a new one at {tokens_url(request)}.")
    tokens.see(token, client_ip(request), now)
    return token


def _refuse_wrong(request: HttpRequest) -> ProblemError:
    if wait := tokens.claim_wrong(client_ip(request) or "", timezone.now()):
        seconds = pluralise(max(1, round(wait.total_seconds())), "second")
        return not_now(f"Too many wrong tokens from this address. Try again in {seconds}.", wait)
    return unauthorized(f"This token does not work. It may have been revoked. Look at {tokens_url(request)}.")


def unauthorized(detail: str) -> ProblemError:
    return ProblemError(401, detail, headers={"WWW-Authenticate": 'Bearer realm="Asset Library"'})


def tokens_url(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("tokens"))
