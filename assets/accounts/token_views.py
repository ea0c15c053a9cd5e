"""One's own personal tokens. A new one is shown by the response that made it, and never again."""

import json
import uuid
from collections.abc import Mapping
from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from assets import permissions
from assets.accounts import tokens as rules
from assets.accounts.token_form import TokenForm
from assets.models import PersonalToken
from assets.permissions import AuthHttpRequest
from assets.web.responses import errors_json, redirect_back, wants_json


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: AuthHttpRequest) -> HttpResponse:
    """One's tokens, and the form to make one."""
    form = TokenForm(_read(request) if request.method == "POST" else None, person=request.user)
    if form.is_bound and form.is_valid():
        return _create(request, form)
    if form.is_bound and _is_program(request):
        return JsonResponse({"errors": errors_json(form.errors.as_data())}, status=400)
    if _is_program(request):
        return JsonResponse({"tokens": [_token_json(token) for token in request.user.tokens.all()]})
    return _page(request, form, status=400 if form.errors else 200)


@sensitive_variables("secret")
def _create(request: AuthHttpRequest, form: TokenForm) -> HttpResponse:
    data = form.cleaned_data
    token, secret = rules.create(
        request.user, name=data["name"], scopes=data["scopes"], days=data["days"], now=timezone.now()
    )
    if _is_program(request):
        return JsonResponse({"token": secret, **_token_json(token)}, status=HTTPStatus.CREATED)
    return _page(request, TokenForm(person=request.user), secret=secret, created=token)


def _page(request: AuthHttpRequest, form: TokenForm, *, status: int = 200, **created: object) -> HttpResponse:
    context = {
        "form": form,
        "tokens": request.user.tokens.all(),
        "now": timezone.now(),
        "chosen": form["scopes"].value() or [],
        "secret": "",
        "created": None,
        **created,
    }
    return render(request, "accounts/tokens.html", context, status=status)


@never_cache
@require_http_methods(["POST", "DELETE"])
def token(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Revoke a token: one's own, or as an administrator anybody's."""
    found = permissions.get_token_or_404(request.user, pk)
    rules.revoke(found)
    if request.method == "DELETE" or wants_json(request):
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    messages.success(request, f"Token “{found.name}” revoked. Programs that use it are locked out.")
    return redirect_back(request, "tokens")


def _is_program(request: AuthHttpRequest) -> bool:
    return wants_json(request) or request.content_type == "application/json"


def _read(request: AuthHttpRequest) -> Mapping[str, object]:
    if request.content_type != "application/json":
        return request.POST
    try:
        body = json.loads(request.body)
    except (RecursionError, ValueError):
        body = None
    if not isinstance(body, dict):
        raise BadRequest("not a JSON object")
    return body


def _token_json(token: PersonalToken) -> dict[str, object]:
    return {
        "id": str(token.pk),
        "name": token.name,
        "prefix": token.prefix,
        "scopes": [scope.value for scope in token.scope_list],
        "created_at": token.created_at.isoformat(),
        "expires_at": token.expires_at.isoformat(),
        "last_used_at": token.last_used_at and token.last_used_at.isoformat(),
    }
