from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy

from assets.models import Collection, Tag, Visibility

MAX_TAGS = 50


class NamesField(forms.CharField):
    """Names of tags or collections, separated by commas; cleans to a list."""

    def __init__(self, *, most: int, label: type[Tag] | type[Collection] = Tag, **kwargs: Any) -> None:
        self.most = most
        self.model = label
        super().__init__(required=False, **kwargs)

    def clean(self, value: Any) -> list[str]:  # type: ignore[override]
        texts = super().clean(value).split(",")
        for text in texts:
            self.model.validate_name(text)
        names = list(dict.fromkeys(name for text in texts if (name := self.model.clean_name(text))))
        if len(names) > self.most:
            raise forms.ValidationError(f"{len(names)} names, at most {self.most} are possible.", code="too_many")
        return names

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(str(getattr(name, "full_name", name)) for name in value) if isinstance(value, list) else value


def tags_field() -> NamesField:
    return NamesField(most=MAX_TAGS, help_text="Separated by commas.", widget=_completed("tag"))


def collections_field(*, most: int) -> NamesField:
    words = "A new name makes a new collection; Trips/2024 one within another." if most == 1 else "Separated by commas."
    return NamesField(most=most, label=Collection, help_text=words, widget=_completed("collection"))


def _completed(noun: str) -> forms.TextInput:
    """An input whose names are completed while typing, by static/js/complete.js."""
    return forms.TextInput(attrs={"data-complete": reverse_lazy(f"complete_{noun}s")})


class NameForm(forms.Form):
    """One name of a tag, or one path of a collection."""

    name = NamesField(most=1)

    def __init__(self, *args: Any, label: type[Tag] | type[Collection], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = NamesField(most=1, label=label, widget=_completed(str(label._meta.model_name)))
        self.fields["name"].required = True
        if label is Collection:
            self.fields["name"].label = "Path"
            self.fields["name"].help_text = "Trips/2024 is 2024 within Trips."

    def clean_name(self) -> str:
        if not (names := self.cleaned_data["name"]):
            raise ValidationError("Give it a name.", code="required")
        return names[0]


class VisibilityForm(forms.Form):
    """For whom a collection is."""

    visibility = forms.ChoiceField(choices=Visibility, required=False, label="Seen by")

    @property
    def is_private(self) -> bool:
        return self.cleaned_data["visibility"] == Visibility.PRIVATE


class CollectionForm(VisibilityForm, NameForm):
    """A new collection."""

    field_order = ("name", "visibility")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label=Collection, **kwargs)
