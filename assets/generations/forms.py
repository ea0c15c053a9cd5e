from typing import Any

from django import forms

from assets.generations.switch import Choice
from assets.models import GenerationHistory
from assets.models.generations import KeepRule


class SwitchForm(forms.Form):
    is_on = forms.BooleanField(label="Read the history every hour", required=False)
    rule = forms.ChoiceField(label="Keep", choices=KeepRule.choices, widget=forms.RadioSelect)
    kept_models = forms.MultipleChoiceField(label="Models", required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, data: Any = None, *, history: GenerationHistory, models: list[str]) -> None:
        initial = {"is_on": history.is_on, "rule": history.rule, "kept_models": history.kept_models}
        super().__init__(data, initial=initial)
        self.models = sorted({*models, *history.kept_models})
        self.fields["kept_models"].choices = [(model, model) for model in self.models]  # type: ignore[attr-defined]

    @property
    def choice(self) -> Choice:
        values = self.cleaned_data
        return Choice(values["is_on"], KeepRule(values["rule"]), values["kept_models"])
