"""What a token has to allow for each operation."""

from django.http import HttpRequest
from ninja.security import HttpBearer

from assets.accounts.tokens import effective_scopes, name_scopes
from assets.api.middleware import tokens_url, unauthorized
from assets.api.problems import ProblemError
from assets.models import PersonalToken
from assets.models.tokens import Scope
from assets.permissions import AuthHttpRequest


class ApiRequest(AuthHttpRequest):
    """A request that a token has signed in."""

    token: PersonalToken


class Bearer(HttpBearer):
    """The token of the request, which `TokenMiddleware` has found. Raises ProblemError without the scope."""

    def __init__(self, scope: Scope | None = None) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> PersonalToken:
        token: PersonalToken | None = getattr(request, "token", None)
        if token is None:
            raise unauthorized(
                "Send a personal token in the header “Authorization: Bearer sal_…”. "
                f"Create one at {tokens_url(request)}."
            )
        if self.scope and self.scope not in (scopes := effective_scopes(token)):
            raise ProblemError(403, _describe_lack(request, scopes, self.scope), code="scope")
        return token

    def authenticate(self, request: HttpRequest, token: str) -> PersonalToken | None:
        raise NotImplementedError


def _describe_lack(request: HttpRequest, scopes: list[Scope], missing: Scope) -> str:
    has = f"only {name_scopes(scopes)}" if scopes else "do nothing: the role of its owner allows none of it"
    return f"This token can {has}. Create one with the {missing} scope at {tokens_url(request)}."


ANY = Bearer()
READ, UPLOAD, WRITE, ADMIN = map(Bearer, (Scope.READ, Scope.UPLOAD, Scope.WRITE, Scope.ADMIN))
