import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from assets.bulk.actions import VERBS, Verb, Wish
from assets.bulk.selection import Selection
from assets.labels.forms import collections_field, tags_field
from assets.models import Visibility
from assets.models.assets import User
from assets.search.results import IMPLIED, Listing


class IdsField(forms.Field):
    """Ids of entries, one for each time the field is sent."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[uuid.UUID]:
        try:
            return list(dict.fromkeys(uuid.UUID(text) for text in value or []))
        except ValueError:
            raise ValidationError("One of the chosen entries has an id that is none. Choose again.") from None


class SelectionForm(forms.Form):
    """Which entries: those with these ids, or (`all`) whatever a search finds, in the library or in a `trash`."""

    id = IdsField(required=False)
    all = forms.BooleanField(required=False, widget=forms.HiddenInput)
    q = forms.CharField(required=False, widget=forms.HiddenInput)
    sort = forms.CharField(required=False, widget=forms.HiddenInput)
    trash = forms.CharField(required=False, widget=forms.HiddenInput)
    next = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("all") and not data.get("id") and "id" not in self.errors:
            raise ValidationError("Nothing is chosen. Choose entries first.", code="nothing_chosen")
        return data

    def selection(self, user: User) -> Selection:
        data = self.cleaned_data
        if not data["all"]:
            return Selection.of_ids(data["id"], user)
        # Any other word than that of a page means one's own.
        implied = IMPLIED.get(data["trash"] or "library", IMPLIED["trash"])
        return Selection.of_listing(Listing.of({"q": data["q"], "sort": data["sort"]}, user, implied=implied))


class BulkForm(SelectionForm):
    """What is to be done with a selection; `confirmed` by who has seen what it changes of so many `chosen` entries."""

    action = forms.ChoiceField(
        choices=[(verb.name, verb.title) for verb in VERBS.values()],
        widget=forms.HiddenInput,
        error_messages={"required": "Say what is to be done.", "invalid_choice": "There is no action “%(value)s”."},
    )
    tags = tags_field()
    collection = collections_field(most=1)
    visibility = forms.ChoiceField(choices=Visibility, required=False, label="Seen by")
    chosen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    confirmed = forms.BooleanField(required=False)

    @property
    def verb(self) -> Verb:
        return VERBS[self.cleaned_data["action"]]

    @property
    def asked(self) -> forms.BoundField | None:
        """The field that the action needs."""
        if not self.verb.needs:
            return None
        field = self[self.verb.needs]
        if self.verb.name == "uncollect":
            field.help_text = "The collection they are in, such as Trips/2024."
        return field

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        verb = VERBS.get(data.get("action", ""))
        if verb and verb.needs and data.get("confirmed") and not data.get(verb.needs) and verb.needs not in self.errors:
            self.add_error(verb.needs, ValidationError("Say which.", code="required"))
        return data

    def wish(self, user: User, now: datetime) -> Wish:
        data = self.cleaned_data
        names = data.get(self.verb.needs, ()) if self.verb.needs in ("tags", "collection") else ()
        return Wish(user, now, tuple(names), data.get("visibility", ""))
