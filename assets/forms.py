import base64
import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.urls import reverse_lazy

from assets.models import Asset, Collection, Outcome, Tag, Visibility
from assets.models.ledger import UploadRequestQuerySet
from assets.models.library import User
from assets.services import media_types, uploads
from assets.services.listing import IMPLIED, Listing
from assets.services.organising import VERBS, Verb, Wish
from assets.services.selection import Selection
from assets.services.spool import clean_file_name

MOST_TAGS = 50


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


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or many files. Each is judged by itself when it is received, so that one refusal stops no other."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[File]:  # type: ignore[override]
        files = [file for file in data or [] if file]
        if not files:
            raise forms.ValidationError("Choose at least one file.", code="required")
        return files

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "required": True}


def tags_field() -> NamesField:
    return NamesField(most=MOST_TAGS, help_text="Separated by commas.", widget=_completed("tag"))


def collections_field(*, most: int) -> NamesField:
    words = "A new name makes a new collection; Trips/2024 one within another." if most == 1 else "Separated by commas."
    return NamesField(most=most, label=Collection, help_text=words, widget=_completed("collection"))


def _completed(noun: str) -> forms.TextInput:
    """An input whose names are completed while typing, by static/js/complete.js."""
    return forms.TextInput(attrs={"data-complete": reverse_lazy(f"complete_{noun}s")})


class DescribingForm(forms.Form):
    """What people say about files: of new ones, and later of an entry."""

    title = forms.CharField(required=False, max_length=200)
    description = forms.CharField(required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3}))
    tags = tags_field()
    visibility = forms.ChoiceField(choices=Visibility, initial=Visibility.TEAM, required=False)

    def clean_visibility(self) -> str:
        return self.cleaned_data["visibility"] or Visibility.TEAM


class NewFileForm(DescribingForm):
    """What is said about files as they come in."""

    collection = collections_field(most=1)

    def about(self) -> uploads.About:
        data = self.cleaned_data
        return {
            "title": data["title"],
            "description": data["description"],
            "tags": data["tags"],
            "collections": data["collection"],
            "visibility": data["visibility"],
        }


class UploadForm(NewFileForm):
    files = FilesField()  # type: ignore[assignment]  # a field all the same: form["files"]

    field_order = ("files", "title", "tags", "collection", "description", "visibility")


class AnnouncedFileForm(NewFileForm):
    """A file that a browser is about to send: `head` is how it begins, in base64, where its type is in doubt."""

    file_name = forms.CharField(max_length=1000, strip=False)
    size = forms.IntegerField(min_value=0)
    sha256 = forms.RegexField(r"\A[0-9a-f]{64}\Z", required=False)
    head = forms.CharField(required=False, max_length=media_types.HEAD_BYTES * 4 // 3 + 4)

    def clean_file_name(self) -> str:
        return clean_file_name(self.cleaned_data["file_name"])

    def clean_head(self) -> bytes:
        try:
            return base64.b64decode(self.cleaned_data["head"], validate=True)
        except ValueError:
            raise forms.ValidationError("The beginning of the file is not in base64.", code="invalid") from None

    def check(self) -> None:
        """Raises ValidationError where a file of this size, or that begins like this, is not accepted."""
        uploads.check_size(self.cleaned_data["size"])
        # A piece of the head could be taken for something else than the whole of it.
        if len(head := self.cleaned_data["head"]) == min(self.cleaned_data["size"], media_types.HEAD_BYTES):
            uploads.check_head(head)


class AssetForm(DescribingForm):
    collections = collections_field(most=MOST_TAGS)

    field_order = ("title", "tags", "collections", "description", "visibility")

    @classmethod
    def of(cls, asset: Asset) -> "AssetForm":
        """The form as it stands for an entry."""
        return cls(
            initial={
                "title": asset.title,
                "description": asset.description,
                "tags": list(asset.tags.all()),
                "collections": list(asset.collections.all()),
                "visibility": asset.visibility,
            }
        )

    def save(self, asset: Asset, *, by: User) -> None:
        """Change what that person sent; a field that was not stays as it is."""
        sent = {name: value for name, value in self.cleaned_data.items() if name in self.data}
        if "title" in sent:
            asset.title = sent["title"] or Asset.default_title(asset.file_name)
        asset.description = sent.get("description", asset.description)
        asset.visibility = sent.get("visibility", asset.visibility)
        asset.save(update_fields=["title", "description", "visibility", "updated_at"])
        asset.label(tags=sent.get("tags"), collections=sent.get("collections"), by=by)


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


class LedgerForm(forms.Form):
    """The filter of the ledger on the activity page."""

    outcome = forms.ChoiceField(required=False, choices=[("", "Every outcome"), ("open", "Open"), *Outcome.choices])

    def rows(self, requests: UploadRequestQuerySet) -> UploadRequestQuerySet:
        wanted = self.cleaned_data.get("outcome") if self.is_valid() else ""
        if wanted == "open":
            return requests.open()
        return requests.filter(outcome=wanted) if wanted else requests
