from typing import Any

from django import forms
from django.core.files.base import File

from assets.models import Asset, Collection, Outcome, Tag, Visibility
from assets.models.library import User, clean_name
from assets.models.stored_files import UploadRequestQuerySet

MOST_TAGS = 50


class NamesField(forms.CharField):
    """Names separated by commas; cleans to a list."""

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        self.most = most
        super().__init__(required=False, **kwargs)

    def clean(self, value: Any) -> list[str]:  # type: ignore[override]
        names = [name for part in super().clean(value).split(",") if (name := clean_name(part))]
        if len(names) > self.most:
            raise forms.ValidationError(f"{len(names)} names, at most {self.most} are possible.", code="too_many")
        for name in names:
            if len(name) > Tag.NAME_LENGTH:
                raise forms.ValidationError(
                    f"“{name[:30]}…” has {len(name)} characters; a name may have {Tag.NAME_LENGTH}.",
                    code="too_long",
                )
        return list(dict.fromkeys(names))

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


class UploadForm(DescribingForm):
    files = FilesField()  # type: ignore[assignment]  # a field all the same: form["files"]
    collection = NamesField(
        most=1,
        help_text="A new name makes a new collection.",
        widget=forms.TextInput(attrs={"list": "collection-names"}),
    )

    field_order = ("files", "title", "tags", "collection", "description", "visibility")


class AssetForm(DescribingForm):
    collections = NamesField(
        most=MOST_TAGS,
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
    """Names to offer while typing: those on assets that the person may see."""
    return {
        "tag_names": list(Tag.objects.visible_to(user).values_list("name", flat=True)[:500]),
        "collection_names": list(Collection.objects.visible_to(user).values_list("name", flat=True)[:500]),
    }


class LedgerForm(forms.Form):
    """The filter of the ledger on the activity page."""

    outcome = forms.ChoiceField(required=False, choices=[("", "Every outcome"), ("open", "Open"), *Outcome.choices])

    def rows(self, requests: UploadRequestQuerySet) -> UploadRequestQuerySet:
        wanted = self.cleaned_data.get("outcome") if self.is_valid() else ""
        if wanted == "open":
            return requests.open()
        return requests.filter(outcome=wanted) if wanted else requests


class SearchForm(forms.Form):
    """The library's address: `?q=words&show=mine&after=<cursor>`."""

    q = forms.CharField(required=False, max_length=500)
    show = forms.ChoiceField(required=False, choices=[("", "Everyone’s"), ("mine", "Mine")])
    after = forms.CharField(required=False, max_length=100)
