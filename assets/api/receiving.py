"""Uploading: a file, or only its hash where the library has the content."""

from typing import Annotated, Literal

from django.conf import settings
from django.http import HttpResponse
from django.utils.datastructures import MultiValueDict
from ninja import Field, Status

from assets import permissions
from assets.api import problems
from assets.api.assets import answer_asset, router
from assets.api.auth import UPLOAD, ApiRequest
from assets.api.problems import ProblemError
from assets.api.schemas import AssetOut, Body, Name
from assets.uploads.forms import MAX_SIZE, AnnouncedFileForm, UploadForm
from assets.uploads.handler import MAX_FIELD_BYTES, FormHandler, describe_form_limit
from assets.uploads.hashed_file import HashedFile
from assets.uploads.receive import Receipt, receive_known, receive_upload
from assets.web.database import syncing_once

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
UNKNOWN = "The library has no such content that you can see. Upload the file."
TEXTS = ("title", "description", "tags", "collection", "visibility")
_FIELDS = {"file", "sha256", *TEXTS}


class Announced(Body):
    """`head`: the first 4,096 bytes in base64, so that a file of a type that is not accepted is refused now."""

    sha256: Sha256
    file_name: Name
    size: Annotated[int, Field(ge=0, le=MAX_SIZE, strict=True)]
    head: str = ""


class Details(Body):
    title: str = ""
    description: str = ""
    tags: list[str] = []
    collection: str = ""
    visibility: Literal["", "team", "private"] = ""

    def as_fields(self) -> dict[str, object]:
        return self.model_dump() | {"tags": ", ".join(self.tags)}


class FileByHash(Details, Announced):
    """`head`: the first 4,096 bytes in base64, so that a file of a type that is not accepted is refused now."""


_FORM = {
    "type": "object",
    "required": ["file"],
    "additionalProperties": False,
    "properties": {
        "file": {"type": "string", "format": "binary"},
        **{name: {"type": "string"} for name in TEXTS},
        "sha256": {"type": "string", "description": "as the sender computed it: a file that has changed is refused"},
    },
}
_BODY = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}}


@router.post("", response={201: AssetOut, 200: AssetOut}, auth=UPLOAD, summary="Upload a file", openapi_extra=_BODY)
def upload_asset(request: ApiRequest, response: HttpResponse) -> Status[dict[str, object]]:
    """201, or 200 where you could see the same content in the library already: nothing is sent to Segmind twice.

    The URL is there once `state` is `stored`. `tags` are separated by commas; a `collection` is a path: `Trips/2024`.
    """
    permissions.require_member(request.user)
    form = read_form(request, "one file, in the field “file”", most=1)
    file: HashedFile = form.cleaned_data["files"][0]
    with syncing_once(), file:
        receipt = receive_upload(file, owner=request.user, **form.metadata(request.user))
    return _answer(request, response, receipt)


def read_form(request: ApiRequest, expected: str, *, most: int) -> UploadForm:
    """Reads the body, once it is known who sends it, and that it is not too large."""
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if not length and "Transfer-Encoding" in request.headers:
        raise ProblemError(411, "Send the form with its Content-Length.")
    if length > settings.UPLOAD_MAX_FORM_BYTES + 2 * MAX_FIELD_BYTES:
        raise ProblemError(413, describe_form_limit())
    request.upload_handlers = [FormHandler(request, before_first_file=lambda fields: None)]
    fields, files = request.POST, request.FILES.getlist("file")
    if unknown := {*fields, *request.FILES} - _FIELDS:
        raise problems.of_fields([problems.no_such_field(name) for name in sorted(unknown)])
    if not 0 < len(files) <= most:
        raise ProblemError(422, f"Send {expected} of multipart/form-data.")
    form = UploadForm(fields, MultiValueDict({"files": files}))
    if not form.is_valid():
        raise problems.from_form(form.errors.as_data())
    return form


@router.post(
    "/by-hash", tags=["Uploads"], response=AssetOut, auth=UPLOAD, summary="Add a file that the library has already"
)
def add_by_hash(request: ApiRequest, response: HttpResponse, file: FileByHash) -> Status[dict[str, object]]:
    """404 with the code `unknown` where the bytes have to be uploaded."""
    permissions.require_member(request.user)
    form = AnnouncedFileForm(file.as_fields())
    if not form.is_valid():
        raise problems.from_form(form.errors.as_data())
    form.check_content()
    data = form.cleaned_data
    receipt = receive_known(
        data["sha256"], owner=request.user, file_name=data["file_name"], **form.metadata(request.user)
    )
    if receipt is None:
        raise ProblemError(404, UNKNOWN, code="unknown")
    return _answer(request, response, receipt)


def _answer(request: ApiRequest, response: HttpResponse, receipt: Receipt) -> Status[dict[str, object]]:
    return Status(200 if receipt.is_known else 201, answer_asset(request, response, receipt.asset.pk))
