from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from assets import permissions
from assets.models import Asset
from assets.models.assets import TITLE_LENGTH
from assets.models.cards import Card
from assets.models.users import User
from assets.permissions import AuthHttpRequest
from assets.text.shorten import shorten
from assets.uploads.acceptance import describe_accepted
from assets.uploads.forms import NewFileForm, UploadForm
from assets.uploads.hashed_file import HashedFile
from assets.uploads.receive import Receipt, UploadMetadata, receive_upload
from assets.web.database import syncing_once
from assets.web.responses import asset_json, error_json, errors_json, wants_json


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


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: AuthHttpRequest) -> HttpResponse:
    """The upload page. Every file gets a result of its own, in the order of the form."""
    permissions.require_member(request.user)
    form = UploadForm(request.POST or None, request.FILES or None) if request.method == "POST" else _new_form(request)
    results = _receive_files(request, form) if form.is_bound and form.is_valid() else []
    return render_results(request, form, results)


def render_results(request: AuthHttpRequest, form: NewFileForm, results: list[UploadResult]) -> HttpResponse:
    """The upload page with what became of each file or, for programs, that alone."""
    reload_assets(results, request.user)
    status = 200 if request.method != "POST" or any(result.asset for result in results) else 400
    if wants_json(request):
        return _results_as_json(form, results, status)
    return _results_page(request, form, results, status)


def _new_form(request: AuthHttpRequest) -> UploadForm:
    """The address may name a collection, such as the one whose page links here."""
    collection, visibility = request.GET.get("collection", ""), request.user.default_visibility
    return UploadForm(initial={"collection": collection, "visibility": visibility})


def _results_as_json(form: NewFileForm, results: list[UploadResult], status: int) -> JsonResponse:
    answer: dict[str, object] = {"results": [result.as_json() for result in results]}
    if form.errors:
        answer["errors"] = errors_json(form.errors.as_data())
    return JsonResponse(answer, status=status)


def _results_page(
    request: AuthHttpRequest, form: NewFileForm, results: list[UploadResult], status: int
) -> HttpResponse:
    taken = [result.asset for result in results if result.asset]
    context = {
        "form": _new_form(request) if taken or not isinstance(form, UploadForm) else form,
        "import_form": None if isinstance(form, UploadForm) or taken else form,
        "results": results,
        "taken": taken,
        "refused": len(results) - len(taken),
        "unfinished": [card for card in map(Card.from_asset, taken) if card.is_unfinished],
        "accepted": describe_accepted(),
        "max_bytes": settings.UPLOAD_MAX_FILE_BYTES,
    }
    return render(request, "uploads/upload.html", context, status=status)


def _receive_files(request: AuthHttpRequest, form: UploadForm) -> list[UploadResult]:
    results: list[UploadResult] = []
    with syncing_once():
        _receive_each(request, form, results)
    return results


def _receive_each(request: AuthHttpRequest, form: UploadForm, results: list[UploadResult]) -> None:
    files, metadata = form.cleaned_data["files"], form.metadata(request.user)
    received = 0
    for file in files:
        title = _numbered_title(metadata["title"], received + 1, len(files))
        results.append(_receive_file(request, file, {**metadata, "title": title}))
        received += results[-1].asset is not None


def _receive_file(request: AuthHttpRequest, file: HashedFile, metadata: UploadMetadata) -> UploadResult:
    name = file.name or ""
    try:
        with file:
            receipt = receive_upload(file, owner=request.user, **metadata)
    except ValidationError as error:
        return UploadResult(name, error=error)
    return UploadResult(name, receipt.asset, receipt)


def _numbered_title(title: str, number: int, count: int) -> str:
    """The form's title for one of several files."""
    return f"{shorten(title, TITLE_LENGTH - 10)} {number}" if title and count > 1 else title


def reload_assets(results: list[UploadResult], user: User) -> None:
    """Load what the answer shows of every asset, in one query for all of them."""
    assets = Asset.objects.with_details(user).in_bulk([result.asset.pk for result in results if result.asset])
    for result in results:
        result.asset = result.asset and assets[result.asset.pk]
