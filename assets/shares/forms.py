"""Forms for making, changing and opening a share."""

from datetime import date, datetime, time, timedelta
from typing import TypeAlias

from django import forms
from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.db import models
from django.http import QueryDict
from django.utils import timezone

from assets.accounts import login_throttle
from assets.accounts.forms import claim_attempt
from assets.models import Share
from assets.models.shares import NAME_LENGTH, SHARER_LENGTH
from assets.shares.access import throttled_name

MIN_PASSWORD_LENGTH = 6
MAX_PASSWORD_LENGTH = 200
MAX_DURATION = timedelta(days=3650)
Initial: TypeAlias = dict[str, object] | None


class Expiry(models.TextChoices):
    """Until when a share is open: so many days, until a day that is chosen, or until it is revoked."""

    DAY = "1", "In 1 day"
    WEEK = "7", "In 7 days"
    MONTH = "30", "In 30 days"
    DATE = "date", "On a date…"
    NEVER = "never", "Never"


class SettingsForm(forms.Form):
    """What a share says and allows. `share` is None for a new one."""

    name = forms.CharField(max_length=NAME_LENGTH, label="Title")
    sharer_name = forms.CharField(
        max_length=SHARER_LENGTH, required=False, label="Shared by", help_text="Optional. Visitors read it."
    )
    expires = forms.ChoiceField(choices=Expiry, initial=Expiry.WEEK, required=False)
    expires_on = forms.DateField(
        required=False, label="Last day", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    password = forms.CharField(
        required=False,
        min_length=MIN_PASSWORD_LENGTH,
        max_length=MAX_PASSWORD_LENGTH,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Optional. Send it separately from the link.",
    )
    allows_downloads = forms.BooleanField(required=False, label="Allow playing and downloading originals")
    shows_urls = forms.BooleanField(required=False, label="Show Segmind URLs")

    def __init__(self, data: QueryDict | None = None, *, share: Share | None = None, initial: Initial = None) -> None:
        super().__init__(data, initial=initial)
        self.share = share
        if share and share.password:
            self.fields["password"].help_text = "Leave empty to keep the current one."
            self.fields["remove_password"] = forms.BooleanField(required=False, label="Remove the password")

    @staticmethod
    def initial_of(share: Share) -> dict[str, object]:
        """The fields of a share as it is."""
        names = ("name", "sharer_name", "allows_downloads", "shows_urls")
        expires_at = share.expires_at
        until = {"expires": Expiry.DATE if expires_at else Expiry.NEVER}
        return {name: getattr(share, name) for name in names} | until | {"expires_on": last_day(expires_at)}

    def clean(self) -> None:
        data = self.cleaned_data
        data["expires"] = data.get("expires") or Expiry.WEEK
        if data["expires"] != Expiry.DATE:
            self.errors.pop("expires_on", None)
        elif "expires_on" not in self.errors:
            self._check_day(data.get("expires_on"))

    def _check_day(self, day: date | None) -> None:
        if day is None:
            self.add_error("expires_on", ValidationError("Choose a day.", code="required"))
        elif day < timezone.localdate() and not (self.share and day == last_day(self.share.expires_at)):
            self.add_error("expires_on", ValidationError("This day has passed. Choose a later one.", code="past"))
        elif day > timezone.localdate() + MAX_DURATION:
            self.add_error("expires_on", ValidationError("Choose a day within ten years, or “Never”.", code="far"))

    def apply_to(self, share: Share, now: datetime) -> None:
        """Set the fields of a share, without saving it."""
        data = self.cleaned_data
        share.name, share.sharer_name = data["name"], data["sharer_name"]
        share.allows_downloads, share.shows_urls = data["allows_downloads"], data["shows_urls"]
        share.expires_at = self._expires_at(now)
        if data.get("remove_password"):
            share.password = ""
        elif data["password"]:
            share.password = make_password(data["password"])

    def _expires_at(self, now: datetime) -> datetime | None:
        expires, day = self.cleaned_data["expires"], self.cleaned_data.get("expires_on")
        if expires == Expiry.NEVER:
            return None
        if expires != Expiry.DATE or day is None:
            return now + timedelta(days=int(expires))
        kept = self.share.expires_at if self.share else None
        return kept if last_day(kept) == day else end_of(day)


def last_day(expires_at: datetime | None) -> date | None:
    """The last day on which a share is open."""
    return timezone.localdate(expires_at - timedelta(microseconds=1)) if expires_at else None


def end_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


class NewShareForm(SettingsForm):
    """`seen` is the `Selection.fingerprint()` of the assets that the person saw when they `confirmed`."""

    includes_private = forms.BooleanField(required=False)
    includes_later = forms.BooleanField(required=False, label="Include what is added later")
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class PasswordForm(forms.Form):
    """Opens a share. Failures make its visitors wait, and count for the IP address as those of signing in do."""

    password = forms.CharField(
        max_length=MAX_PASSWORD_LENGTH,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, data: QueryDict | None, *, share: Share, client_ip: str) -> None:
        super().__init__(data)
        self.share, self.client_ip = share, client_ip

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        name = throttled_name(self.share)
        claim_attempt(name, self.client_ip)
        if not check_password(password, self.share.password):
            raise ValidationError("This password is wrong. Check it with whoever sent the link.", code="wrong")
        login_throttle.record_success(name, self.client_ip)
        return password
