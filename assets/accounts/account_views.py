"""One's own account."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from assets.accounts import devices, invitations
from assets.accounts.forms import PreferencesForm, ProfileForm
from assets.accounts.login_views import clear_cache
from assets.models import User
from assets.permissions import AuthHttpRequest
from assets.web.client_ip import client_ip


@never_cache
@require_safe
def session(request: AuthHttpRequest) -> JsonResponse:
    """Who is signed in in this browser, and the token that forms need now: for a page that was opened before."""
    person = request.user
    return JsonResponse({"person": person.pk, "username": person.get_username(), "token": get_token(request)})


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: AuthHttpRequest) -> HttpResponse:
    """The page, and what its forms do: each has an `action`."""
    action = request.POST.get("action", "")
    if action in _ACTIONS:
        return _ACTIONS[action](request)
    if request.method == "POST" and action not in ("profile", "preferences"):
        raise Http404("There is no such action.")
    # Of their own, so that the page does not show what was refused as the person's name.
    profile = ProfileForm(request.POST if action == "profile" else None, instance=_copy_of(request))
    profile.client_ip = client_ip(request) or ""
    preferences = PreferencesForm(
        request.POST if action == "preferences" else None, instance=_copy_of(request), can_mail=settings.CAN_MAIL
    )
    for form in (profile, preferences):
        if form.is_bound and form.is_valid():
            form.save_changed()
            messages.success(request, "Saved.")
            return redirect("account")
    context = {"profile": profile, "preferences": preferences, "devices": devices.list_devices(request)}
    return render(request, "accounts/account.html", context)


def _copy_of(request: AuthHttpRequest) -> User:
    person: User = User.objects.get(pk=request.user.pk)
    return person


def _sign_out_everywhere(request: AuthHttpRequest) -> HttpResponse:
    invitations.sign_out_everywhere(request.user)
    logout(request)
    messages.success(request, "You are signed out everywhere. Sign in to continue.")
    return clear_cache(redirect("login"))


def _sign_out_device(request: AuthHttpRequest) -> HttpResponse:
    if devices.sign_out(request.user, request.POST.get("device", "")):
        messages.success(request, "Signed out on that device.")
    else:
        messages.info(request, "That device was signed out already.")
    return redirect("account")


_ACTIONS = {"sign_out_everywhere": _sign_out_everywhere, "sign_out_device": _sign_out_device}
