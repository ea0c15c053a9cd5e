"""Importing files by URL, from the page for uploads and from the tray."""

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from assets import permissions
from assets.imports.forms import ImportForm
from assets.imports.receive import import_url
from assets.permissions import AuthHttpRequest
from assets.uploads.receive import UploadMetadata
from assets.uploads.results import UploadResult
from assets.uploads.views import render_results


@require_http_methods(["GET", "HEAD", "POST"])
def by_url(request: AuthHttpRequest) -> HttpResponse:
    """Import files by URL; each gets a result of its own, in the order of the addresses."""
    permissions.require_member(request.user)
    if request.method != "POST":
        return redirect("upload")
    form = ImportForm(request.POST)
    urls = form.cleaned_data["urls"] if form.is_valid() else []
    return render_results(request, form, [_import(request, url, form.metadata(request.user)) for url in urls])


def _import(request: AuthHttpRequest, url: str, metadata: UploadMetadata) -> UploadResult:
    try:
        receipt = import_url(url, owner=request.user, **metadata)
    except ValidationError as error:
        return UploadResult(url, error=error)
    return UploadResult(receipt.asset.file_name, receipt.asset, receipt)
