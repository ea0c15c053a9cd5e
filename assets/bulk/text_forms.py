"""The form that says what is done to the titles and descriptions of many assets."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from assets.bulk.text_edits import How, PatternError, TextEdit, TextEdits, check_pattern
from assets.labels.forms import validate_well_formed
from assets.library.forms import LinesField
from assets.models.assets import DESCRIPTION_LENGTH, TITLE_LENGTH

HOWS = {How.KEEP: "Leave as it is", How.SET: "Set to…", How.REPLACE: "Find and replace…"}
MAX_START = 10**9
PATTERN_HELP = "{n} is a number, {n:03} one with three digits. {title}, {file} and {date} are those of each asset."


def how_field(label: str) -> forms.ChoiceField:
    return forms.ChoiceField(choices=list(HOWS.items()), initial=How.KEEP, required=False, label=label)


def text_field(label: str) -> forms.CharField:
    """Blanks at its ends count."""
    return forms.CharField(
        required=False, strip=False, max_length=TITLE_LENGTH, label=label, validators=[validate_well_formed]
    )


class TextEditsForm(forms.Form):
    title_how = how_field("Title")
    title_text = forms.CharField(
        required=False,
        max_length=TITLE_LENGTH,
        label="New title",
        help_text=PATTERN_HELP,
        validators=[validate_well_formed],
    )
    title_find, title_with = text_field("Find in titles"), text_field("Replace with")
    description_how = how_field("Description")
    description_text = LinesField(
        required=False, max_length=DESCRIPTION_LENGTH, label="New description", validators=[validate_well_formed]
    )
    description_find, description_with = text_field("Find in descriptions"), text_field("Replace with")
    start = forms.IntegerField(
        required=False, min_value=0, max_value=MAX_START, initial=1, label="Number the assets from"
    )
    match_case = forms.BooleanField(required=False, label="Match capital letters")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name in ("title", "description"):
            self._check(name, data)
        if {data.get("title_how"), data.get("description_how")} <= {How.KEEP, ""}:
            raise ValidationError("Choose what to change: the titles, the descriptions, or both.", code="required")
        return data

    def _check(self, name: str, data: dict[str, Any]) -> None:
        how = data.get(f"{name}_how")
        if how == How.SET and name == "title" and not data.get("title_text") and "title_text" not in self.errors:
            self.add_error("title_text", ValidationError("Enter a title.", code="required"))
        elif how == How.SET:
            try:
                check_pattern(data.get(f"{name}_text", ""))
            except PatternError as error:
                self.add_error(f"{name}_text", ValidationError(str(error), code="placeholder"))
        elif how == How.REPLACE and not data.get(f"{name}_find"):
            self.add_error(f"{name}_find", ValidationError("Enter what to find.", code="required"))

    def edits(self) -> TextEdits:
        """What a valid form says; nothing is changed otherwise."""
        if not self.is_valid():
            return TextEdits()
        start = self.cleaned_data["start"]
        return TextEdits(self._edit("title"), self._edit("description"), 1 if start is None else start)

    def _edit(self, name: str) -> TextEdit:
        data = self.cleaned_data
        how = How(data[f"{name}_how"] or How.KEEP)
        text = data[f"{name}_with"] if how == How.REPLACE else data[f"{name}_text"]
        return TextEdit(how, text, data[f"{name}_find"], data["match_case"])

    def fields_of(self, name: str) -> dict[str, forms.BoundField]:
        """The fields of one text, by their part in it."""
        return {part: self[f"{name}_{part}"] for part in ("how", "text", "find", "with")}
