"""The other parameters of a model, as a form."""

import json
from collections.abc import Mapping, Sequence
from typing import TypedDict

from django import forms
from django.core.exceptions import ValidationError

from assets.catalogue.specs import ModelSpec, Parameter
from assets.ready_requests.body import Value, is_needed, is_plain

MAX_TEXT = 20_000
PREFIX = "p"


class _More(TypedDict):
    required: bool
    label: str
    help_text: str


class ParametersForm(forms.Form):
    """A field for each parameter. What is left empty is left to the model."""

    def __init__(self, spec: ModelSpec, data: Mapping[str, object]) -> None:
        super().__init__(data, prefix=PREFIX)
        self.spec = spec
        for parameter in spec.parameters:
            self.fields[parameter.name] = _make_field(parameter)

    @property
    def values(self) -> dict[str, Value]:
        """Those that are given and valid."""
        self.full_clean()
        return {name: _unify(value) for name, value in self.cleaned_data.items() if value not in (None, "")}

    @property
    def needed(self) -> Sequence[forms.BoundField]:
        return [self[each.name] for each in self.spec.parameters if is_needed(each)]

    @property
    def others(self) -> Sequence[forms.BoundField]:
        return [self[each.name] for each in self.spec.parameters if not is_needed(each)]

    @property
    def has_others(self) -> bool:
        """Whether one of those that are not needed was filled in."""
        return any(field.value() for field in self.others)


def _unify(value: Value) -> Value:
    """Forms send lines as no other program ends them."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


class _JsonField(forms.CharField):
    """Django's own reads a text of brackets until the stack is full."""

    widget = forms.Textarea(attrs={"rows": 3})

    def clean(self, value: str | None) -> Value:
        text = super().clean(value)
        try:
            found: Value = json.loads(text) if text else None
        except (RecursionError, ValueError):
            raise ValidationError("Enter a valid JSON.", code="invalid") from None
        if not is_plain(found):
            raise ValidationError("Enter a valid JSON, without NaN, Infinity or deep nesting.", code="invalid")
        return found


def _make_field(parameter: Parameter) -> forms.Field:
    more = _More(required=False, label=parameter.name.replace("_", " ").capitalize(), help_text=_describe(parameter))
    if parameter.choices:
        return _make_choice({str(each): each for each in parameter.choices}, more)
    if parameter.type == "boolean":
        return _make_choice({"true": True, "false": False}, more)
    if parameter.type == "integer":
        return forms.IntegerField(**more)
    if parameter.type == "number":
        return forms.FloatField(**more, widget=forms.NumberInput(attrs={"step": "any"}))
    if parameter.type in ("array", "object"):
        return _JsonField(**more, max_length=MAX_TEXT)
    is_long = "prompt" in parameter.name
    widget = forms.Textarea(attrs={"rows": 3}) if is_long else forms.TextInput()
    return forms.CharField(**more, max_length=MAX_TEXT, widget=widget)


def _make_choice(values: Mapping[str, Value], more: _More) -> forms.Field:
    choices = [("", "Default"), *((text, text) for text in values)]
    return forms.TypedChoiceField(**more, choices=choices, coerce=values.__getitem__, empty_value=None)


def _describe(parameter: Parameter) -> str:
    kind = {"array": "A list, as JSON.", "object": "An object, as JSON."}.get(parameter.type, "")
    if parameter.default in (None, "") or parameter.name == "prompt":
        return kind
    default = str(parameter.default)
    return f"{kind} Default: {default.lower() if parameter.type == 'boolean' else default}".strip()
