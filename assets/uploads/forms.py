import base64
from collections.abc import Iterable, Mapping

from django import forms

from assets.labels.forms import collections_field
from assets.library.forms import DescribingForm
from assets.models import User
from assets.text.formats import pluralise
from assets.text.well_formed import HALF_CHARACTER, is_well_formed
from assets.uploads import media_types
from assets.uploads.digests import MalformedDigestError, clean_hex
from assets.uploads.hashed_file import HashedFile, clean_file_name
from assets.uploads.inspection import check_head, check_size
from assets.uploads.receive import UploadMetadata

# The largest number that every database can store.
MAX_SIZE = 2**63 - 1


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or more files. Each is checked when it is received, so that one refusal does not stop the others."""

    widget = FilesInput

    def clean(self, data: Iterable[HashedFile] | None, initial: object = None) -> list[HashedFile]:
        files = [file for file in data or [] if file]
        if not files:
            raise forms.ValidationError("Choose at least one file.", code="required")
        return files

    def widget_attrs(self, widget: forms.Widget) -> dict[str, object]:
        return {**super().widget_attrs(widget), "required": True}


class NewFileForm(DescribingForm):
    """What people say about files as they upload them."""

    collection = collections_field(max_names=1)

    def clean_visibility(self) -> str:
        """Empty where nothing was said."""
        return str(self.cleaned_data["visibility"])

    def metadata(self, owner: User) -> UploadMetadata:
        data = self.cleaned_data
        return {
            "title": data["title"],
            "description": data["description"],
            "tags": data["tags"],
            "collections": data["collection"],
            "visibility": data["visibility"] or owner.default_visibility,
        }


class HashesField(forms.Field):
    """The SHA-256 of each file in their order, as the sender computed it; empty where unknown."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: list[str] | None) -> list[str]:
        try:
            return [clean_hex(text) for text in value or []]
        except MalformedDigestError as error:
            raise forms.ValidationError(str(error), code="invalid") from None


class UploadForm(NewFileForm):
    files = FilesField()  # type: ignore[assignment]  # the field hides the form's own `files`, which is bound by then
    sha256 = HashesField(required=False)

    field_order = ("files", "title", "tags", "collection", "description", "visibility")

    def clean(self) -> None:
        files, hashes = self.cleaned_data.get("files", []), self.cleaned_data.get("sha256", [])
        if not files or not hashes:
            return
        if len(hashes) != len(files):
            self.add_error("sha256", _describe_mismatch(len(files), len(hashes)))
        for file, sha256 in zip(files, hashes, strict=False):
            file.announced |= {sha256} - {""}


def _describe_mismatch(files: int, hashes: int) -> str:
    return (
        f"The form has {pluralise(files, 'file')} but {pluralise(hashes, 'value')} of sha256. Send one for each file, "
        "in their order, empty where it is unknown."
    )


class AnnouncedFileForm(NewFileForm):
    """A file that a browser is about to send. `head` is its beginning in base64, sent where its type is in doubt."""

    file_name = forms.CharField(max_length=1000, strip=False)
    size = forms.IntegerField(min_value=0, max_value=MAX_SIZE)
    sha256 = forms.RegexField(r"\A[0-9a-f]{64}\Z", required=False)
    head = forms.CharField(required=False, max_length=media_types.HEAD_BYTES * 4 // 3 + 4)

    @classmethod
    def find_unreadable(cls, data: Mapping[str, object]) -> dict[str, list[forms.ValidationError]]:
        """What JSON can have in these fields and no form can: half characters, lists, objects."""
        errors = {name: _check_json_value(data.get(name)) for name in cls.base_fields}
        return {name: [error] for name, error in errors.items() if error}

    def clean_file_name(self) -> str:
        return clean_file_name(self.cleaned_data["file_name"])

    def clean_head(self) -> bytes:
        try:
            return base64.b64decode(self.cleaned_data["head"], validate=True)
        except ValueError:
            raise forms.ValidationError("The beginning of the file is not valid base64.", code="invalid") from None

    def check_content(self) -> None:
        """Raises ValidationError if a file of this size, or with this beginning, is not accepted."""
        size, head = self.cleaned_data["size"], self.cleaned_data["head"]
        check_size(size)
        # Part of a head could be mistaken for another type.
        if len(head) == min(size, media_types.HEAD_BYTES):
            check_head(head)


def _check_json_value(value: object) -> forms.ValidationError | None:
    if isinstance(value, str) and not is_well_formed(value):
        return forms.ValidationError(HALF_CHARACTER, code="invalid")
    if isinstance(value, bool | list | dict):
        return forms.ValidationError("Send text, or a number where one is asked for.", code="invalid")
    return None
