"""Forms for signing in and for the pages about people."""

import zoneinfo
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.utils import timezone

from assets import permissions
from assets.accounts import login_throttle
from assets.models import Role, User

TIME_ZONES = sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))
# Longer waits are given in minutes.
MAX_SHOWN_SECONDS = 90
if TYPE_CHECKING:
    UserModelForm = forms.ModelForm[User]
else:
    UserModelForm = forms.ModelForm


class InvitationForm(UserModelForm):
    role = forms.ChoiceField(choices=Role, initial=Role.MEMBER)

    class Meta:
        model = User
        fields = ("username", "email")
        labels = {"email": "E-mail address"}
        help_texts = {"username": "", "email": "Optional."}


class OwnForm(UserModelForm):
    """A form for one's own account, which leaves what it does not show as it is."""

    class Meta:
        model = User
        fields: tuple[str, ...] = ()

    def save_changed(self) -> None:
        changed = [name for name in self.changed_data if name in self.Meta.fields]
        if changed:
            self.instance.save(update_fields=changed)


class ProfileForm(OwnForm):
    """One's own name, colour and e-mail address, to which a link for a new password can be sent: so a new one takes the
    password."""

    password = forms.CharField(
        required=False,
        label="Current password",
        help_text="Only to change the e-mail address.",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    client_ip = ""

    class Meta(OwnForm.Meta):
        fields = ("first_name", "last_name", "email", "colour")
        labels = {"email": "E-mail address"}

    def clean(self) -> None:
        super().clean()
        if "email" in self.changed_data and "email" in self.cleaned_data and not self._is_password_right():
            self.add_error("password", "Enter your current password to change the e-mail address.")

    def _is_password_right(self) -> bool:
        password = self.cleaned_data.get("password")
        if not password:
            return False
        name = self.instance.get_username()
        claim_attempt(name, self.client_ip)
        if is_right := self.instance.check_password(password):
            login_throttle.record_success(name, self.client_ip)
        return is_right


class PreferencesForm(OwnForm):
    time_zone = forms.ChoiceField(
        required=False, choices=[("", "As on this device"), *((name, name) for name in TIME_ZONES)]
    )

    class Meta(OwnForm.Meta):
        fields = (
            "theme", "density", "time_zone", "default_visibility", "gets_failure_mails", "gets_digest_mails",
        )  # fmt: skip
        labels = {
            "default_visibility": "Who sees what you upload",
            "gets_failure_mails": "E-mail me when uploads have failed",
            "gets_digest_mails": "E-mail me about broken links once a week",
        }
        help_texts = {"default_visibility": "", "gets_failure_mails": "", "gets_digest_mails": ""}

    def __init__(self, *args: Any, can_mail: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not can_mail:
            del self.fields["gets_failure_mails"], self.fields["gets_digest_mails"]


class ForgottenPasswordForm(forms.Form):
    email = forms.EmailField(
        label="E-mail address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    client_ip = ""

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        claim_attempt(f"mail to {email}", self.client_ip)
        return email


class RoleForm(forms.Form):
    """The page also sends the role that it showed."""

    role = forms.ChoiceField(
        choices=[(role.value, f"{role.label}: {role.description}") for role in Role],
        label="Role",
        show_hidden_initial=True,
    )

    @property
    def shown_role(self) -> str:
        return str(self.data.get(self["role"].html_initial_name, ""))


class ReassignForm(forms.Form):
    to = forms.CharField(label="New owner", max_length=150, help_text="A username.")
    with_private = forms.BooleanField(required=False, label="Include private assets")

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        self.person = person
        super().__init__(*args, **kwargs)

    def clean_to(self) -> User:
        name = self.cleaned_data["to"]
        to: User | None = User.objects.active().filter(username=name).exclude(pk=self.person.pk).first()
        if to is None:
            raise ValidationError(f"No other active account is called “{name}”. Check the username.", code="unknown")
        if not permissions.may_upload(to):
            raise ValidationError(f"“{name}” is a viewer and cannot own assets. Change the role first.", code="viewer")
        return to


class SignInForm(AuthenticationForm):
    """Sign-in that has to wait between attempts after a few failures."""

    client_ip = ""

    def clean(self) -> dict[str, Any]:
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if not name or not password:
            return self.cleaned_data
        claim_attempt(name, self.client_ip)
        data = super().clean()
        login_throttle.record_success(name, self.client_ip)
        return data


class ChangePasswordForm(PasswordChangeForm):
    """Asks for the old password, and slows down guesses at it as sign-in does."""

    client_ip = ""

    def clean_old_password(self) -> str:
        name = self.user.get_username()
        claim_attempt(name, self.client_ip)
        password: str = super().clean_old_password()
        login_throttle.record_success(name, self.client_ip)
        return password


def claim_attempt(name: str, client_ip: str) -> None:
    """To be called before a password is looked at."""
    if wait := login_throttle.claim(name, client_ip, timezone.now()):
        raise ValidationError(f"Too many attempts. Try again in {_format_wait(wait.total_seconds())}.", code="wait")


def _format_wait(seconds: float) -> str:
    if seconds < MAX_SHOWN_SECONDS:
        return f"{int(seconds) + 1} seconds"
    return f"{int(seconds / 60) + 1} minutes"
