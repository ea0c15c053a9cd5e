import base64
from typing import Any

from django import forms
from django.core.files.base import File

from assets.labels.forms import collections_field
from assets.library.forms import DescribingForm
from assets.uploads import media_types
from assets.uploads.handler import clean_file_name
from assets.uploads.receive import UploadMetadata, check_head, check_size


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


class NewFileForm(DescribingForm):
    """What is said about files as they come in."""

    collection = collections_field(most=1)

    def about(self) -> UploadMetadata:
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
        check_size(self.cleaned_data["size"])
        # A piece of the head could be taken for something else than the whole of it.
        if len(head := self.cleaned_data["head"]) == min(self.cleaned_data["size"], media_types.HEAD_BYTES):
            check_head(head)
