import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property

from assets import permissions
from assets.bulk.actions import ACTIONS
from assets.bulk.actions.base import ActionContext, BulkAction
from assets.bulk.selection import Selection
from assets.bulk.text_forms import TextEditsForm
from assets.labels.forms import collections_field, tags_field
from assets.models import Asset, Visibility
from assets.models.users import User
from assets.search.filters import Scope
from assets.search.pagination import NEWEST, ORDERS
from assets.search.results import Listing

# An action that can be undone is done at once for so many assets.
MAX_WITHOUT_QUESTION = 100
REQUIRED = {
    "tags": "Choose a tag.",
    "collection": "Choose a collection.",
    "visibility": "Choose who can see these assets.",
}


class IdsField(forms.Field):
    """Ids of assets, one for each time the field is sent."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[uuid.UUID]:
        try:
            return list(dict.fromkeys(uuid.UUID(text) for text in value or []))
        except ValueError:
            raise ValidationError("One of the selected assets has an invalid id. Select them again.") from None


class SelectionForm(forms.Form):
    """Assets by their ids, or (`all`) everything that a search finds, in the library, in a `place` or in a `trash`."""

    id = IdsField(required=False)
    all = forms.BooleanField(required=False, widget=forms.HiddenInput)
    q = forms.CharField(required=False, widget=forms.HiddenInput)
    sort = forms.CharField(required=False, widget=forms.HiddenInput)
    place = forms.CharField(required=False, widget=forms.HiddenInput)
    trash = forms.CharField(required=False, widget=forms.HiddenInput)
    next = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("all") and not data.get("id") and "id" not in self.errors:
            raise ValidationError("Nothing selected. Select assets first.", code="nothing_chosen")
        return data

    def selection(self, user: User) -> Selection:
        data = self.cleaned_data
        if not data["all"]:
            return Selection.from_ids(data["id"], user, ORDERS.get(data["sort"], NEWEST))
        page = data["trash"] or Scope.LIBRARY
        # Anything but the name of a page means one's own trash.
        scope = Scope(page) if page in Scope.values else Scope.TRASH
        listing = Listing.from_parameters({name: data[name] for name in ("q", "sort", "place")}, user, scope=scope)
        return Selection.from_listing(listing)


class BulkForm(SelectionForm):
    """An action on a selection.

    `chosen` is the number of assets that the person saw when they `confirmed`, `seen` the `Selection.fingerprint()` of
    them, and `since` the time.
    """

    action = forms.ChoiceField(
        choices=[(action.name, action.title) for action in ACTIONS.values()],
        widget=forms.HiddenInput,
        error_messages={"required": "Choose an action.", "invalid_choice": "There is no action “%(value)s”."},
    )
    tags = tags_field()
    collection = collections_field(max_names=1)
    collection_id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    visibility = forms.ChoiceField(choices=Visibility, required=False)
    chosen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    since = forms.DateTimeField(required=False, widget=forms.HiddenInput)
    confirmed = forms.BooleanField(required=False)

    @property
    def bulk_action(self) -> BulkAction:
        return ACTIONS[self.cleaned_data["action"]]

    @cached_property
    def texts(self) -> TextEditsForm:
        """What is to be done to titles and descriptions; empty before anything is said."""
        return TextEditsForm(self.data if "title_how" in self.data or "description_how" in self.data else None)

    @property
    def needed_field(self) -> forms.BoundField | None:
        """The field that the action needs."""
        if self.bulk_action.needs in ("", "texts"):
            return None
        field = self[self.bulk_action.needs]
        if self.bulk_action.name == "uncollect":
            field.help_text = "The collection they are in, such as Trips/2024."
        return field

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        action = ACTIONS.get(data.get("action", ""))
        needs = action.needs if action and data.get("confirmed") else ""
        if needs == "texts":
            self._check_texts()
            return data
        is_named = data.get(needs) or (needs == "collection" and data.get("collection_id"))
        if needs and needs not in self.errors and not is_named:
            self.add_error(needs, ValidationError(REQUIRED[needs], code="required"))
        return data

    def _check_texts(self) -> None:
        for errors in (self.texts if self.texts.is_bound else TextEditsForm({})).errors.as_data().values():
            self.add_error(None, errors)

    def is_as_previewed(self, pks: Sequence[uuid.UUID]) -> bool:
        """Whether these are the assets that the person saw, if the form says which."""
        chosen, seen = self.cleaned_data.get("chosen"), self.cleaned_data.get("seen")
        return chosen in (None, len(pks)) and seen in (None, "", Selection.fingerprint(pks))

    def is_done_at_once(self, pks: Sequence[uuid.UUID]) -> bool:
        """Whether nobody is asked first."""
        action = self.bulk_action
        return bool(action.changes) and not action.needs and len(pks) <= MAX_WITHOUT_QUESTION

    def action_context(self, user: User, now: datetime, pks: Sequence[uuid.UUID]) -> ActionContext:
        data = self.cleaned_data
        needs = self.bulk_action.needs
        if needs == "texts":
            numbers = _number(pks, user)
            return ActionContext(user, now, since=data.get("since"), texts=self.texts.edits(), numbers=numbers)
        names = tuple(data.get(needs, ())) if needs in ("tags", "collection") else ()
        if needs == "collection" and (pk := data.get("collection_id")):
            collection = permissions.get_collection_or_404(user, pk=pk)
            return ActionContext(user, now, (collection.path,), since=data.get("since"), collection=collection)
        return ActionContext(user, now, names, data.get("visibility", ""), since=data.get("since"))


def _number(pks: Sequence[uuid.UUID], user: User) -> dict[uuid.UUID, int]:
    """The places of the assets in a selection, without those that the person may not change."""
    assets = Asset.objects.filter(pk__in=pks).only("owner_id", "visibility")
    allowed = {asset.pk for asset in assets if permissions.may_change(user, asset)}
    return {pk: number for number, pk in enumerate(pk for pk in pks if pk in allowed)}
