"""What becomes of several files that come together: each has a result of its own."""

from contextlib import ExitStack
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from assets.models import Asset
from assets.models.assets import TITLE_LENGTH
from assets.models.cards import Card
from assets.models.users import User
from assets.text.shorten import shorten
from assets.uploads.forms import AnnouncedFileForm, UploadForm
from assets.uploads.hashed_file import HashedFile
from assets.uploads.receive import Receipt, UploadMetadata, receive_known, receive_upload
from assets.uploads.receive_new import receive_new
from assets.web.database import syncing_once
from assets.web.responses import asset_json, error_json

# Few enough that others, who wait for the database meanwhile, do not notice.
GROUP = 20


@dataclass
class UploadResult:
    """What became of one file: an asset and its receipt, or an error."""

    file_name: str
    asset: Asset | None = None
    receipt: Receipt | None = None
    error: ValidationError | None = None

    @property
    def status(self) -> str:
        if self.receipt is None:
            return "refused"
        return "known" if self.receipt.is_known else "received"

    @property
    def card(self) -> Card | None:
        return Card.from_asset(self.asset) if self.asset else None

    @property
    def note(self) -> str:
        return self.receipt.note if self.receipt else ""

    def as_json(self) -> dict[str, object]:
        return {
            "file_name": self.file_name,
            "status": self.status,
            "asset": asset_json(self.asset) if self.asset else None,
            "note": self.note,
            "error": error_json(self.error) if self.error else None,
        }


def receive_files(form: UploadForm, owner: User) -> list[UploadResult]:
    """In the order of the form. A file that is refused does not stop the others."""
    results: list[UploadResult] = []
    with syncing_once():
        _receive_each(form, owner, results)
    return results


def _receive_each(form: UploadForm, owner: User, results: list[UploadResult]) -> None:
    files, metadata = form.cleaned_data["files"], form.metadata(owner)
    if metadata["title"] and len(files) > 1:
        return _receive_numbered(files, owner, metadata, results)
    for start in range(0, len(files), GROUP):
        results += _receive_group(files[start : start + GROUP], owner, metadata)


def _receive_group(files: list[HashedFile], owner: User, metadata: UploadMetadata) -> list[UploadResult]:
    with ExitStack() as stack:
        for file in files:
            stack.enter_context(file)
        try:
            receipts = receive_new(files, owner=owner, metadata=metadata)
        except ValidationError as error:
            return [UploadResult(file.name or "", error=error) for file in files]
        return [_describe(file, receipts.get(file)) or _receive_file(file, owner, metadata) for file in files]


def _describe(file: HashedFile, receipt: Receipt | None) -> UploadResult | None:
    return UploadResult(file.name or "", receipt.asset, receipt) if receipt else None


def _receive_numbered(
    files: list[HashedFile], owner: User, metadata: UploadMetadata, results: list[UploadResult]
) -> None:
    """One by one, since the number in a title depends on what became of the files before."""
    received = 0
    for file in files:
        title = _numbered_title(metadata["title"], received + 1)
        results.append(_receive_file(file, owner, {**metadata, "title": title}))
        received += results[-1].asset is not None


def _receive_file(file: HashedFile, owner: User, metadata: UploadMetadata) -> UploadResult:
    name = file.name or ""
    try:
        with file:
            receipt = receive_upload(file, owner=owner, **metadata)
    except ValidationError as error:
        return UploadResult(name, error=error)
    return UploadResult(name, receipt.asset, receipt)


def _numbered_title(title: str, number: int) -> str:
    """The form's title for one of several files."""
    return f"{shorten(title, TITLE_LENGTH - 10)} {number}"


def add_known(form: AnnouncedFileForm, owner: User, known: set[str]) -> UploadResult | None:
    """Of a valid form. None where the bytes are needed, as those of every file that is not among the known hashes."""
    name, sha256 = form.cleaned_data["file_name"], form.cleaned_data["sha256"]
    try:
        form.check_content()
        is_known = sha256 in known
        receipt = receive_known(sha256, owner=owner, file_name=name, **form.metadata(owner)) if is_known else None
    except ValidationError as error:
        return UploadResult(name, error=error)
    return UploadResult(name, receipt.asset, receipt) if receipt else None


def reload_assets(results: list[UploadResult], user: User) -> None:
    """Load what the answer shows of every asset, in one query for all of them."""
    assets = Asset.objects.with_details(user).in_bulk([result.asset.pk for result in results if result.asset])
    for result in results:
        result.asset = result.asset and assets[result.asset.pk]
