import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy

from assets.models import Collection, Tag, Visibility
from assets.models.collections import DESCRIPTION_LENGTH
from assets.models.labels import Label
from assets.text.well_formed import HALF_CHARACTER, is_well_formed

MAX_TAGS = 50
# The comma, and those of Chinese, Japanese and Arabic keyboards.
COMMAS = re.compile("[,\uff0c\u3001\uff64\u060c]")
NESTING_HINT = "Use / to nest: Trips/2024"


def validate_well_formed(text: str) -> None:
    """Refuses what JSON can have in a text, and no database can store."""
    if not is_well_formed(text):
        raise ValidationError(HALF_CHARACTER, code="invalid")


class NamesField(forms.CharField):
    """Names of tags or collections, separated by commas; cleans to a list."""

    def __init__(self, *, max_names: int, label: type[Label] = Tag, **kwargs: Any) -> None:
        self.max_names = max_names
        self.model = label
        super().__init__(required=False, validators=[validate_well_formed], **kwargs)

    def clean(self, value: object) -> list[str]:
        text = super().clean(value)
        for part in COMMAS.split(text):
            self.model.validate_name(part)
        names = self.split(text)
        if len(names) > self.max_names:
            raise ValidationError(f"{len(names)} names entered. Enter at most {self.max_names}.", code="too_many")
        return names

    def split(self, text: str) -> list[str]:
        parts = COMMAS.split(text)
        return list(dict.fromkeys(self.model.clean_name(part) for part in parts if self.model.make_key(part)))

    def without(self, names: Iterable[str], others: Iterable[str]) -> list[str]:
        """The names that are not among the others."""
        keys = {self.model.make_key(name) for name in others}
        return [name for name in names if self.model.make_key(name) not in keys]

    def among(self, names: Iterable[str], others: Iterable[str]) -> list[str]:
        keys = {self.model.make_key(name) for name in others}
        return [name for name in names if self.model.make_key(name) in keys]

    def prepare_value(self, value: object) -> object:
        return ", ".join(str(getattr(name, "full_name", name)) for name in value) if isinstance(value, list) else value


def tags_field(**options: Any) -> NamesField:
    widget = _input_with_suggestions(Tag)
    return NamesField(max_names=MAX_TAGS, help_text="Separate tags with commas.", widget=widget, **options)


def collections_field(*, max_names: int, **options: Any) -> NamesField:
    help_text = f"{NESTING_HINT}. A new name creates a collection." if max_names == 1 else "Separate with commas."
    widget = _input_with_suggestions(Collection)
    return NamesField(max_names=max_names, label=Collection, help_text=help_text, widget=widget, **options)


def _input_with_suggestions(label: type[Label]) -> forms.TextInput:
    """`static/js/complete.js` offers the names of existing labels."""
    return forms.TextInput(attrs={"data-complete": reverse_lazy(f"complete_{label._meta.model_name}s")})


class NameForm(forms.Form):
    """One name of a tag, or one path of a collection."""

    name = NamesField(max_names=1)

    def __init__(self, *args: Any, label: type[Label], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        widget = _input_with_suggestions(label)
        self.fields["name"] = NamesField(max_names=1, label=label, widget=widget, show_hidden_initial=True)
        self.fields["name"].required = True
        if label is Collection:
            self.fields["name"].label = "Path"
            self.fields["name"].help_text = NESTING_HINT

    @property
    def shown_name(self) -> str:
        """The one that the page showed, if it says so."""
        return str(self.data.get(self["name"].html_initial_name, ""))

    def clean_name(self) -> str:
        names: list[str] = self.cleaned_data["name"]
        if not names:
            raise ValidationError("Enter a name.", code="required")
        return names[0]


class EditForm(NameForm):
    """The name of a tag; the name, without its path, and the description of a collection."""

    description = forms.CharField(
        required=False,
        max_length=DESCRIPTION_LENGTH,
        show_hidden_initial=True,
        validators=[validate_well_formed],
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(self, *args: Any, label: Label, **kwargs: Any) -> None:
        super().__init__(*args, label=type(label), **kwargs)
        name = self.fields["name"]
        name.label, name.help_text = "Name", ""
        name.initial = label.name
        if isinstance(label, Collection):
            self.fields["description"].initial = label.description
        else:
            del self.fields["description"]

    @property
    def shown_description(self) -> str | None:
        """The one that the page showed, if it says so."""
        text = self.data.get(self["description"].html_initial_name)
        return None if text is None else str(text)


class MoveForm(forms.Form):
    """The collection that another one moves into: by id, or by its path in `into`, which is empty for the top."""

    into = collections_field(max_names=1)
    into_id = forms.UUIDField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].label = "Move into"
        self.fields["into"].help_text = "Leave empty for the top level. A new name creates a collection."

    @property
    def path(self) -> str:
        return next(iter(self.cleaned_data["into"]), "")


class CollectionVisibilityForm(forms.Form):
    visibility = forms.ChoiceField(choices=Visibility, required=False, show_hidden_initial=True)

    @property
    def shown(self) -> str:
        """The visibility that the page showed, if it says so."""
        return str(self.data.get(self["visibility"].html_initial_name, ""))

    @property
    def is_private(self) -> bool:
        return bool(self.cleaned_data["visibility"] == Visibility.PRIVATE)


class CollectionForm(CollectionVisibilityForm, NameForm):
    """A new collection. `within` is the id of another one that it belongs to, or else `into` a path."""

    field_order = ("name", "into", "visibility")
    into = collections_field(max_names=1)
    within = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label=Collection, **kwargs)
        self.fields["name"].label = "Name"
        self.fields["into"].label, self.fields["into"].help_text = "Inside", "Leave empty for the top level."

    def is_valid_within(self, parent: Collection | None) -> bool:
        """Validates, and makes the name the whole path of the new collection."""
        if self.is_valid() and (above := parent.path if parent else "".join(self.cleaned_data["into"])):
            path = f"{above}{Collection.SEPARATOR}{self.cleaned_data['name']}"
            self.cleaned_data["name"] = path
            try:
                Collection.validate_name(path)
            except ValidationError as error:
                self.add_error("name", error)
        return not self.errors
