from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from assets import permissions
from assets.models import Asset
from assets.models.assets import User
from assets.uploads import media_types
from assets.uploads.forms import UploadForm
from assets.uploads.handler import SpooledFile
from assets.uploads.receive import Received, UploadMetadata, receive_upload
from assets.web.responses import asset_json, error_json, errors_json, wants_json


@dataclass
class Result:
    """What became of one file of the form."""

    file_name: str
    asset: Asset | None = None
    received: Received | None = None
    error: ValidationError | None = None

    @property
    def status(self) -> str:
        if self.received is None:
            return "refused"
        return "known" if self.received.is_known else "received"

    @property
    def note(self) -> str:
        """Where known content already is, in a sentence."""
        return self.received.note if self.received else ""

    def as_json(self) -> dict[str, Any]:
        return {
            "file_name": self.file_name,
            "status": self.status,
            "asset": asset_json(self.asset) if self.asset else None,
            "note": self.note,
            "error": error_json(self.error) if self.error else None,
        }


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Take files; each has a result of its own, in the order of the form."""
    permissions.refuse_viewers(request.user)
    form = UploadForm(request.POST or None, request.FILES or None) if request.method == "POST" else UploadForm()
    results = _receive(request, form) if form.is_bound and form.is_valid() else []
    status = 200 if request.method != "POST" or any(result.asset for result in results) else 400
    if wants_json(request):
        answer: dict[str, Any] = {"results": [result.as_json() for result in results]}
        if form.errors:
            answer["errors"] = errors_json(form.errors.as_data())
        return JsonResponse(answer, status=status)
    taken = [result.asset for result in results if result.asset]
    context = {
        "form": UploadForm() if taken else form,
        "results": results,
        "taken": taken,
        "refused": len(results) - len(taken),
        "on_their_way": [asset for asset in taken if asset.stored_file.is_unfinished],
        "accepted": media_types.in_words(settings.UPLOAD_MEDIA_TYPES),
        "most_bytes": settings.UPLOAD_MAX_FILE_BYTES,
    }
    return render(request, "assets/upload.html", context, status=status)


def _receive(request: HttpRequest, form: UploadForm) -> list[Result]:
    files, about = form.cleaned_data["files"], form.about()
    results: list[Result] = []
    for file in files:
        taken = sum(result.asset is not None for result in results)
        results.append(_result(request, file, {**about, "title": _title(about["title"], taken + 1, len(files))}))
    refresh(results, request.user)
    return results


def refresh(results: list[Result], user: User) -> None:
    """The entries again, with what the answer shows of them, in one query instead of several for each."""
    assets = Asset.objects.with_details(user).in_bulk([result.asset.pk for result in results if result.asset])
    for result in results:
        result.asset = result.asset and assets[result.asset.pk]


def _result(request: HttpRequest, file: SpooledFile, about: UploadMetadata) -> Result:
    name = file.name or ""
    try:
        received = receive_upload(file, owner=request.user, **about)
    except ValidationError as error:
        return Result(name, error=error)
    return Result(name, received.asset, received)


def _title(title: str, number: int, count: int) -> str:
    """The form's title for one file, with a number for several."""
    return f"{title[:190]} {number}" if title and count > 1 else title
