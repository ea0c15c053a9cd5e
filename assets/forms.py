import base64
from typing import Any

from django import forms
from django.core.files.base import File

from assets.models import Asset, Collection, Outcome, Tag, Visibility
from assets.models.library import User
from assets.models.stored_files import UploadRequestQuerySet
from assets.services import media_types, uploads
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
        return ", ".join(str(name) for name in value) if isinstance(value, list) else value


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


class DescribingForm(forms.Form):
    """What people say about files: of new ones, and later of an entry."""

    title = forms.CharField(required=False, max_length=200)
    description = forms.CharField(required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3}))
    tags = NamesField(
        most=MOST_TAGS, help_text="Separated by commas.", widget=forms.TextInput(attrs={"list": "tag-names"})
    )
    visibility = forms.ChoiceField(choices=Visibility, initial=Visibility.TEAM, required=False)

    def clean_visibility(self) -> str:
        return self.cleaned_data["visibility"] or Visibility.TEAM


class NewFileForm(DescribingForm):
    """What is said about files as they come in."""

    collection = NamesField(
        most=1,
        label=Collection,
        help_text="A new name makes a new collection; Trips/2024 one within another.",
        widget=forms.TextInput(attrs={"list": "collection-names"}),
    )

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
    collections = NamesField(
        most=MOST_TAGS,
        label=Collection,
        help_text="Separated by commas.",
        widget=forms.TextInput(attrs={"list": "collection-names"}),
    )

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

    def save(self, asset: Asset) -> None:
        """Change what was sent; a field that was not stays as it is."""
        sent = {name: value for name, value in self.cleaned_data.items() if name in self.data}
        if "title" in sent:
            asset.title = sent["title"] or Asset.default_title(asset.file_name)
        asset.description = sent.get("description", asset.description)
        asset.visibility = sent.get("visibility", asset.visibility)
        asset.save(update_fields=["title", "description", "visibility", "updated_at"])
        asset.label(tags=sent.get("tags"), collections=sent.get("collections"))


def completions(user: User) -> dict[str, list[str]]:
    """Names to offer while typing: those on entries that the person may see."""
    assets = Asset.objects.visible_to(user)
    return {
        "tag_names": [str(tag) for tag in Tag.objects.used_in(assets)[:500]],
        "collection_names": [str(collection) for collection in Collection.objects.used_in(assets)[:500]],
    }


class LedgerForm(forms.Form):
    """The filter of the ledger on the activity page."""

    outcome = forms.ChoiceField(required=False, choices=[("", "Every outcome"), ("open", "Open"), *Outcome.choices])

    def rows(self, requests: UploadRequestQuerySet) -> UploadRequestQuerySet:
        wanted = self.cleaned_data.get("outcome") if self.is_valid() else ""
        if wanted == "open":
            return requests.open()
        return requests.filter(outcome=wanted) if wanted else requests
