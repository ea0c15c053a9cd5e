"""Forms that keep what somebody else has changed since the page was opened."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any, TypeVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import QueryDict

from assets.admin.generic import ModelForm

ModelT = TypeVar("ModelT", bound=Model)
WARNING = (
    "Somebody else has changed this since you opened the page: {}. Nothing was saved. Your values are below: save "
    "again to put them in place of theirs."
)


class StaleForm(ModelForm[ModelT]):
    """Sends as `shown` what the page showed, a hash for each field.

    A field that only somebody else changed stays as it is now. Of one that both changed, the page warns once.
    """

    shown = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [name for name in self.fields if name != "shown"]
        self.now = {name: self._hash(name, self.get_initial_for_field(self.fields[name], name)) for name in names}
        self.initial["shown"] = json.dumps(self.now)

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        shown = _read(self.cleaned_data.get("shown", ""))
        stale = [name for name in self.changed_data if name in shown and shown[name] != self.now[name]]
        for name in stale:
            if name in self.cleaned_data and self._hash(name, self.cleaned_data[name]) == shown[name]:
                self.cleaned_data[name] = self._read_now(name)
        if changed := [name for name in stale if self._hash(name, self.cleaned_data.get(name)) != self.now[name]]:
            self._warn(changed)
        return data

    def _warn(self, names: Iterable[str]) -> None:
        labels = ", ".join(str(self[name].label).lower() for name in names)
        self.add_error(None, ValidationError(WARNING.format(labels), code="conflict"))
        # What the page shows after the warning.
        data = cast(QueryDict, self.data).copy()
        data[self.add_prefix("shown")] = json.dumps(self.now)
        self.data = data

    def _read_now(self, name: str) -> Any:
        value = self.get_initial_for_field(self.fields[name], name)
        return self.fields[name].clean(self.fields[name].prepare_value(value))

    def _hash(self, name: str, value: object) -> str:
        prepared = self.fields[name].prepare_value(value)
        is_list = not isinstance(prepared, str) and isinstance(prepared, Iterable)
        text = "\n".join(sorted(map(str, prepared))) if is_list else str(prepared)
        return hashlib.blake2b(text.replace("\r\n", "\n").strip().encode(), digest_size=6).hexdigest()


def _read(text: str) -> dict[str, str]:
    """Nothing if a program made it up."""
    try:
        return {str(name): str(value) for name, value in json.loads(text or "{}").items()}
    except (AttributeError, ValueError):
        return {}
