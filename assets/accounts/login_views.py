"""The ways in: by password, and by a link to choose one."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, PasswordResetConfirmView, redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy

from assets import permissions
from assets.accounts import invitations
from assets.accounts.forms import SignInForm
from assets.web.client_ip import client_ip


class SignIn(LoginView):
    form_class = SignInForm
    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True

    def get_form(self, form_class: Any = None) -> Any:
        form: Any = super().get_form(form_class)
        form.address = client_ip(self.request) or ""
        return form

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 429 if form.has_error("__all__", "wait") else 200
        return response


class ChoosePassword(PasswordResetConfirmView):
    """Where a link of `accounts.make_link()` leads: to the first password, or to another one; then one is signed in."""

    token_generator = invitations.links
    template_name = "accounts/choose_password.html"
    success_url = reverse_lazy("library")
    post_reset_login = True
    post_reset_login_backend = settings.AUTHENTICATION_BACKENDS[0]

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        # The link is used up with the password that is saved, or not at all.
        if self.user is None or not invitations.use_link(self.user):
            self.validlink = False
            return self.render_to_response(self.get_context_data(), status=410)
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"person": self.user}


@login_not_required
def sign_in_to_administration(request: HttpRequest) -> HttpResponse:
    """There is one way to sign in, for the administration too; who has come by it is told why that is not enough."""
    if request.user.is_authenticated:
        permissions.only_administrators(request.user)
    return redirect_to_login(request.GET.get("next") or settings.LOGIN_REDIRECT_URL)
