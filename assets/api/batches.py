"""Uploading many small files in one request: each has a result of its own, as on the pages."""

from typing import Annotated, Literal

from django.conf import settings
from ninja import Field, Schema

from assets import permissions
from assets.api import problems
from assets.api.assets import router
from assets.api.auth import UPLOAD, ApiRequest
from assets.api.problems import Problem
from assets.api.receiving import TEXTS, Announced, Details, read_form
from assets.api.schemas import AssetOut, asset_out
from assets.uploads.forms import AnnouncedFileForm
from assets.uploads.receive import known_hashes
from assets.uploads.results import UploadResult, add_known, receive_files, reload_assets
from assets.web.database import syncing_once

MAX_ANNOUNCED_FILES = 100
_SHA256 = "of each file, in their order, as the sender computed it; empty where unknown"
_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "array", "minItems": 1, "items": {"type": "string", "format": "binary"}},
        **{name: {"type": "string"} for name in TEXTS},
        "sha256": {"type": "array", "items": {"type": "string"}, "description": _SHA256},
    },
}
_BODY = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}}


class AnnouncedFiles(Details):
    files: Annotated[list[Announced], Field(min_length=1, max_length=MAX_ANNOUNCED_FILES)]


class FileResult(Schema):
    """`error` is what the same file alone would have been refused with."""

    file_name: str
    status: Literal["received", "known", "unknown", "refused"]
    asset: AssetOut | None = None
    note: str = ""
    error: Problem | None = None


class FileResults(Schema):
    """One for each file, in their order."""

    results: list[FileResult]


@router.post(
    "/batch",
    tags=["Uploads"],
    response=FileResults,
    auth=UPLOAD,
    summary="Upload many small files",
    openapi_extra=_BODY,
)
def upload_batch(request: ApiRequest) -> dict[str, object]:
    """200, whatever becomes of each file: one that is refused does not stop the others.

    To send the same batch again makes no second assets: what has arrived is `known` then.
    """
    permissions.require_member(request.user)
    form = read_form(request, "files, each in a field “file”", most=settings.DATA_UPLOAD_MAX_NUMBER_FILES)
    results = receive_files(form, request.user)
    reload_assets(results, request.user)
    return {"results": [_describe(request, result) for result in results]}


@router.post(
    "/by-hash/batch",
    tags=["Uploads"],
    response=FileResults,
    auth=UPLOAD,
    summary="Add those of many files that the library has already",
)
def add_batch_by_hash(request: ApiRequest, batch: AnnouncedFiles) -> dict[str, object]:
    """The bytes of those that are `unknown` have to be uploaded."""
    permissions.require_member(request.user)
    forms = [AnnouncedFileForm(batch.as_fields() | file.model_dump()) for file in batch.files]
    if wrong := next((form for form in forms if not form.is_valid()), None):
        raise problems.from_form(wrong.errors.as_data())
    known = known_hashes((file.sha256 for file in batch.files), request.user)
    with syncing_once():
        results = [add_known(form, request.user, known) for form in forms]
    reload_assets([result for result in results if result], request.user)
    names = [form.cleaned_data["file_name"] for form in forms]
    return {
        "results": [
            _describe(request, result) if result else {"file_name": name, "status": "unknown"}
            for name, result in zip(names, results, strict=True)
        ]
    }


def _describe(request: ApiRequest, result: UploadResult) -> dict[str, object]:
    return {
        "file_name": result.file_name,
        "status": result.status,
        "asset": asset_out(request, result.asset) if result.asset else None,
        "note": result.note,
        "error": problems.from_validation(result.error).problem if result.error else None,
    }
