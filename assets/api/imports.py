"""Importing a file by its URL."""

from typing import Literal

from django.http import HttpResponse
from ninja import Status

from assets import permissions
from assets.api import problems
from assets.api.assets import answer_asset, router
from assets.api.auth import UPLOAD, ApiRequest
from assets.api.schemas import AssetOut, Body, Name
from assets.imports.forms import ImportForm
from assets.imports.receive import import_url


class FileByUrl(Body):
    """`url`: https, and open to everybody."""

    url: Name
    title: str = ""
    description: str = ""
    tags: list[str] = []
    collection: str = ""
    visibility: Literal["", "team", "private"] = ""

    def as_fields(self) -> dict[str, object]:
        return self.model_dump() | {"urls": self.url, "tags": ", ".join(self.tags)}


@router.post(
    "/by-url",
    tags=["Uploads"],
    response={202: AssetOut, 200: AssetOut},
    auth=UPLOAD,
    summary="Import a file from the web",
)
def add_by_url(request: ApiRequest, response: HttpResponse, file: FileByUrl) -> Status[dict[str, object]]:
    """202 once the server has fetched the file, 200 where you could see the same content in the library already."""
    permissions.require_member(request.user)
    form = ImportForm(file.as_fields())
    if not form.is_valid():
        raise problems.from_form(form.errors.as_data())
    receipt = import_url(file.url, owner=request.user, **form.metadata(request.user))
    return Status(200 if receipt.is_known else 202, answer_asset(request, response, receipt.asset.pk))
