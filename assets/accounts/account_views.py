"""One's own account."""

from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from assets.accounts import invitations
from assets.accounts.login_views import clear_cache
from assets.permissions import AuthHttpRequest


@never_cache
@require_safe
def session(request: AuthHttpRequest) -> JsonResponse:
    """Who is signed in in this browser, and the token that forms need now: for a page that was opened before."""
    person = request.user
    return JsonResponse({"person": person.pk, "username": person.get_username(), "token": get_token(request)})


@require_http_methods(["GET", "HEAD", "POST"])
def account(request: AuthHttpRequest) -> HttpResponse:
    """The page, and its one `action`: signing out everywhere."""
    if request.method != "POST":
        return render(request, "accounts/account.html")
    if request.POST.get("action") != "sign_out_everywhere":
        raise Http404("There is no such action.")
    invitations.sign_out_everywhere(request.user)
    logout(request)
    messages.success(request, "You are signed out everywhere. Sign in to continue.")
    return clear_cache(redirect("login"))
