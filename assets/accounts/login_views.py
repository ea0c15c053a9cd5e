"""Signing in with a password, and choosing one with a link."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import (
    INTERNAL_RESET_SESSION_TOKEN,
    LoginView,
    LogoutView,
    PasswordChangeView,
    PasswordResetConfirmView,
    redirect_to_login,
)
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django.views.generic import FormView

from assets import permissions
from assets.accounts import devices, forgotten, invitations
from assets.accounts.forms import ChangePasswordForm, ForgottenPasswordForm, SignInForm
from assets.web.client_ip import client_ip

NO_LINK = "This link is incomplete. Copy all of it, then paste it again."


class _PasswordCheck(FormView[Any]):
    """A form that looks at a password, and may have to wait: status 429."""

    def get_form(self, form_class: Any = None) -> Any:
        form: Any = super().get_form(form_class)
        form.client_ip = client_ip(self.request) or ""
        return form

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        if any(error.code == "wait" for errors in form.errors.as_data().values() for error in errors):
            response.status_code = HTTPStatus.TOO_MANY_REQUESTS
        return response


class SignIn(_PasswordCheck, LoginView):
    form_class = SignInForm
    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"can_mail": settings.CAN_MAIL}

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        devices.remember(self.request, form.get_user())
        return response


@method_decorator(login_not_required, name="dispatch")
class SignOut(LogoutView):
    """Also for those whose session has ended already: their browser still has the pages."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return clear_cache(super().post(request, *args, **kwargs))


def clear_cache(response: HttpResponse) -> HttpResponse:
    """Have the browser forget the pages that it has kept; see `PrivateMiddleware`."""
    response["Clear-Site-Data"] = '"cache"'
    return response


class ChangePassword(_PasswordCheck, PasswordChangeView):
    form_class = ChangePasswordForm
    template_name = "accounts/change_password.html"

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        # It has a new session now.
        devices.remember(self.request, form.user)
        return response


@login_not_required
@never_cache
@sensitive_post_parameters("link")
@require_http_methods(["GET", "HEAD", "POST"])
def open_link(request: HttpRequest) -> HttpResponse:
    """Where a link of `invitations.make_link()` leads: a form that a script fills with what is behind the #.

    Without JavaScript, people paste the link there.
    """
    if request.method != "POST":
        return render(request, "accounts/open_link.html", {"error": ""})
    link = invitations.parse_link(request.POST.get("link", ""))
    if link is None:
        return render(request, "accounts/open_link.html", {"error": NO_LINK})
    uid, token = link
    if not invitations.links.check_token(ChoosePassword().get_user(uid), token):
        return render(request, "accounts/choose_password.html", {"validlink": False})
    request.session[INTERNAL_RESET_SESSION_TOKEN] = token
    return redirect("password_link", uid, ChoosePassword.reset_url_token)


class ChoosePassword(PasswordResetConfirmView):
    """The page behind `open_link()`; it signs the person in.

    Links from before had the token in the path, and still work.
    """

    token_generator = invitations.links
    template_name = "accounts/choose_password.html"
    success_url = reverse_lazy("library")
    post_reset_login = True
    post_reset_login_backend = settings.AUTHENTICATION_BACKENDS[0]

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        # In one transaction: the link is used up only if the password is saved.
        if self.user is None or not invitations.use_link(self.user):
            self.validlink = False
            return self.render_to_response(self.get_context_data(), status=410)
        response = super().form_valid(form)
        devices.remember(self.request, self.user)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"person": self.user}


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten_password(request: HttpRequest) -> HttpResponse:
    """Mails a link to choose a password. What it answers does not tell which addresses have an account."""
    if not settings.CAN_MAIL:
        raise Http404("There is no mail server.")
    form = ForgottenPasswordForm(request.POST or None)
    form.client_ip = client_ip(request) or ""
    if not form.is_valid():
        return render(request, "accounts/forgotten_password.html", {"form": form})
    open_link_url = request.build_absolute_uri(reverse("open_password_link"))
    forgotten.send_links.enqueue(form.cleaned_data["email"], open_link_url)
    return render(request, "accounts/forgotten_password.html", {"form": None, "email": form.cleaned_data["email"]})


@login_not_required
def sign_in_to_admin(request: HttpRequest) -> HttpResponse:
    """Send visitors of the admin to the library's own sign-in; 403 for people who may not use the admin."""
    if request.user.is_authenticated:
        permissions.require_administrator(request.user)
    return redirect_to_login(request.GET.get("next") or settings.LOGIN_REDIRECT_URL)
