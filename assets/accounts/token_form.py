from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError

from assets.accounts import tokens
from assets.models import User
from assets.models.tokens import NAME_LENGTH, Scope
from assets.text.file_names import on_one_line
from assets.text.well_formed import HALF_CHARACTER, is_well_formed

DAYS = {7: "7 days", 30: "30 days", tokens.DEFAULT_DAYS: "90 days", 365: "a year"}


class ScopesField(forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple


class TokenForm(forms.Form):
    """A new token: programs may name any number of days, people choose one."""

    name = forms.CharField(max_length=NAME_LENGTH, help_text="What uses it, such as “Render farm”.")
    scopes = ScopesField(error_messages={"required": "Choose what this token is for."})
    days = forms.IntegerField(
        label="Expires after",
        min_value=1,
        max_value=tokens.MAX_DAYS,
        required=False,
        initial=tokens.DEFAULT_DAYS,
        widget=forms.Select(choices=list(DAYS.items())),
    )

    def __init__(self, data: Any = None, *, person: User) -> None:
        super().__init__(data, initial={"scopes": [Scope.READ]})
        self.person = person
        allowed = tokens.allowed_scopes(person)
        field = cast(ScopesField, self.fields["scopes"])
        field.choices = [(scope.value, f"{scope.label}: {scope.description}") for scope in allowed]
        others = "As your role allows, choose among: " + ", ".join(allowed)
        field.error_messages["invalid_choice"] = f"This token cannot have the scope “%(value)s”. {others}."

    def clean_name(self) -> str:
        name = on_one_line(self.cleaned_data["name"])
        if not is_well_formed(name):
            raise ValidationError(HALF_CHARACTER, code="invalid")
        return name

    def clean_days(self) -> int:
        return int(self.cleaned_data["days"] or tokens.DEFAULT_DAYS)

    def clean(self) -> None:
        if self.person.tokens.count() >= tokens.MAX_TOKENS:
            message = f"You have {tokens.MAX_TOKENS} tokens, the most there can be. Revoke one first."
            raise ValidationError(message, code="too_many")
